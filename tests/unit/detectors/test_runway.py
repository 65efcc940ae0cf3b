"""Credit runway: the worked examples of catalogue 3.1 and 3.2."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import msgspec
import pytest

from signals.detectors.calendar_months import add_months
from signals.detectors.runway import (
    Case,
    Runway,
    case_at,
    current_contract,
    gap_is_covered,
    half_time,
    in_first_half,
    runway_of,
)
from signals.domain.account.credits import Contract, Credits
from signals.domain.account.daily import month_number

SIGNED = datetime(2025, 12, 1, tzinfo=UTC)
TODAY = date(2026, 6, 15)
BALANCE_ON = date(2026, 6, 1)


def contract(
    starts_on: date, months: int = 12, billing: str = "upfront", credit: int | None = 100_000, signed: datetime = SIGNED
) -> Contract:
    """Return one order form."""
    return Contract(starts_on, months, signed, None if credit is None else Decimal(credit), billing)


def credits_of(balance: int, *burns: int, **contracts: Contract) -> Credits:
    """Return credit facts with the burn of March, April and May and the balance of 1 June."""
    newest = month_number(TODAY)
    return Credits(
        contracts=contracts,
        balance=Decimal(balance),
        balance_on=BALANCE_ON,
        consumed={newest - 3 + index: Decimal(burn) for index, burn in enumerate(burns)},
    )


def runway(ends_on: date, balance: int = 30_000, burn: int = 5_000, one_time: int = 0) -> Runway:
    """Return the runway of a contract of a year that ends on a day."""
    running = contract(add_months(ends_on, -12))
    found = runway_of(credits_of(balance, burn, burn, burn, c=running), running, TODAY, Decimal(one_time))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("ends_on", "early"),
    [
        (date(2027, 2, 1), True),  # eight months
        (date(2026, 12, 2), True),  # a day more than six
        (date(2026, 12, 1), False),  # six: the run-out is the end, not before it
        (date(2026, 11, 30), False),  # a day less: a surplus
    ],
)
def test_early_is_strictly_before_the_cover_end(ends_on: date, early: bool) -> None:
    """30,000 at 5,000 a month lasts 6.0 months, to 1 December."""
    found = runway(ends_on)

    assert (found.months, found.runout_on) == (Decimal(6), date(2026, 12, 1))
    assert found.months is not None
    assert (found.months < found.months_to_cover_end) is early
    assert (date(2026, 12, 1) < found.cover_end) is early


def test_two_months_short() -> None:
    """The alert of the handbook: contract ends in eight months."""
    found = runway(date(2027, 2, 1))

    assert found.months is not None
    assert found.months_to_cover_end - found.months == 2


def test_burn_is_the_mean_of_three_complete_months() -> None:
    """The running month does not count, and a missing one makes it unknown."""
    running = contract(date(2026, 1, 1))
    facts = credits_of(30_000, 4_000, 5_000, 6_000, 99_000, c=running)
    found = runway_of(facts, running, TODAY, Decimal(0))

    assert found is not None
    assert found.burn == 5_000
    assert runway_of(credits_of(30_000, 4_000, 5_000, c=running), running, TODAY, Decimal(0)) is None


def test_no_burn_never_runs_out() -> None:
    """A known zero: no run-out, no case."""
    found = runway(date(2027, 2, 1), burn=0)

    assert (found.months, found.runout_on, found.case) == (None, None, None)


@pytest.mark.parametrize(("balance", "one_time"), [(0, 0), (-5, 0), (500, 500), (400, 500)])
def test_nothing_left_has_no_runway(balance: int, one_time: int) -> None:
    """An empty balance, or one that holds only credit for the next invoice."""
    running = contract(date(2026, 1, 1))

    assert runway_of(credits_of(balance, 1, 1, 1, c=running), running, TODAY, Decimal(one_time)) is None


def test_one_time_credit_is_not_for_the_contract() -> None:
    """30,000 of which 5,000 are a promo last five months."""
    assert runway(date(2027, 2, 1), one_time=5_000).months == 5


@pytest.mark.parametrize(("burn", "early"), [(10_000, False), (10_100, True)])
def test_paid_yearly_counts_to_the_next_tranche(burn: int, early: bool) -> None:
    """36 months, month 3, 90,000 left, the next tranche in nine months."""
    running = contract(date(2026, 3, 1), 36, "yearly", 360_000)
    found = runway_of(credits_of(90_000, burn, burn, burn, c=running), running, TODAY, Decimal(0))

    assert found is not None
    assert found.months is not None
    assert found.cover_end == date(2027, 3, 1)
    assert (found.months < found.months_to_cover_end) is early


@pytest.mark.parametrize(
    ("months", "billing", "elapsed", "case"),
    [
        (12, "upfront", "5", Case.FIRST_HALF),
        (12, "upfront", "6", Case.FIRST_HALF),
        (12, "upfront", "6.01", Case.MIDDLE),
        (12, "upfront", "8", Case.MIDDLE),
        (12, "upfront", "10", Case.MIDDLE),
        (12, "upfront", "10.01", Case.LAST_TWO_MONTHS),
        (24, "upfront", "12", Case.FIRST_HALF),
        (24, "upfront", "13", Case.MIDDLE),
        (24, "upfront", "22.5", Case.LAST_TWO_MONTHS),
        (36, "upfront", "18", Case.FIRST_HALF),
        (24, "yearly", "6", Case.FIRST_HALF),
        (24, "yearly", "7", Case.NEXT_TRANCHE),
        (24, "yearly", "13", Case.FIRST_HALF),
        (24, "yearly", "18", Case.FIRST_HALF),
        (24, "yearly", "19", Case.MIDDLE),
        (24, "yearly", "22.5", Case.LAST_TWO_MONTHS),
    ],
)
def test_the_case_by_elapsed_months(months: int, billing: str, elapsed: str, case: Case) -> None:
    """Catalogue 3.2: exactly half is A, exactly two months left is C."""
    assert case_at(contract(date(2026, 1, 1), months, billing), Decimal(elapsed)) is case


def test_an_expansion_signed_in_june_is_in_the_first_half() -> None:
    """Twelve months from 1 January, five elapsed."""
    assert in_first_half(contract(date(2026, 1, 1)), Decimal(5))


@pytest.mark.parametrize(
    ("months", "billing", "today", "until"),
    [
        (12, "upfront", date(2026, 3, 1), date(2026, 7, 1)),
        (24, "upfront", date(2026, 3, 1), date(2027, 1, 1)),
        (7, "upfront", date(2026, 3, 1), date(2026, 4, 16)),
        (24, "yearly", date(2026, 3, 1), date(2026, 7, 1)),
        (24, "yearly", date(2027, 1, 1), date(2027, 7, 1)),
    ],
)
def test_the_discount_window_ends_at_half_time(months: int, billing: str, today: date, until: date) -> None:
    """The last day that still counts; each year anew when paid yearly."""
    assert half_time(contract(date(2026, 1, 1), months, billing), today) == until


def test_an_expansion_does_not_take_over_the_months() -> None:
    """It ends with the contract it expands: the older one goes on counting."""
    old, expansion = contract(date(2026, 1, 1)), contract(date(2026, 6, 1), 7)

    assert current_contract(Credits(contracts={"a": expansion, "b": old}), TODAY) == ("b", old)


def test_a_new_year_beside_the_old_one_takes_over() -> None:
    """Case C: two overlapping contracts, the new one ends later."""
    old, new = contract(date(2026, 1, 1)), contract(date(2026, 6, 1), 12)

    assert current_contract(Credits(contracts={"old": old, "new": new}), TODAY) == ("new", new)
    assert current_contract(Credits(contracts={"old": old, "new": new}), date(2026, 5, 31)) == ("old", old)


def test_only_contracts_with_credit_are_prepaid() -> None:
    """A flat contract and a monthly drip are not CreditBot's."""
    flat, drip = contract(date(2026, 1, 1), credit=None), contract(date(2026, 1, 1), billing="drip")
    facts = Credits(contracts={"flat": flat, "drip": drip})

    assert current_contract(facts, TODAY, prepaid=True) is None
    assert current_contract(facts, TODAY) is not None


