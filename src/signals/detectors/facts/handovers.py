"""Facts a handover asks for: the first purchase of credit, primary products in use, a discount no table yields."""

from datetime import date
from decimal import Decimal

from signals.detectors.discounts import levers, total
from signals.detectors.facts.use import ENGAGED_READS, USED_READS
from signals.detectors.language.names import UNKNOWN, Fact, Kind
from signals.detectors.moment import Look, fact
from signals.domain.account.relationship import Opportunity

PRIMARY = ("session_replay", "feature_flags", "error_tracking")
"""The three products that decide who gets an account (catalogue 12.2, contradiction 6)."""

YEAR_MONTHS = 12
NET_DAYS = (30, 45, 60)
"""Terms of payment an order form may have; nobody reports which."""


def _first_credit_on(look: Look) -> object:
    """Return the first day of the first contract with credit."""
    starts = [one.starts_on for one in look.moment.state.credits.contracts.values() if one.credit is not None]
    return min(starts, default=None)


def _primary_used(look: Look) -> object:
    """Return how many of the primary products are in use; unknown while one of them is not known."""
    known = [look.fact(f"uses.{product}") for product in PRIMARY]
    return UNKNOWN if UNKNOWN in known else sum(one is True for one in known)


def _won(one: Opportunity) -> bool:
    return not one.open and (one.order_form == "completed" or isinstance(one.signed_on, date))


def _newest_order(look: Look) -> Opportunity | None:
    won = [one for one in look.moment.state.relationship.opportunities.values() if _won(one)]
    return max(won, key=lambda one: one.at, default=None)


def yields(credit: Decimal, term_months: int, discount: Decimal, *, mutual: bool) -> bool:
    """Say whether the table with its levers gives that discount for an order form; a custom one is a person's.

    >>> [yields(Decimal(60_000), 12, Decimal(share), mutual=False) for share in ("0.27", "0.25")]
    [False, True]
    """
    years = term_months // YEAR_MONTHS or 1
    possible = {
        total(levers(credit, years=years, years_upfront=upfront, net_days=net, date_agreed=agreed))
        for upfront in {1, years}
        for net in NET_DAYS
        for agreed in {False, mutual}
    }
    return None in possible or discount in possible or discount == 0


def _unexplained(look: Look) -> object:
    """Return the discount of the newest signed order form when no table yields it; null when one does."""
    order = _newest_order(look)
    if order is None:
        return None
    if not isinstance(order.discount, Decimal) or not isinstance(order.credit, Decimal):
        return UNKNOWN if order.discount is not None and order.credit is not None else None
    term = order.term_months if isinstance(order.term_months, int) else YEAR_MONTHS
    mutual = order.mutual_confirmed_by != "other"  # not reported: the extra may have been given
    return None if yields(order.credit, term, order.discount, mutual=mutual) else order.discount


def _noted(look: Look) -> bool:
    return any(note.category == "discount" for note in look.moment.state.relationship.notes)


_USES = (*USED_READS, *ENGAGED_READS)

FACTS: tuple[Fact, ...] = (
    fact("contract.first_credit_on", Kind.DATE, _first_credit_on, "credits.contracts", label="First credit bought",
         doc="First day of the first contract with credit; null without one."),
    fact("products.primary_used", Kind.COUNT, _primary_used, *_USES, unit="count", daily=True,
         label="Primary products in use", doc="How many of replay, feature flags and error tracking are in use."),
    fact("discount.unexplained", Kind.SHARE, _unexplained, "relationship.opportunities", unit="share",
         label="Discount", doc="Discount of the newest signed order form that no table yields; null when one does."),
    fact("discount.noted", Kind.BOOL, _noted, "relationship.notes",
         doc="A note of category discount explains it."),
)  # fmt: skip
