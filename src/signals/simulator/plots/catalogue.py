"""All plots, in the order in which accounts get them. The one place that lists them."""

from collections.abc import Callable
from dataclasses import dataclass

from signals.simulator.draft import Draft
from signals.simulator.plots import churn, credit, cross_sell, growth, held, payment


@dataclass(frozen=True)
class Plot:
    """One plot.

    Parameters
    ----------
    name
        Used in settings and in the truth.
    archetype
        The kind of account it needs.
    earliest
        First day it may turn on, with what must come before it.
    needs_days
        Shortest simulation in which it can be told from its earliest day on; shorter ones leave it out.
    write
        Called once with the quiet account and the chosen day; changes the account.
    """

    name: str
    archetype: str
    earliest: int
    needs_days: int
    write: Callable[[Draft, int], None]


_ALL = (
    Plot("payment_recovered", "steady", 12, 50, payment.recovered),
    Plot("web_analytics", "steady", 35, 62, cross_sell.web_analytics),
    Plot("slack_silent", "steady", 20, 62, churn.slack_silent),
    Plot("credit_middle", "upfront", 31, 60, credit.middle),
    Plot("usage_drop", "steady", 30, 100, churn.usage_drop),
    Plot("usage_jump", "steady", 36, 60, growth.usage_jump),
    Plot("lead", "payg", 30, 65, growth.lead),
    Plot("payment_cancelled", "steady", 20, 62, payment.cancelled),
    Plot("group_analytics", "steady", 34, 62, cross_sell.group_analytics),
    Plot("champion_left", "steady", 30, 60, churn.champion_left),
    Plot("forecast_jump", "steady", 20, 50, growth.forecast_jump),
    Plot("credit_first_half", "upfront", 31, 90, credit.first_half),
    Plot("credit_last_two_months", "upfront", 31, 60, credit.last_two_months),
    Plot("monthly_growth", "steady", 31, 98, growth.monthly_growth),
    Plot("revenue_spike", "steady", 25, 65, growth.revenue_spike),
    Plot("declining", "steady", 28, 100, churn.declining),
    Plot("few_users", "steady", 20, 80, churn.few_users),
    Plot("poor_health", "steady", 14, 62, churn.poor_health),
    Plot("renewal", "steady", 45, 75, churn.renewal),
    Plot("cancelled", "steady", 40, 60, churn.cancelled),
    Plot("usage_spike", "steady", 90, 110, growth.usage_spike),
    Plot("billing_limit", "steady", 30, 50, growth.billing_limit),
    Plot("first_use", "steady", 40, 60, cross_sell.first_use),
    Plot("first_use_activated", "steady", 40, 60, cross_sell.first_use_activated),
    Plot("replay", "steady", 35, 62, cross_sell.replay),
    Plot("flags_engineers", "steady", 35, 62, cross_sell.flags_engineers),
    Plot("flags_experiments", "steady", 35, 62, cross_sell.flags_experiments),
    Plot("credit_overdue", "upfront", 33, 50, payment.credit_overdue),
    Plot("payment_retry", "payg", 10, 30, payment.retry_succeeds),
    Plot("payment_grace", "steady", 15, 50, payment.grace),
    Plot("payment_unmanaged_small", "steady", 15, 45, payment.unmanaged_small),
    Plot("held_by_ticket", "steady", 35, 60, held.open_ticket),
    Plot("held_in_month_11", "steady", 20, 50, held.contract_window),
    Plot("held_by_renewal", "steady", 35, 60, held.negotiating),
    Plot("held_without_champion", "steady", 35, 65, held.champion_gone),
    Plot("held_second_pitch", "steady", 35, 60, held.second_pitch),
    Plot("held_new_customer", "steady", 12, 45, held.new_customer),
    Plot("held_by_snooze", "steady", 20, 45, growth.forecast_snoozed),
    Plot("quiet_forecast_half", "steady", 20, 45, growth.forecast_exactly_half),
    Plot("quiet_seasonal_drop", "steady", 30, 90, churn.usage_drop_seasonal),
    Plot("quiet_channel_unlinked", "steady", 20, 60, churn.slack_unlinked),
    Plot("quiet_trial_cancel", "steady", 30, 60, churn.cancelled_in_trial),
    Plot("quiet_health_broken", "steady", 14, 75, churn.poor_health_broken),
    Plot("quiet_credit_outlasts", "upfront", 31, 50, credit.outlasts),
    Plot("quiet_customer_asked", "steady", 30, 45, cross_sell.asked),
    Plot("champion_moved", "steady", 30, 45, churn.champion_moved),
)

PLOTS: dict[str, Plot] = {plot.name: plot for plot in _ALL}
