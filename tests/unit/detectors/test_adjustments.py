"""Revenue that is no growth: the worked examples of the catalogue (4.1, 4.2, 3.8)."""

from decimal import Decimal

import pytest

from signals.detectors.adjustments import annual_value, counts_for_retention, is_spike, month_after_credit


@pytest.mark.parametrize(
    ("before_that", "before", "month", "following", "spike"),
    [
        (1000, 1000, 2000, 500, False),
        (1000, 1000, 2001, 1000, True),
        (1000, 1000, 2500, 1200, True),
        (400, 400, 1399, 500, False),
        (400, 400, 1400, 700, True),
        (400, 400, 1400, 701, False),
        (500, 1500, 2100, 900, True),
        (0, 0, 1500, 0, False),
        (1000, 0, 5000, 0, False),
    ],
)
def test_spikes(before_that: int, before: int, month: int, following: int, spike: bool) -> None:
    """The table of 4.1; without two paying months before it is a new customer."""
    assert is_spike(Decimal(before_that), Decimal(before), Decimal(month), Decimal(following)) is spike


@pytest.mark.parametrize(
    ("credit", "reason", "following", "counted"),
    [
        ("500", "Promo Credit", "950", 1000),
        ("500", "Incident Credit", "950", 1000),
        ("500", "Bug Credit", "950", 1000),
        ("499", "Promo Credit", "950", 480),
        ("500", "Promo Credit", "949.99", 480),
        ("500", "Trial Accommodation", "950", 480),
    ],
)
def test_one_time_credit(credit: str, reason: str, following: str, counted: int) -> None:
    """After 900 and 1,000: from half of it on, when revenue is back, and only for reasons that distort."""
    found = month_after_credit(
        Decimal(credit), reason, month=Decimal(480), before=Decimal(1000), before_that=Decimal(900),
        following=Decimal(following),
    )  # fmt: skip
    assert found == counted


@pytest.mark.parametrize(("flag", "counts"), [(True, False), (False, True), (None, True)])
def test_only_a_flag_takes_a_trial_out(flag: bool | None, counts: bool) -> None:
    """A person sets it; a running trial alone changes nothing."""
    assert counts_for_retention(flag) is counts


def test_an_annual_plan_before_its_discount() -> None:
    """8,000 at 20 % is 10,000."""
    assert annual_value(Decimal(8000), Decimal("0.20")) == 10000
