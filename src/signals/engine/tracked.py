"""The engine's memory while one evaluation runs, and the small readings every look needs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import msgspec

from signals.detectors.contract import Rule, RuleKind, Variant
from signals.detectors.language.names import UNKNOWN, Truth
from signals.detectors.moment import Look, Moment
from signals.domain.account.life import Episode, Life
from signals.domain.reasons import Severity
from signals.engine.values import exact, restore


@dataclass
class Tracked:
    """Mutable while one evaluation runs: the engine's memory of the account."""

    episodes: dict[str, Episode]
    timers: dict[str, datetime]
    unknown: set[str]
    once: dict[str, datetime]
    pitches: dict[str, datetime]

    @classmethod
    def of(cls, life: Life) -> "Tracked":
        """Return a copy to work on; *life* stays as it is."""
        return cls(dict(life.episodes), dict(life.timers), set(life.unknown), dict(life.once), dict(life.pitches))

    def remembered(self, life: Life, now: datetime) -> Life:
        """Return *life* as it is now; what is as it was stays the very same, which is how ``Standing`` tells."""
        unknown = tuple(sorted(self.unknown))
        return msgspec.structs.replace(
            life,
            episodes=life.episodes if self.episodes == life.episodes else dict(sorted(self.episodes.items())),
            timers=dict(sorted(self.timers.items())),
            unknown=life.unknown if unknown == life.unknown else unknown,
            once=self.once,
            pitches={signal: at for signal, at in self.pitches.items() if not is_forgotten(at, now)},
        )


def severity_of(rule: Rule, variant: Variant | None, look: Look, step: int = -1) -> Severity:
    """Return the severity now: the rung's, else the first case that holds, else the variant's, else the rule's."""
    if rule.kind is RuleKind.STEPS and step >= 0:
        rung = rule.steps[step].severity
        if rung is not None:
            return rung
    for case in rule.severities:
        if case.when.evaluate(look) is True:
            return case.severity
    return variant.severity if variant is not None and variant.severity is not None else rule.severity


def variant_of(rule: Rule, look: Look) -> Variant | None:
    """Return the first variant that holds."""
    return next((one for one in rule.variants if one.when.evaluate(look) is True), None)


def sample_of(rule: Rule, moment: Moment) -> str:
    """Return the name of the current sample of ``confirm``: the newest report, week or day."""
    if rule.confirm is None:
        return ""
    match rule.confirm.of:
        case "reports":
            newest = moment.state.usage.reported.newest()
            return str(newest) if newest is not None else ""
        case "weeks":
            year, week, _ = moment.today.isocalendar()
            return f"{year}-{week}"
        case "days":
            return moment.today.isoformat()


def once_tag(rule: Rule, key: str, moment: Moment) -> str:
    """Return the name of the span in which a rule may open once."""
    match rule.once:
        case "period":
            span = moment.today.strftime("%Y-%m")
        case "contract":
            span = str(moment.fact("contract.starts_on", Look(moment)))
        case _:
            span = ""
    return f"{rule.id}|{key}|{span}"


def truth_of(value: object) -> Truth:
    """Return a condition's value as one of three; anything that is not a truth is unknown."""
    if value is True or value is False:
        return value
    return UNKNOWN


def frozen_values(rule: Rule, look: Look) -> dict[str, str]:
    """Return what the rule keeps of its opening, as text."""
    return {name: exact(expression.evaluate(look)) for name, expression in rule.freezes.items()}


def restored_values(rule: Rule, episode: Episode | None) -> Mapping[str, object] | None:
    """Return what was kept, typed again where it is asked for; None unless the signal is open."""
    return Restored(rule, episode.frozen) if episode is not None and episode.state == "open" else None


class Restored(Mapping[str, object]):
    """The values an episode kept of its opening, by name."""

    __slots__ = ("_frozen", "_rule")

    def __init__(self, rule: Rule, frozen: Mapping[str, str]) -> None:
        self._rule, self._frozen = rule, frozen

    def __getitem__(self, name: str) -> object:
        return restore(self._frozen[name], self._rule.freezes[name].kind)

    def __iter__(self) -> Iterator[str]:
        return (name for name in self._frozen if name in self._rule.freezes)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def instant_of(value: object, moment: Moment) -> datetime | None:
    """Return an anchor as an instant: a calendar day begins at the business zone's midnight."""
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime.combine(value, time(), moment.zone).astimezone(UTC)
    return None


PITCH_DAYS = 90
"""How long pitches are remembered: three times the month the guard asks for."""


def is_forgotten(pitched: datetime, now: datetime) -> bool:
    """Say whether a pitch lies too far back to matter to any guard."""
    return pitched <= now - timedelta(days=PITCH_DAYS)
