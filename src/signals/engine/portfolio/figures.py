"""From summaries to figures by subject: what the role ``report`` tells as traits once a day."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from signals.domain.account.daily import month_start
from signals.domain.events.broadcast import EVERYONE
from signals.domain.events.described import TraitsReported
from signals.domain.summary import Summary
from signals.domain.traits.trait import RawTrait
from signals.engine.portfolio import adoption, books, revenue

Figures = Mapping[str, Mapping[str, RawTrait]]
"""Subject -> trait -> value as it is written."""

ALL = "all-accounts"
LARGEST = 40
"""Accounts whose handovers leadership hears of (handbook AO); the trait is ``top_40_from``."""

COHORT_AGES = (3, 6, 12)
"""Months at which a cohort is looked at (handbook RR)."""

QUARTER = timedelta(days=90)
PLACES = Decimal("0.0001")


@dataclass(frozen=True)
class ReportTerms:
    """Numbers of the report; all but the ARR are proposals.

    Parameters
    ----------
    managed_arr
        ARR from which an account must have an owner (handbook AA).
    book_most
        Managed accounts a book may have at the start of a quarter (handbook AA).
    movers
        How many rises and falls are listed.
    movement
        Smallest change of a month's revenue that is listed.
    """

    managed_arr: Decimal = Decimal(20_000)
    book_most: int = 15
    movers: int = 20
    movement: Decimal = Decimal(500)


def figures(
    accounts: Iterable[Summary], day: date, terms: ReportTerms = ReportTerms(), weekly: bool | None = None
) -> Figures:
    """Return all figures as of the close of the business day before *day*.

    Once a week also where the largest accounts begin, for every account to compare itself with: each takes that as it
    takes any broadcast, and all accounts looked at once more are not worth it every day. *weekly* says whether it is
    due; None: on Mondays.
    """
    listed = sorted(accounts, key=lambda one: one.org_id)
    paying = revenue.counted(listed, revenue.last_closed_month(day))
    found: dict[str, dict[str, RawTrait]] = {ALL: {}}
    found[ALL] |= _retention(listed, paying, day, terms) | _leads(listed, day) | _signups(listed, day)
    found[ALL] |= _quarter(listed, day, terms) | _adoption(listed, paying, day)
    for owner, book in books.books(listed).items():
        found[f"book:{owner}"] = {
            "book_role": book.role,
            "book_managed": book.managed,
            "book_leads": book.leads,
            "book_customers": book.customers,
            "book_arr": _money(book.arr),
        }
    for source, share in adoption.conversion(adoption.closed_between(listed, day - QUARTER, day)).items():
        found[f"lead-type:{source}"] = {"lead_conversion": _share(share.share), "lead_conversion_leads": share.whole}
    for product in adoption.products_of_interest(listed):
        found[f"product:{product}"] = _product(listed, product, day)
    found |= _cohorts(paying, day)
    cut = books.ranked_arr(listed, LARGEST) if weekly or (weekly is None and day.isoweekday() == 1) else None
    if cut is not None:
        found[EVERYONE] = {"top_40_from": _money(cut)}
    return found


def events_of(found: Figures, at: datetime) -> tuple[TraitsReported, ...]:
    """Return one event per subject, all at one time; the id makes a repetition of the same day the same moment."""
    return tuple(
        TraitsReported(
            org_id=subject,
            at=at,
            id=f"figures {at:%G-W%V}" if subject == EVERYONE else f"figures {at:%Y-%m-%d}",
            traits=dict(traits),
        )
        for subject, traits in found.items()
    )


def _retention(listed: list[Summary], paying: list[Summary], day: date, terms: ReportTerms) -> dict[str, RawTrait]:
    month = revenue.last_closed_month(day)
    year, before = revenue.retention_of(paying, month, 12), revenue.retention_of(paying, month - 1, 12)
    logos, customers = revenue.logo_retention(paying, month - 3)
    risers, fallers = revenue.movers(listed, month, terms.movement, terms.movers)
    parts = revenue.components(paying, month)
    return {
        "ndr": _share(year.ndr),
        "ndr_6m": _share(revenue.retention_of(paying, month, 6).ndr),
        "ndr_3m": _share(revenue.retention_of(paying, month, 3).ndr),
        "gdr": _share(year.gdr),
        "gdr_before": _share(before.gdr),
        "retention_customers": year.customers,
        "onboarding_retention": _share(logos),
        "onboarding_customers": customers,
        "average_products": _share(books.average_products(listed)),
        "month_baseline": _money(parts.baseline),
        "month_new_rate": _share(parts.rate(parts.new)),
        "month_reactivated_rate": _share(parts.rate(parts.reactivated)),
        "month_expansion_rate": _share(parts.rate(parts.expansion)),
        "month_contraction_rate": _share(parts.rate(parts.contraction)),
        "month_churn_rate": _share(parts.rate(abs(parts.churned))),
        "risers": [f"{name} +{change:,.0f}" for name, change in risers.items()],
        "fallers": [f"{name} {change:,.0f}" for name, change in fallers.items()],
    }


def _leads(listed: list[Summary], day: date) -> dict[str, RawTrait]:
    tasks = adoption.closed_between(listed, day - QUARTER, day)
    other = adoption.reason_share(tasks, "Other")
    everything = adoption.closed_between(listed, date.min, day)
    quiet = adoption.quiet_share(everything, "Below Sales Assist Threshold - Prospect", day, QUARTER)
    return {
        "disqualified": other.whole,
        "disqualified_other": _share(other.share),
        "below_threshold": quiet.whole,
        "below_threshold_quiet": _share(quiet.share),
    }


def _signups(listed: list[Summary], day: date) -> dict[str, RawTrait]:
    yesterday = day - timedelta(days=1)
    weekdays = [adoption.created_on(listed, yesterday - timedelta(days=7 * week)) for week in range(1, 5)]
    recent = [one for one in listed if one.created_on is not None and one.created_on > day - timedelta(days=31)]
    return {
        "signups": adoption.created_on(listed, yesterday),
        "signups_usual": _share(Decimal(sum(weekdays)) / 4),
        "enrichment_writes": adoption.enriched_on(listed, yesterday),
        "enrichment_gap": sum(one.enriched_on is None for one in recent),
    }


def _quarter(listed: list[Summary], day: date, terms: ReportTerms) -> dict[str, RawTrait]:
    decided = books.allocation(listed, terms.managed_arr)
    full = [book.owner for book in books.books(listed).values() if book.managed > terms.book_most]
    start = books.quarter_start(day)
    last = start - timedelta(days=1)
    sold = adoption.funnel(listed, books.quarter_start(last), last)
    return {
        "quarter_started_on": start.isoformat(),
        "unowned_accounts": list(decided.unowned)[:100],
        "flagged_handovers": list(decided.handovers)[:100],
        "csm_potential": list(decided.potential)[:100],
        "full_books": full[:100],
        "cross_sell_created": sold.created,
        "cross_sell_win_rate": _share(sold.win_rate),
        "cross_sell_deal_size": None if sold.deal_size is None else _money(sold.deal_size),
        "cross_sell_days": _share(sold.days_to_close),
        "cross_sell_best": sold.best or None,
        "cross_sell_worst": sold.worst or None,
    }


def _adoption(listed: list[Summary], paying: list[Summary], day: date) -> dict[str, RawTrait]:
    now_last = books.quarter_start(day) - timedelta(days=1)
    now_first = books.quarter_start(now_last)
    before_last = now_first - timedelta(days=1)
    found: dict[str, RawTrait] = {}
    for name, first, last in (("now", now_first, now_last), ("before", books.quarter_start(before_last), before_last)):
        interests = [interest for one in listed for interest in one.interests.values()]
        found[f"trials_{name}"] = sum(first <= one.first_on <= last for one in interests)
        found[f"activated_{name}"] = sum(
            one.activated_on is not None and first <= one.activated_on <= last for one in interests
        )
        months = [revenue.last_closed_month(first) + 1 + step for step in range(3)]
        lost = [
            one.org_id
            for one in paying
            for month in months
            if one.revenue.get(month - 1, revenue.ZERO) > 0 and not one.revenue.get(month)
        ]
        found[f"churned_{name}"] = len(set(lost))
    return found


def _product(listed: list[Summary], product: str, day: date) -> dict[str, RawTrait]:
    month = revenue.last_closed_month(day) - 1  # the intents of a month have 30 days more to be activated
    rates = [
        adoption.activation(listed, product, month_start(number), month_start(number + 1) - timedelta(days=1))
        for number in range(month - 3, month + 1)
    ]
    usual = [one.share for one in rates[:3] if one.share is not None]
    contexts = {context for one in listed if product in one.interests for context in one.interests[product].contexts}
    return {
        "activation_rate": _share(rates[3].share),
        "activation_usual": _share(sum(usual, Decimal(0)) / len(usual) if len(usual) == 3 else None),
        "activation_intents": rates[3].whole,
        "intents_seen": sum(product in one.interests for one in listed),
        "intent_contexts": sorted(contexts)[:100],
    }


def _cohorts(paying: list[Summary], day: date) -> dict[str, dict[str, RawTrait]]:
    """Return the cohorts that reach one of the ages with the month that closed last."""
    month = revenue.last_closed_month(day)
    found: dict[str, dict[str, RawTrait]] = {}
    for age in COHORT_AGES:
        cohort = month - age
        kept = revenue.cohort_retention(paying, cohort, age)
        before = [revenue.cohort_retention(paying, cohort - back, age) for back in (1, 2, 3)]
        known = [one for one in before if one is not None]
        if kept is not None and len(known) == len(before):
            found[f"cohort:{month_start(cohort):%Y-%m}"] = {
                "cohort_age": age,
                "cohort_retention": _share(kept),
                "cohort_usual": _share(sum(known, Decimal(0)) / len(known)),
            }
    return found


def _share(value: Decimal | None) -> str | None:
    return None if value is None else format(value.quantize(PLACES), "f")


def _money(value: Decimal) -> str:
    return format(value.quantize(Decimal("0.01")), "f")
