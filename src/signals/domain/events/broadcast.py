"""What may be said to every account at once: a record of the broadcast topic is addressed to nobody by name."""

from signals.domain.events.base import Event
from signals.domain.events.described import TraitsReported
from signals.domain.events.incidents import IncidentDeclared, IncidentResolved
from signals.domain.events.market import LaunchAnnounced, PriceChanged
from signals.domain.traits.table import TRAITS

EVERYONE = "*"
"""Stands for every account: the ``org_id`` and the Kafka key of a broadcast. No account is called so."""

BroadcastEvent = IncidentDeclared | IncidentResolved | LaunchAnnounced | PriceChanged | TraitsReported
"""The rest is about one account: usage, a ticket or an invoice of everybody is a mistake of the source."""


def not_for_everyone(event: Event) -> str | None:
    """Return why an event must not be broadcast, or None. A kind that may be can still say what is one account's."""
    if not isinstance(event, TraitsReported):
        return None
    own = sorted(name for name in event.traits if name in TRAITS and not TRAITS[name].shared)
    if not own:
        return None
    valid = ", ".join(sorted(name for name, trait in TRAITS.items() if trait.shared))
    return f"traits.{own[0]} is each account's own and cannot be broadcast; valid: {valid}"
