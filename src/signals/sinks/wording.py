"""How numbers, money, shares and spans of time read on a card: ``$12,400``, ``$1.2 M``, ``+38 %``, ``1 day``.

No false precision: from a million on one decimal, below that whole units; more digits only where the reader could
not otherwise tell a value from its threshold (``as_words(..., exact=True)``).
"""

from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation

MINUS = "−"

LARGEST_POWER = 30
# A number with more digits than this is no measurement, and writing it out would fill the card.
_WIDE = Context(prec=100)

_LARGE = ((Decimal(10) ** 12, "T"), (Decimal(10) ** 9, "B"), (Decimal(10) ** 6, "M"))
_TIME_UNITS = ("minutes", "hours", "days", "weeks", "months", "years")
_IRREGULAR = {"people": "person", "series": "series", "analyses": "analysis"}
_PER = {"USD": "", "USD/month": " a month", "USD/year": " a year", "USD/day": " a day", "USD/week": " a week"}

MEASURES = frozenset({*_PER, *_TIME_UNITS, "share", "change", "count"})
"""Units that belong to the number itself; every other unit is a word for what is counted."""


def as_decimal(text: str) -> Decimal | None:
    """Return the number that *text* writes, or None: for words, and for what is not finite or beyond any measure.

    >>> as_decimal("12.5"), as_decimal("1e999999"), as_decimal("soon")
    (Decimal('12.5'), None, None)
    """
    try:
        value = Decimal(text.strip())
    except InvalidOperation:
        return None
    return value if value.is_finite() and value.adjusted() <= LARGEST_POWER else None


def number(value: Decimal, *, exact: bool = False) -> str:
    """Return a bare number, thousands separated, shortened from a million on.

    >>> number(Decimal("1900000")), number(Decimal("12400.4")), number(Decimal("0.35")), number(Decimal("-7"))
    ('1.9 M', '12,400', '0.35', '−7')
    """
    sign, size = (MINUS, -value) if value < 0 else ("", value)
    if exact:
        # Six decimals tell any value from its threshold; quotients would otherwise show all their 28 digits.
        return sign + _plain(_rounded(size, 6))
    for scale, letter in _LARGE:
        # 999,960 rounds to 1,000,000: it is written as the million it looks like.
        if _rounded(size, 0) >= scale:
            return f"{sign}{_plain(_rounded(size / scale, 1))} {letter}"
    digits = 0 if size >= 100 else 1 if size >= 10 else 2
    return sign + _plain(_rounded(size, digits))


def money(value: Decimal, *, exact: bool = False) -> str:
    """Return dollars; cents only under $100 and when there are any.

    >>> money(Decimal("12400")), money(Decimal("1230000")), money(Decimal("4.5")), money(Decimal("-300"))
    ('$12,400', '$1.2 M', '$4.50', '−$300')
    """
    sign, size = (MINUS, -value) if value < 0 else ("", value)
    cents = _rounded(size, 2)
    if (exact or cents < 100) and cents != cents.to_integral_value():
        return f"{sign}${cents:,.2f}"
    if exact:
        return f"{sign}${_plain(cents)}"
    return f"{sign}${number(_rounded(size, 0))}"


def percent(share: Decimal, *, signed: bool = False, exact: bool = False) -> str:
    """Return a share (1 = all) in percent; *signed* writes the plus of a growth.

    >>> percent(Decimal("0.38"), signed=True), percent(Decimal("0.004")), percent(Decimal("-0.3"))
    ('+38 %', '0.4 %', '−30 %')
    """
    points = share * 100
    size = abs(points)
    digits = 2 if exact else 0 if size >= 10 else 1
    sign = MINUS if points < 0 else "+" if signed and points > 0 else ""
    return f"{sign}{_plain(_rounded(size, digits))} %"


def count_of(value: Decimal, plural: str, *, exact: bool = False) -> str:
    """Return a number with its unit word, given in the plural.

    >>> count_of(Decimal(1), "days"), count_of(Decimal(0), "queries"), count_of(Decimal("2.5"), "months")
    ('1 day', 'no queries', '2.5 months')
    """
    if value == 0:
        return f"0 {plural}" if plural in _TIME_UNITS else f"no {plural}"
    if plural in _TIME_UNITS and abs(value) >= 10 and not exact:
        value = _rounded(value, 0)  # nobody means the tenth of a month after a year
    return f"{number(value, exact=exact)} {singular(plural) if abs(value) == 1 else plural}"


