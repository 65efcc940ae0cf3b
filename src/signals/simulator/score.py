"""How well an engine did: its transitions against the truth of a simulation."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from signals.domain.reasons import Change
from signals.domain.signal import Suppression, Transition
from signals.simulator.truth import Planted

OPENING = frozenset({Change.OPENED, Change.REOPENED})

SLACK = timedelta(hours=1)
# A report of a plotted day may be an hour into the next one; two signals of one rule are never planted that close.


@dataclass
class RuleScore:
    """Counts for one rule."""

    planted: int = 0
    found: int = 0
    unexpected: int = 0


@dataclass(frozen=True)
class Score:
    """What came of what was planted.

    ``missed`` are planted openings (or holds) that did not come; ``unexpected`` are openings nothing explains;
    ``not_closed`` are planted ends after which the signal was still open.
    """

    planted: int
    found: int
    missed: tuple[Planted, ...]
    unexpected: tuple[Transition, ...]
    not_closed: tuple[Planted, ...]
    by_rule: dict[str, RuleScore] = field(default_factory=dict)

    def text(self) -> str:
        """Return a summary in a few lines, for the end of a demo."""
        lines = [
            f"planted {self.planted}, found {self.found}, missed {len(self.missed)}, "
            f"unexpected {len(self.unexpected)}, not closed {len(self.not_closed)}"
        ]
        lines += [f"  missed      {one.rule} on {one.org_id} ({one.plot}): {one.why}" for one in self.missed]
        lines += [f"  unexpected  {one.rule} on {one.org_id} at {one.at:%Y-%m-%d %H:%M}" for one in self.unexpected]
        lines += [f"  not closed  {one.rule} on {one.org_id} by {one.until}" for one in self.not_closed]
        return "\n".join(lines)


def score(
    truth: Iterable[Planted], transitions: Iterable[Transition], suppressions: Iterable[Suppression] | None = None
) -> Score:
    """Compare what an engine said with what was planted.

    Repeats of a transition (same id) count once. A planted hold is looked for among *suppressions*; without them it is
    left out. An opening is explained by any line of truth of its rule, account and key, except ``quiet`` ones, that
    has begun by then and, when it has an end, is not over.
    """
    planted = list(truth)
    said = sorted({one.id: one for one in transitions}.values(), key=lambda one: (one.at, one.id))
    held = None if suppressions is None else list(suppressions)
    by_rule: dict[str, RuleScore] = {}
    missed, not_closed, found, wanted = [], [], 0, 0
    for one in planted:
        if one.expect not in ("opened", "held") or (one.expect == "held" and held is None):
            continue
        wanted += 1
        row = by_rule.setdefault(one.rule, RuleScore())
        row.planted += 1
        if _came(one, said, held or []):
            found += 1
            row.found += 1
        else:
            missed.append(one)
        if one.expect == "opened" and one.until is not None and _still_open(one, said):
            not_closed.append(one)
    unexpected = [one for one in said if one.change in OPENING and not any(_explains(line, one) for line in planted)]
    for transition in unexpected:
        by_rule.setdefault(transition.rule, RuleScore()).unexpected += 1
    return Score(wanted, found, tuple(missed), tuple(unexpected), tuple(not_closed), dict(sorted(by_rule.items())))


def _about(planted: Planted, said: Transition | Suppression) -> bool:
    same = said.org_id == planted.org_id and said.rule == planted.rule
    return same and (not planted.key or said.key == planted.key)


def _came(planted: Planted, said: list[Transition], held: list[Suppression]) -> bool:
    first, last = planted.start - SLACK, planted.by + SLACK
    if planted.expect == "held":
        return any(_about(planted, one) and first <= one.at <= last for one in held)
    return any(_about(planted, one) and one.change in OPENING and first <= one.at <= last for one in said)


def _explains(planted: Planted, said: Transition) -> bool:
    if planted.expect in ("quiet", "held") or not _about(planted, said):
        return False
    return planted.start - SLACK <= said.at and (planted.until is None or said.at <= planted.until + SLACK)


def _still_open(planted: Planted, said: list[Transition]) -> bool:
    last: dict[str, tuple[datetime, str]] = {}
    assert planted.until is not None  # noqa: S101 - the caller's condition, told to the type checker
    for one in said:
        if _about(planted, one) and planted.start - SLACK <= one.at <= planted.until + SLACK:
            last[one.signal_id] = (one.at, one.status)
    return any(status == "open" for _, status in last.values())
