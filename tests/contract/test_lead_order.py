"""One lead task per account: the rules of lead routing give way in the handbook's order (catalogue 7.1)."""

import pytest

from signals.detectors.contract import Rule
from support.packaged import rules

ORDER = (
    "startup_50pct_credits_5k_invoice",
    "startup_rolloff_100d",
    "startup_rolloff_2m",
    "nb_500_employee_signup",
    "mrr_gt1k_forecast_up_50",
    "plg_mrr_500_1667",
    "plg_high_icp_scale",
    "plg_unmanaged_20k_ticket",
)
"""NB-4, NB-5, NB-6, NB-3, PLG-3, PLG-1, PLG-2, PLG-4 (proposed): the first that holds has the task."""

LASTING = frozenset({"nb_500_employee_signup", "plg_mrr_500_1667", "plg_high_icp_scale"})
"""Conditions that may hold for years after their lead was worked; what comes later need not give way to them for good,
because an open lead task says it better."""


def by_id(name: str) -> Rule:
    """Return a rule that ships."""
    return next(rule for rule in rules() if rule.id == name)


@pytest.mark.parametrize("name", ORDER)
def test_a_reason_is_attached_to_an_open_lead(name: str) -> None:
    """Whoever has the task gets one reason more, not a second task."""
    attached = next(one for one in by_id(name).variants if one.name == "attached")
    assert "lead.open" in attached.when.reads
    assert "task" in (attached.next_step.text if attached.next_step is not None else "")


@pytest.mark.parametrize(("place", "name"), list(enumerate(ORDER)))
def test_a_reason_gives_way_to_the_earlier_ones_only(place: int, name: str) -> None:
    """To all that end by themselves, and never to a later one."""
    attached = next(one for one in by_id(name).variants if one.name == "attached")
    first = set(attached.when.signals)
    assert first <= set(ORDER[:place])
    assert set(ORDER[:place]) - LASTING <= first


def test_the_packs_rank_them_in_that_order() -> None:
    """What opens at one moment stands on one card in this order; startup reasons are on cards of their own."""
    ranks = [by_id(name).rank for name in ORDER[3:]]
    assert ranks == sorted(set(ranks))
