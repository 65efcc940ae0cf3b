"""While we were away: what one message holds instead of many stale cards, and how its parts join. Pure.

Each worker that finds too many stale cards for a destination writes a ``Part``; whoever has the destination's home
partition joins the parts into what the one message shows (``Held``). Joining is by signal, so a part that comes twice
changes nothing, and the order of parts does not matter.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Literal

import msgspec

from signals.domain.ids import derive_id
from signals.domain.reasons import SEVERITY_RANK, FamilyName, Severity
from signals.sinks.spans import Line

TOP = 8
# Lines of single signals. What is read on a phone in a minute; the rest is counts.
CATCH_UP: Literal["catch_up"] = "catch_up"


class Missed(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One signal in a digest, as its last step left it: enough for its line and its place."""

    signal_id: str
    at: datetime
    family: FamilyName
    severity: Severity
    headline: Line
    value_at_stake: Decimal | None = None


class Part(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one worker adds to a destination's digest; stands on ``deliveries.<sink>`` beside the deliveries."""

    kind: Literal["catch_up"]
    id: str
    sink: str
    destination: str
    missed: tuple[Missed, ...] = ()
    over: tuple[str, ...] = ()
    """Ids of signals that came and went meanwhile."""
    erased: tuple[str, ...] = ()
    """Ids of signals that must not be named any more."""


class Held(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a digest shows: enough to draw it again with more in it."""

    id: str
    first: datetime | None = None
    last: datetime | None = None
    counts: dict[str, int] = {}
    """Signals by ``family/severity``."""
    top: tuple[Missed, ...] = ()
    """The most severe first, then those with most at stake; at most ``TOP``."""
    ids: tuple[str, ...] = ()
    """Of all signals in it."""
    over: tuple[str, ...] = ()


def begin(part: Part) -> Held:
    """Return an empty digest whose id depends on the first part in it."""
    return Held(id=derive_id("digest", part.destination, part.id))


def join(held: Held, parts: Iterable[Part], *, known: frozenset[str] = frozenset()) -> Held:
    """Return *held* with *parts* in it. Signals that are in it, or in *known*, are not counted again."""
    counts, top = Counter(held.counts), list(held.top)
    seen, over = dict.fromkeys(held.ids), dict.fromkeys(held.over)
    moments = [at for at in (held.first, held.last) if at is not None]
    erased: set[str] = set()
    for part in parts:
        erased.update(part.erased)
        over.update(dict.fromkeys(signal for signal in part.over if signal not in known))
        for one in part.missed:
            if one.signal_id in seen or one.signal_id in known:
                continue
            seen[one.signal_id] = None
            counts[f"{one.family}/{one.severity}"] += 1
            moments.append(one.at)
            top.append(one)
    best = sorted((one for one in top if one.signal_id not in erased), key=_rank)
    return Held(
        id=held.id,
        first=min(moments, default=None),
        last=max(moments, default=None),
        counts=dict(sorted(counts.items())),
        top=tuple(best[:TOP]),
        ids=tuple(seen),
        over=tuple(over),
    )


def turn_page(before: Held | None, parts: Sequence[Part], *, anew: bool) -> Held:
    """Return what a destination's digest shows with *parts* in it.

    Parameters
    ----------
    before
        What its last digest shows; None: there was none.
    anew
        Whether that one is too old to be joined to. Signals that were in it are not shown again.
    """
    if before is None:
        return join(begin(parts[0]), parts)
    if not anew or not any(part.missed or part.over for part in parts):
        return join(before, parts)
    return join(begin(parts[0]), parts, known=frozenset(before.ids + before.over))


def _rank(one: Missed) -> tuple[int, Decimal, datetime, str]:
    return -SEVERITY_RANK[one.severity], -(one.value_at_stake or Decimal(0)), one.at, one.signal_id
