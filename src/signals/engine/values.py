"""Canonical text of values, and back: for evidence, and for what an episode freezes at its opening."""

from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal

from signals.detectors.language.names import UNKNOWN, AtLeast, Kind

PLACES = Decimal("0.000001")
# Division gives 28 digits; six places are more than any reader or threshold needs, and keep the text the same
# whatever way the number was reached.


def canonical(value: object) -> str:
    """Return one text per value: decimals without trailing zeros, instants in UTC, ``unknown``, ``none``.

    >>> canonical(Decimal("0.3000")), canonical(timedelta(days=2)), canonical(None)
    ('0.3', '172800 s', 'none')
    """
    match value:
        case None:
            return "none"
        case bool():
            return "true" if value else "false"
        case Decimal():
            rounded = value.quantize(PLACES, ROUND_HALF_EVEN).normalize() if value else Decimal(0)
            return f"{rounded:f}"
        case datetime():
            return value.astimezone(UTC).isoformat()
        case date():
            return value.isoformat()
        case timedelta():
            return f"{int(value.total_seconds())} s"
        case AtLeast():
            return f">= {canonical(value.value)}"
        case frozenset() | set() | tuple() | list():
            return ", ".join(sorted(str(one) for one in value))
    return "unknown" if value is UNKNOWN else str(value)


def exact(value: object) -> str:
    """Return the text a frozen value is kept as: like ``canonical`` but nothing is rounded."""
    return str(value) if isinstance(value, Decimal) else canonical(value)


def restore(text: str, kind: Kind) -> object:
    """Return the value of a text made by ``exact``, as its kind says.

    >>> restore(exact(Decimal("0.30")), Kind.SHARE)
    Decimal('0.30')
    """
    if text == "none":
        return None
    if text == "unknown" or text.startswith(">= "):
        return UNKNOWN
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
            return timedelta(seconds=int(text.removesuffix(" s")))
        case Kind.SET:
            return frozenset(text.split(", ")) if text else frozenset()
        case _:
            return text


def band(value: object) -> str:
    """Return a coarse text of a number: two significant digits, so that an edit is worth making when it changes.

    >>> band(Decimal("0.304")), band(1_234_567), band("x")
    ('3.0E-1', '1.2E+6', 'x')
    """
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return canonical(value)
    return f"{Decimal(value):.1E}" if value else "0"
