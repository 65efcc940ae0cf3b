"""What every event refuses, whoever makes it."""

from decimal import Decimal

import msgspec
import pytest

from signals.domain.events.base import Priced
from signals.domain.events.billing import SpendReported
from signals.domain.events.kinds import CLASS_OF
from signals.domain.events.usage import UserSignedUp
from support.records import START


@pytest.mark.parametrize("cls", CLASS_OF.values())
def test_a_class_with_an_amount_checks_its_amounts(cls: type) -> None:
    """Only classes under Priced look for amounts: one with a Money field that is none would let NaN through."""
    with_amounts = "decimal.Decimal" in " ".join(str(field.type) for field in msgspec.structs.fields(cls))
    assert issubclass(cls, Priced) is with_amounts


@pytest.mark.parametrize("amount", ["NaN", "-Infinity", "1E+12", "1000000000000", "0.0000000000001", "1E-999999"])
def test_an_amount_that_is_none_is_refused_wherever_it_stands(amount: str) -> None:
    """By itself and in a dictionary, by decoding and by construction."""
    with pytest.raises(ValueError, match="mrr"):
        SpendReported(org_id="acme", at=START, mrr=Decimal(amount))
    with pytest.raises(ValueError, match=r"products\.surveys"):
        SpendReported(org_id="acme", at=START, mrr=Decimal(0), products={"surveys": Decimal(amount)})
    value = {"kind": "spend_reported", "org_id": "acme", "at": START, "mrr": amount}
    with pytest.raises(msgspec.ValidationError, match="mrr"):
        msgspec.json.decode(msgspec.json.encode(value), type=SpendReported)


@pytest.mark.parametrize("amount", ["999999999999", "-999999999999.999999999999", "0.000000000001", "0E-12", "1E+11"])
def test_an_amount_at_the_limits_is_taken(amount: str) -> None:
    """Below 10^12 with twelve decimal places, however it is written."""
    assert SpendReported(org_id="acme", at=START, mrr=Decimal(amount)).mrr == Decimal(amount)


@pytest.mark.parametrize("org_id", ["", " ", "\t\n", "\u2003"])
def test_an_account_of_blanks_is_refused(org_id: str) -> None:
    """Such a key would be an account that nobody can name."""
    with pytest.raises(ValueError, match="org_id must not be blank"):
        UserSignedUp(org_id=org_id, at=START, person_id="p")


@pytest.mark.parametrize("year", [1999, 9001])
def test_a_time_far_off_is_refused(year: int) -> None:
    """Calendars end there, and arithmetic with such an instant fails somewhere else."""
    with pytest.raises(ValueError, match="2000 and 9000"):
        UserSignedUp(org_id="acme", at=START.replace(year=year), person_id="p")
