"""What an expression may read: facts and functions, registered by the engine; and the values they hand over.

Two values are special. ``UNKNOWN`` (``msgspec.UNSET``) is "we do not know" and spreads through everything; ``None`` is
"known to be absent", written ``null`` in an expression.
"""

from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import IntEnum, StrEnum
from typing import Literal, Protocol, TypeAlias
from zoneinfo import ZoneInfo

from msgspec import UNSET, UnsetType

from signals.domain.classes import FieldClass

UNKNOWN = UNSET
Unknown: TypeAlias = UnsetType

Truth: TypeAlias = bool | UnsetType
"""The three values of a condition: known true, known false, ``UNKNOWN``."""


class Kind(StrEnum):
    """What sort of value a name has; decides what it may be compared and combined with.

    NUMBER, SHARE and COUNT are interchangeable numbers (``int`` or ``Decimal``, never ``float``). INSTANT is an aware
    ``datetime``, DATE a calendar day of the business zone; the two never mix. RECORD is one object with attributes,
    LIST a collection of such objects, SET a collection of texts. A SERIES is opaque: only functions take it.
    """

    NUMBER = "number"
    MONEY = "money"
    SHARE = "share"
    COUNT = "count"
    BOOL = "bool"
    TEXT = "text"
    INSTANT = "instant"
    DATE = "date"
    DURATION = "duration"
    SERIES = "series"
    SET = "set"
    RECORD = "record"
    LIST = "list"
    ANY = "any"


class Close(IntEnum):
    """Which closes of a business day may make a condition true that was not, while every fact rests."""

    NEVER = 0
    REPORTED = 1
    """Only one whose day was reported before it ended. Otherwise a sum that reaches to yesterday becomes "at least" a
    part of what it was, from which no such condition follows; it is looked at when the report comes."""
    MONTH = 2
    """The first of a month too."""
    DAY = 3


class Scope(Protocol):
    """One evaluation: where an expression gets its values. The engine makes a fresh one per rule and element.

    Read-only properties, so plain attributes, slots and frozen dataclasses all satisfy it.
    """

    @property
    def now(self) -> datetime:
        """The account's clock, aware."""

    @property
    def today(self) -> date:
        """The calendar day of ``now`` in ``zone``."""

    @property
    def zone(self) -> ZoneInfo:
        """The business zone."""

    @property
    def account(self) -> str:
        """The account's name, else its id; for templates."""

    @property
    def lets(self) -> MutableMapping[str, object]:
        """A cache of ``let`` values: starts empty for each rule, element and instant; only compiled code writes it."""

    @property
    def opened(self) -> Mapping[str, object] | None:
        """Values frozen when the signal opened, by the names in ``Rule.freezes``; None while it is not open."""

    @property
    def item(self) -> object | None:
        """The element of ``each`` that is looked at."""

    @property
    def event(self) -> object | None:
        """The event of an edge rule."""

    def fact(self, name: str, /) -> object:
        """Return the value of a registered fact; memoised by the engine for the evaluation. Called often."""

    def signal(self, rule: str, key: str | None = None, /) -> Truth:
        """Return whether another rule's condition holds; with no key: for any key."""

    def open_level(self, level: str, /) -> int:
        """Return how many other rules of that churn level have a condition that holds."""

    def role_of(self, person: object, /) -> str:
        """Return the role family of a person by id, empty when it is not known: what a card says instead of a name."""


