"""The plots: every signal of the first set is planted, on accounts that exist, at times within the story."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import msgspec
import pytest

from signals.domain.events.billing import CreditBalanceReported, PaymentFailed
from signals.domain.events.kinds import AnyEvent
from signals.domain.events.usage import UsageReported
from signals.simulator.company import Simulation, simulate
from signals.simulator.plots.catalogue import PLOTS
from signals.simulator.settings import DEMO, TINY

FIRST_SET = {
    "web_analytics_opp_marketing", "b2b_group_analytics_opp", "replay_upsell_opp", "ff_opp_high_engineer_pct",
    "ff_opp_no_experiments", "mom_event_growth_20", "mrr_gt1k_forecast_up_50", "billing_limit_hit",
    "product_first_use", "churn_usage_drop_30", "churn_health_poor_4w", "churn_renewal_lt90_negative",
    "ew_usage_declining_4w", "ew_few_active_users", "ew_slack_silent_14d", "ew_champion_changed",
    "subscription_cancelled", "revenue_spike_provisional", "usage_spike_200", "usage_jump_10x",
    "credit_will_run_out_early", "credit_case_first_half", "credit_case_middle", "credit_case_last_2_months",
    "payg_payment_failed", "payg_payment_exhausted", "credit_invoice_overdue", "payment_day0_owner_action",
    "payment_unmanaged_1500", "payment_suspend_tomorrow", "payment_suspend", "payment_cancel_tomorrow",
    "payment_cancel", "payment_recovered", "plg_mrr_500_1667",
}  # fmt: skip
"""The first set of signals the product has."""

DECODER = msgspec.json.Decoder(AnyEvent)


@pytest.fixture(scope="module")
def demo() -> Simulation:
    """The demo preset."""
    return simulate(DEMO)


def test_the_demo_plants_every_signal_of_the_first_set(demo: Simulation) -> None:
    """Each signal of the first set is expected to open at least once in the demo."""
    opened = {one.rule for one in demo.truth if one.expect == "opened"}

    assert opened == FIRST_SET


def test_truth_refers_to_accounts_and_days_of_the_simulation(demo: Simulation) -> None:
    """Each line names an organization that exists, begins within the story and does not end before it begins."""
    begin = demo.calendar.midnight(0)
    for one in demo.truth:
        assert one.org_id in demo.org_ids
        assert begin <= one.start <= one.by <= demo.end
        assert one.until is None or one.start < one.until <= demo.end


@pytest.mark.parametrize("name", sorted(PLOTS))
def test_a_plot_fits_into_the_shortest_simulation_it_asks_for(name: str) -> None:
    """In as many days as it needs, a plot tells all it has to tell: no opening is cut down to a companion."""
    plot = PLOTS[name]
    short = simulate(replace(TINY, accounts=1, days=plot.needs_days, plots=(name,)))
    long = simulate(replace(TINY, accounts=1, days=400, plots=(name,)))

    def told(simulation: Simulation) -> list[tuple[str, str]]:
        return sorted((one.rule, one.expect) for one in simulation.truth if one.expect != "companion")

    assert told(short) == told(long)
    assert told(short)


def test_a_plot_that_does_not_fit_is_left_out() -> None:
    """A simulation of ten days has accounts, but none of the plots that need more."""
    simulation = simulate(replace(DEMO, days=10, accounts=12))

    assert len(simulation.drafts) == 12
    assert not any(draft.plots for draft in simulation.drafts)


def test_the_last_report_of_a_day_is_the_right_one() -> None:
    """First reports may be far off; by the last ones no quiet day is half or twice the day a week before."""
    simulation = simulate(replace(TINY, accounts=1, plots=(), late_share=0.0))
    last: dict[str, UsageReported] = {}
    first: dict[str, UsageReported] = {}
    for record in simulation.records():
        event = DECODER.decode(record.value)
        if isinstance(event, UsageReported):
            first.setdefault(event.day.isoformat(), event)
            last[event.day.isoformat()] = event

    days = [sum(last[day].volumes.values()) for day in sorted(last)]
    assert all(0.6 < now / then < 1.7 for then, now in zip(days, days[7:], strict=False))
    assert any(sum(first[day].volumes.values()) > 2 * sum(last[day].volumes.values()) for day in last)


def test_credit_runs_out_in_the_middle_as_planned() -> None:
    """After the planned month the balance lasts about three and a half months at the mean of three months' burn."""
    simulation = simulate(replace(TINY, accounts=1, plots=("credit_middle",)))
    (planted,) = (one for one in simulation.truth if one.rule == "credit_case_middle")
    balances = {
        event.as_of: event.balance
        for record in simulation.records()
        if isinstance(event := DECODER.decode(record.value), CreditBalanceReported)
    }

    assert planted.start.date() < date(2026, 2, 1) < planted.by.date()
    assert balances[date(2026, 2, 1)] == Decimal("10500.00")


def test_four_attempts_fail_before_the_clock_starts() -> None:
    """The payment plot makes attempts 1 to 4 in order on one invoice."""
    simulation = simulate(replace(TINY, accounts=1, plots=("payment_recovered",), duplicate_share=0.0))
    failures = [
        event
        for record in simulation.records()
        if isinstance(event := DECODER.decode(record.value), PaymentFailed)
    ]  # fmt: skip

    assert [event.attempt for event in failures] == [1, 2, 3, 4]
    assert len({event.invoice_id for event in failures}) == 1
