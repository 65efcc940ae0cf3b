"""Fields with nothing in them: by name where entries are told apart, else by what a new account has."""

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from signals.detectors.facts.vocabulary import VOCABULARY
from signals.detectors.language.names import Close
from signals.detectors.language.waiting import Watch
from signals.detectors.moment import Moment
from signals.detectors.terms import Terms
from signals.domain.account.billing import Billing
from signals.domain.account.state import Account
from signals.domain.account.traits import Traits, TraitState
from signals.engine.emptiness import is_empty

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def moment(account: Account) -> Moment:
    """Return a moment of an account."""
    return Moment(account, NOON, zone=ZoneInfo("UTC"), terms=Terms(), names=VOCABULARY, truths={}, levels={})


@pytest.mark.parametrize(
    ("field", "empty"),
    [
        ("billing.mrr", False),
        ("billing.forecasted_mrr", True),
        ("billing.invoices", True),
        ("credits.contracts", True),
        ("traits.plan_type", False),
        ("traits.cloud_region", True),
        ("work.done.health_check", True),
        ("heard.topics.price", True),
        ("usage.days", False),
        ("people.persons", False),
        ("usage.used.surveys", False),
        ("nothing.of_the_kind", False),
    ],
)
def test_what_is_empty(field: str, empty: bool) -> None:
    """What is not known to be empty counts as full, and so do usage and people."""
    known = Traits(values={"plan_type": TraitState("payg", NOON, NOON)})
    look = moment(Account("acme", NOON, billing=Billing(mrr=Decimal(5)), traits=known))
    assert is_empty(look, field) is empty
    assert look.empty[field] is empty


def test_two_that_wait_have_dates_where_either_has() -> None:
    """One that no close matters to adds its fields and no dates; one of the calendar is never without."""
    contracts = Watch(frozenset({"credits.contracts"}), Close.DAY, frozenset({"credits.contracts"}))
    plain = Watch(frozenset({"billing.mrr"}), Close.NEVER, frozenset({"billing.mrr"}))
    trial = Watch(frozenset(), Close.MONTH, frozenset({"billing.trial_until"}))
    calendar = Watch(frozenset(), Close.DAY, None)

    assert contracts.joined(plain).dated == frozenset({"credits.contracts"})
    assert plain.joined(contracts).dated == frozenset({"credits.contracts"})
    assert contracts.joined(trial).dated == frozenset({"credits.contracts", "billing.trial_until"})
    assert contracts.joined(calendar).dated is None
    assert contracts.joined(plain).undated == Watch(frozenset({"billing.mrr", "credits.contracts"}), Close.NEVER)
