"""When the numbers rules go by are others than before."""

from datetime import timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from signals.detectors.terms import Terms
from signals.engine.policy import GuardTerms, Policy, Routing

PRICES = {"surveys": {"0": Decimal(0), "250": Decimal("0.1")}, "logs": {"0": Decimal(1)}}


@pytest.mark.parametrize(
    "other",
    [
        Policy(zone=ZoneInfo("Europe/Berlin")),
        Policy(admission_window=timedelta(days=3)),
        Policy(terms=Terms(no_health_tag="none")),
        Policy(terms=Terms(prices=PRICES)),
        Policy(guards=GuardTerms(pitch_every=timedelta(days=7))),
        Policy(guards=GuardTerms(budget_tags=frozenset({"budget"}))),
    ],
)
def test_another_number_is_another_digest(other: Policy) -> None:
    """So that every account is looked at once."""
    assert other.digest != Policy().digest


def test_a_route_is_not() -> None:
    """It changes how a signal is told, not whether."""
    assert Policy(routing=Routing(fallback_owner="ann")).digest == Policy().digest


def test_equal_policies_have_one_digest_whatever_the_order() -> None:
    """Sets as well: another process hashes their texts in another order."""
    turned = {name: dict(reversed(tiers.items())) for name, tiers in reversed(PRICES.items())}

    assert Policy(terms=Terms(prices=PRICES)).digest == Policy(terms=Terms(prices=turned)).digest
    words = ("budget", "saving", "cuts", "freeze", "hold")
    one, other = (Policy(guards=GuardTerms(budget_tags=frozenset(order))) for order in (words, reversed(words)))
    assert one.digest == other.digest