RUNOUT = date(2026, 11, 2)


@pytest.mark.parametrize(
    ("signed", "starts_on", "credit", "covered"),
    [
        (date(2026, 10, 1), date(2027, 1, 1), 100_000, True),
        (date(2026, 10, 1), date(2027, 1, 1), 99_999, False),
        (date(2026, 11, 2), date(2027, 1, 1), 100_000, True),
        (date(2026, 11, 3), date(2027, 1, 1), 100_000, False),
        (date(2026, 10, 1), date(2027, 1, 2), 100_000, False),
        (date(2026, 10, 1), date(2026, 11, 2), 5_000, True),
        (date(2026, 10, 1), date(2026, 11, 3), 500_000, False),
    ],
)
def test_what_covers_the_gap(signed: date, starts_on: date, credit: int, covered: bool) -> None:
    """A renewal at the end, signed before the run-out and as large; or a form that begins by the run-out."""
    running = contract(date(2026, 1, 1))
    at = datetime(signed.year, signed.month, signed.day, 9, tzinfo=UTC)
    other = contract(starts_on, credit=credit, signed=at)
    facts = Credits(contracts={"running": running, "other": other})

    assert gap_is_covered(facts, running, RUNOUT, UTC) is covered


def test_an_expansion_that_ends_with_the_contract_covers_no_gap() -> None:
    """Its credit counts once it is on the balance."""
    running, expansion = contract(date(2026, 1, 1)), contract(date(2026, 6, 1), 7)

    assert not gap_is_covered(Credits(contracts={"a": running, "b": expansion}), running, RUNOUT, UTC)


def test_a_balance_older_than_the_contract_says_nothing() -> None:
    """What was left of the contract before is not this one's credit; the first report from its start on counts."""
    signed = contract(date(2026, 6, 1))
    stale = credits_of(2_000, 5_000, 5_000, 5_000)

    before = msgspec.structs.replace(stale, balance_on=signed.starts_on - timedelta(days=1))
    at_start = msgspec.structs.replace(stale, balance_on=signed.starts_on)

    assert runway_of(before, signed, TODAY, Decimal(0)) is None
    assert runway_of(at_start, signed, TODAY, Decimal(0)) is not None
