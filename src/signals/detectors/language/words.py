"""Values in a reader's words: ``$12,400``, ``38 %``, ``2 days``. One rounding, one spelling, everywhere."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

from signals.detectors.language.names import NUMBERS, UNKNOWN, AtLeast, Kind

_HUNDRED = Decimal(100)
_MILLION = 1_000_000
_CENTS_BELOW = 100
# Dollars: below it cents matter to a reader, above they are false precision.
_TENTHS_BELOW = Decimal("0.1")
# Share: below 10 % one decimal is shown, else 0.4 % would read "0 %".
_MAX_DECIMALS = 12
# Of a quotient in evidence: more digits than any amount has, fewer than the 28 that division gives.


def _rounded(value: Decimal | int, decimals: int) -> Decimal:
    return Decimal(value).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)


def _short(value: Decimal | int, decimals: int) -> str:
    """Return with separators and at most that many decimals, no trailing zeros."""
    text = f"{_rounded(value, decimals):,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def money(value: Decimal | int) -> str:
    """Return dollars.

    >>> money(Decimal("12400")), money(Decimal("1234567")), money(Decimal("12.5")), money(-3000)
    ('$12,400', '$1.2 M', '$12.50', '-$3,000')
    """
    size = abs(Decimal(value))
    sign = "-" if value < 0 else ""
    if size >= _MILLION:
        return f"{sign}${_short(size / _MILLION, 1)} M"
    cents = size < _CENTS_BELOW and size != size.to_integral_value()
    return f"{sign}${_rounded(size, 2 if cents else 0):,f}"


def share(value: Decimal | int) -> str:
    """Return a share in percent.

    >>> share(Decimal("0.384")), share(Decimal("0.004")), share(1)
    ('38 %', '0.4 %', '100 %')
    """
    decimals = 1 if abs(Decimal(value)) < _TENTHS_BELOW else 0
    return f"{_short(Decimal(value) * 100, decimals)} %"


def change(value: Decimal | int) -> str:
    """Return a signed share: ``+38 %``.

    >>> change(Decimal("0.38")), change(Decimal("-0.2"))
    ('+38 %', '-20 %')
    """
    return f"+{share(value)}" if value > 0 else share(value)


def number(value: Decimal | int) -> str:
    """Return a number or count with separators.

    >>> number(1234), number(Decimal("2.50")), number(23_400_000), number(Decimal("30666.7"))
    ('1,234', '2.5', '23.4 M', '30,667')
    """
    if abs(Decimal(value)) >= _MILLION:
        return f"{_short(Decimal(value) / _MILLION, 1)} M"
    return _short(value, 0 if abs(Decimal(value)) >= _HUNDRED else 1)


def counted(value: Decimal | int, singular: str) -> str:
    """Return a number with its noun.

    >>> counted(1, "day"), counted(0, "day")
    ('1 day', '0 days')
    """
    return f"{number(value)} {singular}" if value == 1 else f"{number(value)} {singular}s"


def days(value: timedelta | Decimal | int) -> str:
    """Return whole days; a shorter duration in hours.

    >>> days(timedelta(days=1)), days(timedelta(hours=30)), days(timedelta(hours=5)), days(2)
    ('1 day', '1 day', '5 hours', '2 days')
    """
    if not isinstance(value, timedelta):
        return counted(value, "day")
    if timedelta(0) < abs(value) < timedelta(days=1):
        return counted(int(value / timedelta(hours=1)), "hour")
    return counted(int(value / timedelta(days=1)), "day")


def months(value: Decimal | int) -> str:
    """Return months.

    >>> months(1), months(12)
    ('1 month', '12 months')
    """
    return counted(value, "month")


def day(value: date | datetime, zone: ZoneInfo) -> str:
    """Return a calendar day; of an instant, the day it has in the business zone.

    >>> day(date(2026, 3, 5), ZoneInfo("UTC"))
    '5 Mar 2026'
    """
    local = value.astimezone(zone).date() if isinstance(value, datetime) else value
    return f"{local.day} {_MONTHS[local.month - 1]} {local.year}"


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
# Not strftime: its names follow the machine's language.

_WRITERS: dict[str, Callable[[Any], str]] = {
    "money": money, "share": share, "change": change, "count": number, "days": days, "months": months,
}  # fmt: skip
FORMATS: dict[str, frozenset[Kind]] = {
    "money": frozenset({Kind.MONEY}),
    "share": NUMBERS,
    "change": NUMBERS,
    "count": NUMBERS,
    "days": NUMBERS | {Kind.DURATION},
    "months": NUMBERS,
    "date": frozenset({Kind.DATE, Kind.INSTANT}),
    "names": frozenset({Kind.TEXT, Kind.SET}),
}
"""Format -> kinds it can write. ``ticket|tickets`` is one too, for ``NUMBERS``: the number with its noun."""

_USUAL = {
    Kind.MONEY: "money", Kind.SHARE: "share", Kind.COUNT: "count", Kind.NUMBER: "count", Kind.DURATION: "days",
    Kind.DATE: "date", Kind.INSTANT: "date",
}  # fmt: skip


def usual_format(kind: Kind) -> str:
    """Return the format of a kind when the template names none."""
    return _USUAL.get(kind, "")


def written(value: Any, form: str, zone: ZoneInfo) -> str:
    """Return a value in a format of ``FORMATS``, or plainly with an empty one; "unknown" and "none" where so.

    >>> written(1, "ticket|tickets", ZoneInfo("UTC")), written(2, "person is|people are", ZoneInfo("UTC"))
    ('1 ticket', '2 people are')
    >>> written({"feature_flags", "logs"}, "names", ZoneInfo("UTC")), written(set(), "", ZoneInfo("UTC"))
    ('feature flags, logs', 'none')
    """
    one, is_noun, many = form.partition("|")
    if value is UNKNOWN:
        return f"an unknown number of {many}" if is_noun else "unknown"
    if value is None:
        return "none"
    if isinstance(value, AtLeast):
        return f"at least {written(value.value, form, zone)}"
    if form == "date":
        return day(value, zone)
    if is_noun:
        return f"{number(value)} {one if value == 1 else many}"
    if form == "names":
        return written(value, "", zone).replace("_", " ")
    if form:
        return _WRITERS[form](value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, frozenset | set | tuple | list):
        return ", ".join(sorted(str(each) for each in value)) or "none"
    return str(value)


def canonical(value: Any) -> str:
    """Return the text of a value for ``Evidence``: decimals plain, instants and days ISO 8601, durations in days.

    >>> canonical(Decimal("1E+3")), canonical(timedelta(hours=36)), canonical(AtLeast(3)), canonical(None)
    ('1000', '1.5', 'at least 3', 'none')
    """
    match value:
        case AtLeast(value=bound):
            return f"at least {canonical(bound)}"
        case None:
            return "none"
        case bool():
            return "true" if value else "false"
        case Decimal():
            exponent = value.as_tuple().exponent
            long = isinstance(exponent, int) and -exponent > _MAX_DECIMALS
            return f"{_rounded(value, _MAX_DECIMALS).normalize() if long else value:f}"
        case timedelta():
            return canonical(Decimal(value // timedelta(microseconds=1)) / Decimal(86_400_000_000))
        case date():
            return value.isoformat()
        case frozenset() | set() | tuple() | list():
            return ", ".join(sorted(str(each) for each in value))
        case _:
            return "unknown" if value is UNKNOWN else str(value)
