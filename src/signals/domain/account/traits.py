"""Traits as last reported: what each is, and since when."""

from datetime import datetime

import msgspec

from signals.domain.events.described import TraitsReported
from signals.domain.traits.table import TRAITS
from signals.domain.traits.trait import RawTrait


class TraitState(msgspec.Struct, frozen=True, array_like=True):
    """One trait as the source wrote it.

    Parameters
    ----------
    value
        As in the event; ``trait_value`` gives it its type.
    at
        Event time of the report that counts.
    since
        Event time of the first report in a row with this value.
    """

    value: RawTrait
    at: datetime
    since: datetime


class Traits(msgspec.Struct, frozen=True, omit_defaults=True):
    """Trait facts: name -> state; a name not here is not known."""

    values: dict[str, TraitState] = {}


def traits_reported(traits: Traits, event: TraitsReported) -> Traits:
    """Set the traits we know, unless a later report set them already."""
    values = dict(traits.values)
    for name, value in event.traits.items():
        known = values.get(name)
        if name not in TRAITS or (known is not None and event.at < known.at):
            continue
        since = known.since if known is not None and known.value == value else event.at
        values[name] = TraitState(value, event.at, since)
    return Traits(values)
