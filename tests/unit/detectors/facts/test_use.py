"""Facts of use and pay, product by product."""

from datetime import UTC, datetime
from decimal import Decimal

from signals.detectors.language.names import UNKNOWN
from signals.domain.events.billing import SpendReported
from support.moments import account_after, look_at

AT = datetime(2026, 6, 1, 12, tzinfo=UTC)


def test_the_mrr_of_a_product_is_zero_once_spend_was_reported_without_it() -> None:
    """Unknown before any report by product, exact afterwards."""
    bare = SpendReported(org_id="org_1", at=AT, mrr=Decimal(500))
    split = SpendReported(org_id="org_1", at=AT, mrr=Decimal(500), products={"session_replay": Decimal("166.67")})

    assert look_at(account_after(bare)).fact("mrr.session_replay") is UNKNOWN
    assert look_at(account_after(split)).fact("mrr.session_replay") == Decimal("166.67")
    assert look_at(account_after(split)).fact("mrr.feature_flags") == 0
