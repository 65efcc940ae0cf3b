"""Month arithmetic, named so that a rule says which month it means."""

from calendar import monthrange
from datetime import date, timedelta
from decimal import Decimal

_ROUNDING = Decimal("0.000001")
# Days. A third of a 30-day month is 9.99... days in decimals; it is the tenth day.


def add_months(day: date, months: int) -> date:
    """Return the same day of the month *months* later, the last day where that month is shorter.

    >>> add_months(date(2026, 1, 31), 1)
    datetime.date(2026, 2, 28)
    """
    number = 12 * day.year + day.month - 1 + months
    year, month = divmod(number, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def months_between(start: date, end: date) -> Decimal:
    """Return elapsed months: whole months plus the share of the month begun; negative when *end* is earlier.

    Strictly increasing in *end*, and exactly N for ``add_months(start, N)``.

    >>> months_between(date(2026, 1, 1), date(2026, 7, 1))
    Decimal('6')
    >>> months_between(date(2026, 1, 1), date(2026, 6, 16))
    Decimal('5.5')
    """
    if end < start:
        return -months_between(end, start)
    whole = 12 * (end.year - start.year) + end.month - start.month
    if add_months(start, whole) > end:
        whole -= 1
    reached, following = add_months(start, whole), add_months(start, whole + 1)
    return whole + Decimal((end - reached).days) / Decimal((following - reached).days)


def after_months(start: date, months: Decimal) -> date:
    """Return the day that lies *months* (with a fraction) after *start*, rounded down to a whole day.

    >>> after_months(date(2026, 1, 1), Decimal("5.5"))
    datetime.date(2026, 6, 16)
    """
    whole = int(months)
    reached, following = add_months(start, whole), add_months(start, whole + 1)
    return reached + timedelta(days=int((months - whole) * (following - reached).days + _ROUNDING))


def contract_month(start: date, today: date) -> int:
    """Return ``floor(elapsed months) + 1`` counted per contract year, 1..12 (catalogue 2.2); 0 before the start.

    >>> [contract_month(date(2026, 1, 1), date(2026, m, d)) for m, d in ((2, 28), (3, 1), (6, 30), (7, 1))]
    [2, 3, 6, 7]
    """
    if today < start:
        return 0
    return int(months_between(start, today)) % 12 + 1