@dataclass(frozen=True, eq=False)
class Fact:
    """A named fact about an account.

    Parameters
    ----------
    name
        Dotted, such as ``usage.total`` or ``people``.
    unit
        ``USD``, ``USD/month``, ``USD/year``, ``share``, ``count``, ``days``, ``months``, or a word; empty if none.
    doc
        One sentence for ``docs`` and load errors.
    reads
        The state fields it depends on; opaque here, used by the engine to know what to look at again.
    get
        Called by the scope, at most once per evaluation. Returns a value of ``kind``, ``UNKNOWN`` or ``None``.
    daily
        The value changes only when a business day closes.
    closes
        Where that is known better: which closes matter to a comparison with the value.
    only_if
        A BOOL fact that is never true while this one is not.
    elements_from
        Of a LIST: the state fields without which no element comes, whatever else moves and however many days close
        (they may go). None: that is not known, and ``reads`` and every close count.
    calendar
        The value follows the calendar even where nothing is in the fields it reads.
    timed
        The value may follow the clock within a day, so that it is good for one instant only.
    sinks
        Closes of a day only ever lower it while its fields rest (a count over a window that reaches to today), so that
        what it does not reach it will not reach by waiting. Of a BOOL: they never make it true.
    fields
        For RECORD and LIST: attribute of an element -> kind. Elements are objects with these attributes, or mappings.
    label
        The reader's words for evidence, such as ``Recordings in 30 days``.
    bounded
        ``get`` may return ``AtLeast``.
    sensitive
        Sensitive classes of a TEXT or SET; those of elements stand in ``fields`` (``classes.Fields``).
    parts
        Attribute of an element -> state fields it depends on besides ``reads``.
    rises_with
        State fields that only ever raise the value (a count of people, the units of a series), so that what it exceeds
        stays exceeded.
    parts_rise_with
        The same for a count among the attributes of an element.
    """

    name: str
    kind: Kind
    unit: str
    doc: str
    reads: frozenset[str]
    get: Callable[[Scope], object]
    daily: bool = False
    fields: Mapping[str, Kind] = field(default_factory=dict)
    label: str = ""
    bounded: bool = False
    sensitive: frozenset[FieldClass] = frozenset()
    parts: Mapping[str, frozenset[str]] = field(default_factory=dict)
    rises_with: frozenset[str] = frozenset()
    parts_rise_with: Mapping[str, frozenset[str]] = field(default_factory=dict)
    closes: Close = Close.DAY
    only_if: "Fact | None" = None
    elements_from: frozenset[str] | None = None
    sinks: bool = False
    calendar: bool = False
    timed: bool = False


@dataclass(frozen=True, eq=False)
class Function:
    """A function over facts, such as ``total(series, window, offset)``.

    ``call(scope, *values)`` gets values of the kinds in ``takes``; the last ``optional`` of them may be left out. It is
    never called with ``UNKNOWN``, ``None`` or ``AtLeast`` (the result is then ``UNKNOWN`` already), unless a kind taken
    is ``ANY``. It may return ``UNKNOWN``, ``None`` or ``AtLeast``.
    """

    name: str
    takes: tuple[Kind, ...]
    gives: Kind
    call: Callable[..., object]
    doc: str
    optional: int = 0
    daily: bool = False
    unit: str = ""
    fields: Mapping[str, Kind] = field(default_factory=dict)
    """Where it gives a RECORD or a LIST: attribute of an element -> kind."""
    closes: Close = Close.DAY
    """Like that of a fact, when nothing optional is given."""
    reads: str = ""
    """The state field that moves when a report touches what it sums (closed weeks, closed months), where that is less
    than the fields of the series; "" where it is not. Of a function with a count of months: from 1 month ago on."""
    state: frozenset[str] = frozenset()
    """State fields it reads of an element that is handed over, besides those of the collection; of each the entries
    that are named by a text among the arguments, where there is one."""
    cost: int = 1
    """Roughly, in sums over a window: of two terms that move equally often the cheaper one is asked first."""
    counts: bool = False
    """Where the days are not all known it is at least what was counted on them, so that only more units of the series,
    its first argument, make it reach a number."""
    sinks: bool = False
    """It counts, of days that reach to today: a close only takes days away. What it does not know for want of reports
    does not make it larger either."""
    rises: Literal["", "today", "ever"] = ""
    """It sums its first argument, a series: where that only rises, so does the result, until the day closes or for
    good."""


@dataclass(frozen=True)
class AtLeast:
    """A sum of which some parts are not reported: it is ``value`` or more. Facts and functions may give it.

    An order is decided where the bound decides it (``>=`` can hold, ``<`` can be refuted), else unknown; arithmetic
    with it is unknown. ``==`` between two of these is Python's own, for tests; in expressions ``== 0`` can only be
    refuted.

    >>> AtLeast(3) >= 2, AtLeast(3) >= 4, AtLeast(3) < 3, 1 - AtLeast(3)
    (True, UNSET, False, UNSET)
    """

    value: int | Decimal

    def __ge__(self, other: object) -> Truth:
        return True if isinstance(other, int | Decimal) and self.value >= other else UNKNOWN

    def __gt__(self, other: object) -> Truth:
        return True if isinstance(other, int | Decimal) and self.value > other else UNKNOWN

    def __lt__(self, other: object) -> Truth:
        return False if isinstance(other, int | Decimal) and self.value >= other else UNKNOWN

    def __le__(self, other: object) -> Truth:
        return False if isinstance(other, int | Decimal) and self.value > other else UNKNOWN

    def _unknown(self, _other: object) -> Unknown:
        return UNKNOWN

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = _unknown


