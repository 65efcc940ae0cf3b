"""Values an episode freezes at its opening, as text and back; and coarse texts that tell when to edit a card."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from signals.detectors.language.names import UNKNOWN, Kind
from signals.detectors.language.words import canonical


def exact(value: object) -> str:
    """Return the text a frozen value is kept as: like ``canonical`` but nothing is rounded.

    >>> exact(Decimal("0.30")), exact(timedelta(days=1, seconds=1))
    ('0.30', '86401.0 s')
    """
    match value:
        case Decimal():
            return str(value)
        case timedelta():
            return f"{value.total_seconds()} s"
        case datetime():
            return value.astimezone(UTC).isoformat()
        case _:
            return canonical(value)


def restore(text: str, kind: Kind) -> object:
    """Return the value of a text made by ``exact``, as its kind says.

    >>> restore(exact(Decimal("0.30")), Kind.SHARE)
    Decimal('0.30')
    """
    if text == "none":
        return None
    if text == "unknown" or text.startswith("at least "):
        return UNKNOWN
    try:
        return _typed(text, kind)
    except (ValueError, InvalidOperation):
        return UNKNOWN  # frozen by an earlier version of the rule, as something else


def _typed(text: str, kind: Kind) -> object:
    match kind:
        case Kind.COUNT:
            return int(text)
        case Kind.NUMBER | Kind.MONEY | Kind.SHARE:
            return Decimal(text)
        case Kind.BOOL:
            return text == "true"
        case Kind.INSTANT:
            return datetime.fromisoformat(text)
        case Kind.DATE:
            return date.fromisoformat(text)
        case Kind.DURATION:
            return timedelta(seconds=float(text.removesuffix(" s")))
        case Kind.SET:
            return frozenset(text.split(", ")) if text else frozenset()
        case _:
            return text


STEPS = tuple(Decimal(step) for step in ("1", "1.25", "1.6", "2", "2.5", "3.15", "4", "5", "6.3", "8"))
"""Preferred numbers, ten to a decade: each is about a quarter more than the one before."""


def band(value: object) -> str:
    """Return a coarse text of a number: it changes when the number has moved by about a quarter.

    >>> band(Decimal("0.304")), band(Decimal("0.34")), band(1_234_567), band(-7), band("x")
    ('2.5E-1', '3.15E-1', '1E+6', '-6.3E+0', 'x')
    """
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return canonical(value)
    return _band(value)


@lru_cache(maxsize=4096)
def _band(value: int | Decimal) -> str:
    number = Decimal(value)
    if not number:
        return "0"
    exponent = number.adjusted()
    mantissa = abs(number).scaleb(-exponent)
    step = max(one for one in STEPS if one <= mantissa)
    return f"{'-' if number < 0 else ''}{step}E{exponent:+d}"
