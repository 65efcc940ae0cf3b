"""A scope and names for tests of the rule language: plain dictionaries stand for the engine's facts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from signals.detectors.language.names import UNKNOWN, Fact, Function, Kind, Names, Param, Scope, Truth

NOW = datetime(2026, 3, 15, 12, 0, tzinfo=UTC)
ZONE = ZoneInfo("America/New_York")


@dataclass
class FakeScope:
    """Facts from a mapping; a fact that is not given is unknown."""

    facts: Mapping[str, object] = field(default_factory=dict)
    now: datetime = NOW
    zone: ZoneInfo = ZONE
    account: str = "Acme"
    opened: Mapping[str, object] | None = None
    item: object | None = None
    event: object | None = None
    signals: Mapping[Any, Truth] = field(default_factory=dict)
    levels: Mapping[str, int] = field(default_factory=dict)
    lets: dict[str, object] = field(default_factory=dict)

    @property
    def today(self) -> date:
        """The business day."""
        return self.now.astimezone(self.zone).date()

    def fact(self, name: str, /) -> object:
        """Return the given value."""
        return self.facts.get(name, UNKNOWN)

    def signal(self, rule: str, key: str | None = None, /) -> Truth:
        """Return the given truth, by (rule, key) or by rule."""
        return self.signals.get(rule if key is None else (rule, key), UNKNOWN)

    def role_of(self, person: object, /) -> str:  # noqa: ARG002  # nobody is known here
        """Return that no role is known."""
        return ""

    def open_level(self, level: str, /) -> int:
        """Return the given count."""
        return self.levels.get(level, 0)


def fact(name: str, kind: Kind, unit: str = "", *, daily: bool = False, **fields: Kind) -> Fact:
    """Return a fact that tests set through ``FakeScope.facts``."""
    return Fact(
        name=name, kind=kind, unit=unit, doc="", reads=frozenset({name}), get=lambda scope: scope.fact(name),
        daily=daily, fields=fields, label=name.replace(".", " ").replace("_", " ").capitalize(),
    )  # fmt: skip


def total(_scope: Scope, series: Mapping[int, object], window: timedelta, offset: timedelta = timedelta(0)) -> object:
    """Return what the series (window days -> sum) says for the window that ends *offset* ago."""
    return series.get(window.days + offset.days, UNKNOWN)


NAMES = Names.of(
    [
        fact("mrr", Kind.MONEY, "USD/month"),
        fact("arr", Kind.MONEY, "USD/year"),
        fact("billing.limit", Kind.MONEY, "USD"),
        fact("members", Kind.COUNT, "count"),
        fact("active", Kind.COUNT, "count", daily=True),
        fact("growth", Kind.SHARE, "share"),
        fact("managed", Kind.BOOL),
        fact("plan", Kind.TEXT),
        fact("created_at", Kind.INSTANT),
        fact("seen_at", Kind.INSTANT),
        fact("starts_on", Kind.DATE),
        fact("ends_on", Kind.DATE),
        fact("usage.total", Kind.SERIES, "count", daily=True),
        fact("products", Kind.SET),
        fact("people", Kind.LIST, id=Kind.TEXT, family=Kind.TEXT, seen_at=Kind.INSTANT, joined_on=Kind.DATE,
             acts=Kind.COUNT, spend=Kind.MONEY, lead=Kind.BOOL),
        fact("contract", Kind.RECORD, ends_on=Kind.DATE, credit=Kind.MONEY),
    ],
    [
        Function(
            "total", (Kind.SERIES, Kind.DURATION, Kind.DURATION), Kind.COUNT, total, "total(series, window, offset)",
            optional=1, daily=True, unit="count",
        ),
    ],
)  # fmt: skip


def param(name: str, value: Any, unit: str = "", source: str = "handbook") -> Param:
    """Return a parameter; a text that is a number becomes a Decimal."""
    return Param(name, value, unit, source)


PARAMS = {
    each.name: each
    for each in (
        param("floor", Decimal("1666.67"), "USD/month"),
        param("drop", Decimal("0.2"), "share"),
        param("few", 5, "count"),
        param("week", timedelta(days=7)),
        param("fortnight", timedelta(days=14)),
        param("hours", timedelta(hours=48)),
        param("wanted", frozenset({"replay", "flags"})),
        param("lead_family", "engineering"),
    )
}