def singular(plural: str) -> str:
    """Return the singular of an English unit word; words without a plural ending stay.

    >>> singular("days"), singular("queries"), singular("searches"), singular("people"), singular("usage")
    ('day', 'query', 'search', 'person', 'usage')
    """
    if plural in _IRREGULAR:
        return _IRREGULAR[plural]
    if plural.endswith("ies") and len(plural) > 4:
        return plural[:-3] + "y"
    if plural.endswith(("ches", "shes", "sses", "xes")):
        return plural[:-2]
    return plural[:-1] if plural.endswith("s") and not plural.endswith("ss") else plural


def as_words(value: Decimal, unit: str, *, exact: bool = False) -> str:
    """Return *value* as its evidence unit reads (units as on ``domain.signal.Evidence.unit``).

    >>> as_words(Decimal("800"), "USD/month"), as_words(Decimal("0.3"), "share"), as_words(Decimal(0), "count")
    ('$800 a month', '30 %', 'none')
    """
    if unit in _PER:
        return money(value, exact=exact) + _PER[unit]
    if unit in ("share", "change"):
        return percent(value, signed=unit == "change", exact=exact)
    if unit in ("count", ""):
        return "none" if value == 0 and unit == "count" else number(value, exact=exact)
    return count_of(value, unit, exact=exact)


def relative_day(day: date, today: date) -> str:
    """Return how far *day* is from *today* in a word or two.

    >>> relative_day(date(2026, 3, 14), date(2026, 2, 1)), relative_day(date(2026, 1, 31), date(2026, 2, 1))
    ('in 41 days', 'yesterday')
    """
    days = (day - today).days
    near = {0: "today", 1: "tomorrow", -1: "yesterday"}
    if days in near:
        return near[days]
    span = span_words(timedelta(days=abs(days)))
    return f"in {span}" if days > 0 else f"{span} ago"


def relative_instant(at: datetime, now: datetime) -> str:
    """Return how far *at* is from *now*: hours when less than two days, else days.

    >>> from datetime import UTC
    >>> relative_instant(datetime(2026, 2, 1, 15, tzinfo=UTC), datetime(2026, 2, 1, 12, tzinfo=UTC))
    'in 3 hours'
    """
    if abs(at - now) < timedelta(minutes=1):
        return "just now"
    span = span_words(abs(at - now))
    return f"in {span}" if at > now else f"{span} ago"


def span_words(span: timedelta) -> str:
    """Return a span of time in its largest sensible unit, rounded down.

    >>> span_words(timedelta(days=1)), span_words(timedelta(hours=50)), span_words(timedelta(seconds=20))
    ('1 day', '2 days', 'less than a minute')
    """
    minutes = int(span.total_seconds()) // 60
    if minutes < 1:
        return "less than a minute"
    if minutes < 60:
        return count_of(Decimal(minutes), "minutes")
    if minutes < 60 * 24:
        return count_of(Decimal(minutes // 60), "hours")
    days = minutes // (60 * 24)
    # Beyond four months nobody counts days; 30.44 days is the mean month.
    if days > 120:
        return count_of(_rounded(Decimal(days) / Decimal("30.44"), 0), "months")
    return count_of(Decimal(days), "days")


def day_words(day: date) -> str:
    """Return a calendar day without an ambiguous order of figures.

    >>> day_words(date(2026, 3, 4))
    '4 Mar 2026'
    """
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def instant_words(at: datetime) -> str:
    """Return an instant to the minute, in its own zone, with the zone named.

    >>> from datetime import UTC
    >>> instant_words(datetime(2026, 3, 4, 9, 5, tzinfo=UTC))
    '4 Mar 2026, 09:05 UTC'
    """
    return f"{day_words(at.date())}, {at:%H:%M} {at.tzname() or ''}".rstrip()


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
# Not strftime: the month's name must not depend on the locale of the machine.


def _rounded(value: Decimal, digits: int) -> Decimal:
    # The default context raises on results of more than 28 digits.
    return value.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_EVEN, context=_WIDE)


def _plain(value: Decimal) -> str:
    """Digits with separated thousands and no trailing zeros after the point."""
    text = f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
