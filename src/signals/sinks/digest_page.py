"""The digest as a person sees it: one content model from which every sink draws. Pure."""

from collections import Counter
from collections.abc import Iterable
from decimal import Decimal

import msgspec

from signals.domain.ids import derive_id
from signals.domain.reasons import SEVERITY_RANK, FamilyName, Severity
from signals.domain.signal import Link, Transition
from signals.sinks.appearance import FAMILY_WORDS, SEVERITY_WORDS, Appearance
from signals.sinks.card import headline_of
from signals.sinks.digest import CATCH_UP, Held, Missed, Part
from signals.sinks.safety import safe_url
from signals.sinks.spans import Line, Moment, Words, words
from signals.sinks.wording import as_words, count_of, number


class Digest(msgspec.Struct, frozen=True, kw_only=True):
    """What a person sees."""

    id: str
    headline: Line
    status: tuple[Line, ...]
    families: tuple[str, ...]
    top: tuple[Line, ...]
    rest: str
    button: Link | None
    notification: str


def missed(transition: Transition) -> Missed:
    """Return a signal's place in a digest, from its last step."""
    return Missed(
        signal_id=transition.signal_id,
        at=transition.at,
        family=transition.family,
        severity=transition.severity,
        headline=headline_of(transition),
        value_at_stake=transition.value_at_stake,
    )


def part_of(sink: str, destination: str, signals: Iterable[Transition]) -> Part:
    """Return the part that stands for *signals*, each given by its last step."""
    last = sorted(signals, key=lambda one: one.signal_id)
    return Part(
        kind=CATCH_UP,
        id=derive_id("catch-up", sink, destination, *(one.id for one in last)),
        sink=sink,
        destination=destination,
        missed=tuple(missed(one) for one in last if one.status == "open"),
        over=tuple(one.signal_id for one in last if one.status != "open"),
    )


def build_digest(held: Held, appearance: Appearance, *, see_all: str = "") -> Digest:
    """Return the message for *held*; *see_all* is the address of a page with all signals, where there is one."""
    total = len(held.ids)
    severities: Counter[str] = Counter()
    families: Counter[str] = Counter()
    for key, count in held.counts.items():
        family, _, severity = key.partition("/")
        families[family] += count
        severities[severity] += count
    found = count_of(Decimal(total), "signals", exact=True) if total else "nothing that still holds"
    ranked = sorted(severities.items(), key=lambda one: -SEVERITY_RANK[one[0]])
    tally = " · ".join(f"{_figure(count)} {SEVERITY_WORDS[Severity(name)]}" for name, count in ranked)
    worst = f", {_figure(ranked[0][1])} {SEVERITY_WORDS[Severity(ranked[0][0])]}" if ranked else ""
    span: Line = ()
    if held.first is not None and held.last is not None:
        span = (Moment(at=held.first), Words(text=" to "), Moment(at=held.last))
    url = safe_url(see_all) if see_all else ""
    return Digest(
        id=held.id,
        headline=words(f"While we were away: {found}", strong=True),
        status=tuple(line for line in (words(tally) if tally else (), span) if line),
        families=tuple(_family(name, count, appearance) for name, count in families.most_common()),
        top=tuple(_line(one) for one in held.top),
        rest=_rest(held),
        button=Link(label="See all", url=url) if url else None,
        notification=f"While we were away: {found}{worst}",
    )


def _figure(count: int) -> str:
    return number(Decimal(count), exact=True)


def _family(name: str, count: int, appearance: Appearance) -> str:
    family = FamilyName(name)
    return f"{appearance.emoji.get(family, '')} {FAMILY_WORDS[family]}: {_figure(count)}".strip()


def _line(one: Missed) -> Line:
    stake = one.value_at_stake
    behind = [SEVERITY_WORDS[one.severity]]
    if stake is not None and stake > 0:
        behind.append(f"{as_words(stake, 'USD/year')} at stake")
    return (*one.headline, Words(text=f" · {' · '.join(behind)}"))


def _rest(held: Held) -> str:
    said = []
    if (more := len(held.ids) - len(held.top)) > 0:
        said.append(f"{count_of(Decimal(more), 'more signals', exact=True)}.")
    if held.over:
        said.append(f"{count_of(Decimal(len(held.over)), 'others', exact=True)} came and went meanwhile.")
    if held.ids:
        said.append("Each gets a card of its own here when it escalates or is due for a reminder.")
    return " ".join(said)
