"""What one trait is, and how a reported value becomes one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import TypeAlias

RawTrait: TypeAlias = bool | int | str | list[str] | None
TraitValue: TypeAlias = bool | int | Decimal | str | date | datetime | tuple[str, ...] | None

MOST_ITEMS = 100
# Names in one set: an inventory of tools or destinations, not a log.


class TraitKind(StrEnum):
    """What a trait's value is, and how it is written in JSON."""

    BOOL = "true or false"
    COUNT = "whole number"
    NUMBER = "number, written as text"
    MONEY = "dollars, written as text"
    TEXT = "text"
    DAY = "day"
    INSTANT = "instant with a zone"
    SET = "list of texts"


@dataclass(frozen=True)
class Trait:
    """One row: ``doc`` is a sentence, ``label`` the reader's words in evidence."""

    kind: TraitKind
    doc: str
    unit: str = ""
    label: str = ""
    shared: bool = False
    """The same for every account, such as a quantile over all of them: it may be broadcast."""

    def value(self, name: str, raw: RawTrait) -> TraitValue:
        """Return *raw* as this kind; None (known to be absent) always passes. Raises ``ValueError``."""
        if raw is None:
            return None
        try:
            return _READ[self.kind](raw)
        except (ValueError, TypeError, InvalidOperation, OverflowError):
            raise ValueError(f"traits.{name} must be a {self.kind.value}, got {str(raw)[:80]!r}") from None


def _bool(raw: object) -> bool:
    if not isinstance(raw, bool):
        raise TypeError
    return raw


def _count(raw: object) -> int:
    if isinstance(raw, bool) or not isinstance(raw, int) or not 0 <= raw <= 10**15:
        raise TypeError
    return raw


def _number(raw: object) -> Decimal:
    if isinstance(raw, bool) or not isinstance(raw, int | str):
        raise TypeError
    number = Decimal(raw)
    if not number.is_finite() or abs(number) >= 10**12 or len(str(number)) > 40:
        raise ValueError
    return number


def _text(raw: object) -> str:
    if not isinstance(raw, str) or not 1 <= len(raw) <= 200:
        raise TypeError
    return raw


def _day(raw: object) -> date:
    return date.fromisoformat(_text(raw))


def _instant(raw: object) -> datetime:
    at = datetime.fromisoformat(_text(raw))
    if at.tzinfo is None or not 2000 <= at.year <= 9000:
        raise ValueError
    return at


def _set(raw: object) -> tuple[str, ...]:
    if not isinstance(raw, list) or len(raw) > MOST_ITEMS:
        raise TypeError
    return tuple(sorted({_text(one) for one in raw}))


_READ: Mapping[TraitKind, Callable[[object], TraitValue]] = {
    TraitKind.BOOL: _bool,
    TraitKind.COUNT: _count,
    TraitKind.NUMBER: _number,
    TraitKind.MONEY: _number,
    TraitKind.TEXT: _text,
    TraitKind.DAY: _day,
    TraitKind.INSTANT: _instant,
    TraitKind.SET: _set,
}
