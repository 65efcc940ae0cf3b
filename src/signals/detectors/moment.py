"""One account at one instant, and one look at it by one rule: where expressions get their values."""

from collections.abc import Callable, Mapping, MutableMapping
from datetime import date, datetime
from typing import cast
from zoneinfo import ZoneInfo

from msgspec import UNSET

from signals.detectors.language.names import UNKNOWN, Close, Fact, Kind, Names, Scope, Truth
from signals.detectors.terms import Terms
from signals.domain.account.daily import business_day
from signals.domain.account.state import Account


class Moment:
    """An account at an instant. Facts are computed once and shared by every rule that looks.

    ``today_number`` and ``created_number`` are the ordinals of today and of the day the organization was created (None:
    not known), ``known_from`` .. ``known_until`` the newest days of which usage is known without a gap. ``truths`` is
    filled as rules are evaluated, in the order of what they read: rule -> key -> condition holds. ``levels`` names the
    rules of each churn level, ``empty`` remembers which state fields have nothing in them. ``facts`` are values that
    are known to be those of this moment; it is filled with what is asked.
    """

    __slots__ = (
        "_memo", "_shared", "created_number", "empty", "known_from", "known_until", "levels", "names", "now", "state",
        "terms", "today", "today_number", "truths", "zone",
    )  # fmt: skip

    def __init__(
        self,
        state: Account,
        now: datetime,
        *,
        zone: ZoneInfo,
        terms: Terms,
        names: Names,
        truths: dict[str, dict[str, Truth]],
        levels: Mapping[str, tuple[str, ...]],
        facts: dict[str, object] | None = None,
    ) -> None:
        self.state, self.now, self.zone, self.terms, self.names = state, now, zone, terms, names
        self.today_number = business_day(now, zone)
        self.today = date.fromordinal(self.today_number)
        created = state.profile.created_at
        self.created_number = None if created is UNSET else business_day(created, zone)
        self.known_from, self.known_until = self._known()
        self.truths, self.levels = truths, levels
        self._memo: dict[str, object] = {} if facts is None else facts
        self._shared: dict[str, object] = {}
        self.empty: dict[str, bool] = {}

    def _known(self) -> tuple[int, int]:
        """Return the newest run of days of which usage is known: reported, or before the organization existed."""
        runs = self.state.usage.reported.runs
        if not runs:
            return 1, 0
        first, last = runs[-1]
        created = self.created_number
        return (0 if created is not None and created >= first else first), last

    def fact(self, name: str, look: "Look") -> object:
        """Return a fact's value, computing it at the first asking."""
        memo = self._memo
        if name in memo:
            return memo[name]
        value = self.names.facts[name].get(look)
        memo[name] = value
        return value

    def cached(self, key: str, make: Callable[[], object]) -> object:
        """Return a value several facts or functions share (a window sum, the current contract).

        Its keys are no names of facts: one that sounds like a fact is another value.
        """
        shared = self._shared
        if key not in shared:
            shared[key] = make()
        return shared[key]

    def truth(self, rule: str, key: str | None) -> Truth:
        """Return whether another rule's condition holds, for *key* or for any key."""
        by_key = self.truths.get(rule)
        if not by_key:
            return False
        if key is not None:
            return by_key.get(key, False)
        values = by_key.values()
        if any(value is True for value in values):
            return True
        return UNKNOWN if any(value is UNKNOWN for value in values) else False


class Look:
    """One rule's look at a moment, for one element of its ``each`` or one event: the ``Scope`` of the language."""

    __slots__ = ("event", "item", "lets", "moment", "opened")

    def __init__(
        self,
        moment: Moment,
        *,
        item: object | None = None,
        event: object | None = None,
        opened: Mapping[str, object] | None = None,
    ) -> None:
        self.moment, self.item, self.event, self.opened = moment, item, event, opened
        self.lets: MutableMapping[str, object] = {}

    @property
    def now(self) -> datetime:
        """The account's clock."""
        return self.moment.now

    @property
    def today(self) -> date:
        """The business day of ``now``."""
        return self.moment.today

    @property
    def zone(self) -> ZoneInfo:
        """The business zone."""
        return self.moment.zone

    @property
    def account(self) -> str:
        """The account's name, its id while it has none."""
        name = self.moment.state.profile.name
        return name if isinstance(name, str) else self.moment.state.org_id

    def fact(self, name: str, /) -> object:
        """Return a registered fact's value."""
        return self.moment.fact(name, self)

    def signal(self, rule: str, key: str | None = None, /) -> Truth:
        """Return whether another rule's condition holds."""
        return self.moment.truth(rule, key)

    def role_of(self, person: object, /) -> str:
        """Return the role family of a person by id, else that of the person looked at."""
        known = self.moment.state.people.persons.get(person) if isinstance(person, str) else None
        family = known.family if known is not None else getattr(self.item, "family", None)
        return family if isinstance(family, str) else ""

    def open_level(self, level: str, /) -> int:
        """Return how many rules of a churn level have a condition that holds."""
        return sum(self.moment.truth(rule, None) is True for rule in self.moment.levels.get(level, ()))


def fact(
    name: str,
    kind: Kind,
    get: Callable[[Look], object],
    *reads: str,
    unit: str = "",
    doc: str,
    daily: bool = False,
    fields: Mapping[str, Kind] | None = None,
    label: str = "",
    bounded: bool = False,
    parts: Mapping[str, frozenset[str]] | None = None,
    rises_with: frozenset[str] = frozenset(),
    parts_rise_with: Mapping[str, frozenset[str]] | None = None,
    closes: Close = Close.DAY,
    only_if: Fact | None = None,
    elements_from: tuple[str, ...] | None = None,
    sinks: bool = False,
    calendar: bool = False,
    timed: bool = False,
) -> Fact:
    """Return a registered fact; *get* is called with a ``Look``, which is the only scope the engine makes."""
    return Fact(
        name=name,
        kind=kind,
        unit=unit,
        doc=doc,
        reads=frozenset(reads),
        get=cast("Callable[[Scope], object]", get),
        daily=daily,
        fields=fields or {},
        label=label,
        bounded=bounded,
        parts=parts or {},
        rises_with=rises_with,
        parts_rise_with=parts_rise_with or {},
        closes=closes,
        only_if=only_if,
        elements_from=None if elements_from is None else frozenset(elements_from),
        sinks=sinks,
        calendar=calendar,
        timed=timed,
    )