@dataclass(frozen=True)
class Partial:
    """A collection of which only some elements are known: a quantifier over it can find, but not rule out."""

    items: tuple[object, ...]


@dataclass(frozen=True)
class Names:
    """Everything rules may read; made once by the engine's catalogue of facts."""

    facts: Mapping[str, Fact]
    functions: Mapping[str, Function] = field(default_factory=dict)

    @classmethod
    def of(
        cls, facts: "list[Fact] | tuple[Fact, ...]", functions: "list[Function] | tuple[Function, ...]" = ()
    ) -> "Names":
        """Return names by their own ``name``; raises ``ValueError`` for one given twice."""
        by_name = {fact.name: fact for fact in facts}
        by_function = {function.name: function for function in functions}
        if len(by_name) != len(facts) or len(by_function) != len(functions):
            raise ValueError("a fact or function is registered twice")
        return cls(by_name, by_function)


ParamValue: TypeAlias = int | Decimal | timedelta | str | bool | frozenset[str]


@dataclass(frozen=True)
class Param:
    """A named parameter of a rule: every threshold is one, and says where it comes from."""

    name: str
    value: ParamValue
    unit: str
    source: str
    """``handbook``, ``proposed``, ``ours``, or ``override`` when a user's folder set it."""
    doc: str = ""

    @property
    def kind(self) -> Kind:
        """The kind that follows from unit and value."""
        return kind_of_param(self.value, self.unit)


def kind_of_param(value: object, unit: str) -> Kind:
    """Return the kind of a parameter's value.

    >>> kind_of_param(Decimal("1666.67"), "USD/month"), kind_of_param(Decimal("0.30"), "share")
    (<Kind.MONEY: 'money'>, <Kind.SHARE: 'share'>)
    """
    match value:
        case bool():
            return Kind.BOOL
        case timedelta():
            return Kind.DURATION
        case frozenset():
            return Kind.SET
        case str():
            return Kind.TEXT
    if unit.startswith("USD"):
        return Kind.MONEY
    if unit == "share":
        return Kind.SHARE
    return Kind.COUNT if isinstance(value, int) else Kind.NUMBER


def conforms(value: object, kind: Kind) -> bool:
    """Return whether a fact's value is what its kind promises; for contract tests of facts, not for the hot path.

    >>> conforms(0.5, Kind.SHARE), conforms(Decimal("0.5"), Kind.SHARE), conforms(None, Kind.SHARE)
    (False, True, True)
    """
    if value is UNKNOWN or value is None or kind in {Kind.ANY, Kind.SERIES, Kind.RECORD}:
        return True
    if isinstance(value, AtLeast):
        return kind in NUMERIC and conforms(value.value, kind)
    match kind:
        case Kind.NUMBER | Kind.MONEY | Kind.SHARE:
            return isinstance(value, int | Decimal) and not isinstance(value, bool)
        case Kind.COUNT:
            return isinstance(value, int) and not isinstance(value, bool)
        case Kind.BOOL:
            return isinstance(value, bool)
        case Kind.TEXT:
            return isinstance(value, str)
        case Kind.INSTANT:
            return isinstance(value, datetime) and value.tzinfo is not None
        case Kind.DATE:
            return isinstance(value, date) and not isinstance(value, datetime)
        case Kind.DURATION:
            return isinstance(value, timedelta)
        case Kind.SET:
            return isinstance(value, frozenset | tuple | list | set | dict)
        case _:
            return isinstance(value, tuple | list | Partial)


NUMBERS = frozenset({Kind.NUMBER, Kind.SHARE, Kind.COUNT})
NUMERIC = NUMBERS | {Kind.MONEY}

__all__ = [
    "NUMBERS", "NUMERIC", "UNKNOWN", "AtLeast", "Close", "Fact", "Function", "Kind", "Names", "Param", "ParamValue",
    "Partial", "Scope", "Truth", "Unknown", "conforms", "kind_of_param",
]  # fmt: skip
