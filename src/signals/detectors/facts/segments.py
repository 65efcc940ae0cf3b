"""Segments by their exact criteria, the ARR they look at, and the ticket system's tags that follow (catalogue 6)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from msgspec import UNSET

from signals.detectors.facts.logic import all_hold, any_holds, denied
from signals.detectors.language.names import UNKNOWN, Fact, Kind, Truth
from signals.detectors.moment import Look, fact
from signals.domain.account.daily import business_day
from signals.domain.account.history import trial_begun, week_number

HELD_WEEKS = 5
"""Ours: how old the last MRR above zero may be at the start of a trial to be what the customer pays."""


def _billed(look: Look) -> bool:
    """Say whether the billing feed has said anything: from then on, what it did not say is absent."""
    billing = look.moment.state.billing
    return billing.subscription_at is not None or billing.spend_at is not None


def trial_start(look: Look) -> int | None:
    """Return the ordinal of the day the running or last trial began, extensions counted in; None without one."""
    until = look.moment.state.billing.trial_until
    return trial_begun(look.moment.state.history, until, look.zone) if isinstance(until, date) else None


def held_mrr(look: Look) -> Decimal | None:
    """Return the MRR of before a trial that still runs, its last day included (catalogue 2.3); None without one."""
    until, begun = look.moment.state.billing.trial_until, trial_start(look)
    if begun is None or not isinstance(until, date) or until < look.today:
        return None
    billing = look.moment.state.billing
    cancelled = billing.cancelled_at is not None and business_day(billing.cancelled_at, look.zone) < begun
    if cancelled and billing.cancelled_by != "us_for_trial":
        return None  # lost before the trial: nothing is held
    last, spend = week_number(begun), look.moment.state.history.spend
    weeks = [week for week in spend if last - HELD_WEEKS <= week <= last]
    return spend[max(weeks)].mrr if weeks else None


def effective_mrr(look: Look) -> object:
    """Return MRR, held at the value of before while a paying customer is on a trial."""
    mrr = look.moment.state.billing.mrr
    held = held_mrr(look)
    if mrr is UNSET:
        return UNKNOWN
    return mrr if held is None else max(mrr, held)


def _effective_arr(look: Look) -> object:
    mrr = effective_mrr(look)
    return mrr * 12 if isinstance(mrr, Decimal) else UNKNOWN


def _arr(look: Look, test: Callable[[Decimal], bool]) -> Truth:
    arr = look.fact("billing.effective_arr")
    return test(arr) if isinstance(arr, Decimal) else UNKNOWN


def _trait(look: Look, name: str) -> object:
    return look.fact(f"traits.{name}")


def _credit_runs(look: Look) -> Truth:
    """Say whether there is credit left and it expires later than today."""
    credits = look.moment.state.credits
    if credits.balance is UNSET:
        return False if _billed(look) else UNKNOWN
    expiries = [one.expires_on for one in credits.grants.values() if one.expires_on is not None]
    return credits.balance > 0 and any(day > look.today for day in expiries)


def _startup_metadata(look: Look) -> Truth:
    """Return the startup flag of billing; a startup grant says it as well where the flag was never reported."""
    told = _trait(look, "startup_plan")
    if told is UNKNOWN:
        grants = look.moment.state.credits.grants.values()
        return any(one.reason == "startup" for one in grants) if grants or _billed(look) else UNKNOWN
    return told is True


def _startup_plan(look: Look) -> Truth:
    return all_hold(_credit_runs(look), _startup_metadata(look))


def _yearly(look: Look) -> Truth:
    interval = look.moment.state.billing.interval
    if interval is UNSET:
        return False if _billed(look) else UNKNOWN
    return interval == "year"


def _annual_plan(look: Look) -> Truth:
    return any_holds(_yearly(look), all_hold(_credit_runs(look), denied(_startup_metadata(look))))


def _active_trial(look: Look) -> Truth:
    until = look.moment.state.billing.trial_until
    if until is UNSET:
        return False if _billed(look) else UNKNOWN
    return until is not None and until > look.today


def _never_paid(look: Look) -> Truth:
    value = _trait(look, "lifetime_value")
    if isinstance(value, Decimal | int):
        return value == 0
    paid = any(one.paid_at is not None for one in look.moment.state.billing.invoices.values())
    return False if paid else UNKNOWN


def _first_payment_forecast(look: Look) -> Truth:
    ends, forecast = _trait(look, "current_period_ends_on"), look.moment.state.billing.forecasted_mrr
    return all_hold(
        _never_paid(look),
        ends > look.today if isinstance(ends, date) else (UNKNOWN if ends is UNKNOWN else False),
        UNKNOWN if forecast is UNSET else forecast > look.moment.terms.first_forecast_above,
    )


def _arr_60k(look: Look) -> Truth:
    large = look.moment.terms.arr_large
    return all_hold(denied(_startup_plan(look)), _arr(look, lambda arr: arr >= large))


def _arr_20k(look: Look) -> Truth:
    terms = look.moment.terms
    return all_hold(denied(_startup_plan(look)), _arr(look, lambda arr: terms.arr_managed <= arr < terms.arr_large))


def _named(segment: str) -> Callable[[Look], Truth]:
    def held(look: Look) -> Truth:
        segments = look.moment.state.profile.segments
        return UNKNOWN if segments is UNSET else segment in segments

    return held


@dataclass(frozen=True)
class TagView:
    """One tag of the organization in the ticket system, and whether it belongs there."""

    name: str
    set: Truth


def _tags(look: Look) -> object:
    """Return the six tags with whether each is due; none without an organization in the ticket system."""
    known = _trait(look, "zendesk_id")
    if known is UNKNOWN or known is None:
        return UNKNOWN if known is UNKNOWN else ()
    own = look.fact("traits.own_account") is True
    startup, trial = _startup_plan(look), _active_trial(look)
    managed = look.moment.terms.arr_managed
    cancelled: Truth = look.moment.state.billing.status == "cancelled"
    churned = all_hold(not own, denied(trial), cancelled)
    free = _arr(look, lambda arr: arr == 0)
    due = {
        "priority_customer": any_holds(own, all_hold(denied(startup), _arr(look, lambda arr: arr >= managed))),
        "paying_customer": all_hold(denied(startup), _arr(look, lambda arr: 0 < arr < managed)),
        "non_paying": all_hold(not own, denied(startup), denied(trial), free, denied(churned)),
        "churned": churned,
        "startup_plan": startup,
        "trial": trial,
    }
    return tuple(TagView(name, truth) for name, truth in due.items())


_MRR = (
    "billing.mrr", "billing.trial_until", "billing.cancelled_at", "billing.cancelled_by", "history.trials",
    "history.spend",
)  # fmt: skip
_CREDIT = ("credits.balance", "credits.grants", "traits.startup_plan", "billing.subscription_at", "billing.spend_at")
_TRIAL = ("billing.trial_until", "billing.subscription_at", "billing.spend_at")

FACTS: tuple[Fact, ...] = (
    fact("billing.effective_mrr", Kind.MONEY, effective_mrr, *_MRR, unit="USD/month", daily=True, label="MRR",
         doc="MRR, held at its value of before while a paying customer is put on a trial (catalogue 2.3)."),
    fact("billing.effective_arr", Kind.MONEY, _effective_arr, *_MRR, unit="USD/year", daily=True, label="ARR",
         doc="12 x the effective MRR: what segments and thresholds of ARR look at."),
    fact("segment.startup_plan", Kind.BOOL, _startup_plan, *_CREDIT, daily=True,
         doc="Credit left that expires later than today, and startup metadata is set."),
    fact("segment.annual_plan", Kind.BOOL, _annual_plan, *_CREDIT, "billing.interval", daily=True,
         doc="Yearly subscription, or credit left that expires later than today without startup metadata."),
    fact("segment.active_trial", Kind.BOOL, _active_trial, *_TRIAL, daily=True,
         doc="A free trial runs until later than today."),
    fact("segment.arr_20k", Kind.BOOL, _arr_20k, *_MRR, *_CREDIT, daily=True,
         doc="ARR of $20,000 to below $60,000, not on the startup plan."),
    fact("segment.arr_60k", Kind.BOOL, _arr_60k, *_MRR, *_CREDIT, daily=True,
         doc="ARR of $60,000 or more, not on the startup plan."),
    fact("segment.first_payment_forecast", Kind.BOOL, _first_payment_forecast, "traits.lifetime_value",
         "billing.invoices", "traits.current_period_ends_on", "billing.forecasted_mrr", daily=True,
         doc="Nothing paid ever, the period ends later than today, forecast MRR above $1."),
    fact("segment.am_managed", Kind.BOOL, _named("AM Managed"), "profile.segments", doc="In the segment AM Managed."),
    fact("segment.leads", Kind.BOOL, _named("Leads"), "profile.segments", doc="In the segment Leads."),
    fact("segment.churn_risk", Kind.BOOL, _named("Churn Risk"), "profile.segments", doc="In the segment Churn Risk."),
    fact("zendesk.tags", Kind.LIST, _tags, "traits.zendesk_id", "traits.own_account", "billing.status", *_MRR,
         *_CREDIT, daily=True, fields={"name": Kind.TEXT, "set": Kind.BOOL},
         doc="The six tags of the organization in the ticket system (catalogue 6.2), and whether each belongs there."),
)  # fmt: skip
