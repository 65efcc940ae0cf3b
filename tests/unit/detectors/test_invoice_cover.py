"""Which invoice new credit covers: the worked examples of catalogue 3.4."""

from datetime import date

import pytest

from signals.detectors.invoice_cover import Cover, cover_of, start_for

FROM, UNTIL = date(2026, 9, 21), date(2026, 10, 21)


@pytest.mark.parametrize(
    ("signed", "starts", "partly", "cover"),
    [
        (date(2026, 10, 15), FROM, False, Cover.COVERED),
        (date(2026, 10, 20), FROM, False, Cover.COVERED),
        (UNTIL, FROM, False, Cover.OVERRIDE),
        (date(2026, 10, 22), FROM, False, Cover.OVERRIDE),
        (date(2026, 10, 15), date(2026, 10, 15), False, Cover.OVERRIDE),
        (date(2026, 10, 15), date(2026, 9, 1), False, Cover.OVERRIDE),
        (date(2026, 10, 15), UNTIL, False, Cover.NEXT_PERIOD),
        (date(2026, 10, 15), FROM, True, Cover.OVERRIDE),
    ],
)
def test_cover(signed: date, starts: date, partly: bool, cover: Cover) -> None:
    """Begins with the period and signed before its end; on the day is late, the next cycle is a choice."""
    found = cover_of(signed_on=signed, starts_on=starts, covers_from=FROM, covers_until=UNTIL, partly_paid=partly)
    assert found is cover


@pytest.mark.parametrize(
    ("today", "day", "immediate", "starts"),
    [
        (date(2026, 10, 15), 1, True, date(2026, 10, 1)),
        (date(2026, 10, 15), 1, False, date(2026, 11, 1)),
        (date(2026, 10, 1), 1, True, date(2026, 10, 1)),
        (date(2026, 10, 15), 21, True, date(2026, 9, 21)),
        (date(2026, 3, 15), 31, True, date(2026, 2, 28)),
    ],
)
def test_start(today: date, day: int, immediate: bool, starts: date) -> None:
    """Pay as you go from 1 September, next bill 1 November: immediate is 1 October, the next cycle 1 November."""
    assert start_for(today, day, immediate=immediate) == starts
