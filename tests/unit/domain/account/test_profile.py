"""Profile: each field has its own last word; unknown, absent and known are three things."""

from datetime import UTC, datetime, timedelta

from msgspec import UNSET

from signals.domain.account.profile import (
    Profile,
    account_described,
    canary_sent,
    organization_created,
    owner_assigned,
)
from signals.domain.events.crm import AccountDescribed, OrganizationCreated, OwnerAssigned
from signals.domain.events.feedback import CanarySent

NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=1)


def test_fields_change_one_by_one() -> None:
    """What a description does not name stays; null is known to be absent."""
    profile = account_described(Profile(), AccountDescribed(org_id="o", at=NOON, employees=51, country="USA"))
    profile = account_described(profile, AccountDescribed(org_id="o", at=LATER, country=None))
    assert (profile.employees, profile.country, profile.company_type) == (51, None, UNSET)


def test_a_late_description_fills_gaps_and_overwrites_nothing() -> None:
    """Field by field the later event time wins."""
    profile = account_described(Profile(), AccountDescribed(org_id="o", at=LATER, employees=51))
    profile = account_described(profile, AccountDescribed(org_id="o", at=NOON, employees=9, country="USA"))
    assert (profile.employees, profile.country) == (51, "USA")


def test_lists_are_sets_in_order() -> None:
    """Segments and tags come sorted and once each; an empty list is known to be empty."""
    profile = account_described(Profile(), AccountDescribed(org_id="o", at=NOON, segments=["b", "a", "b"], tags=[]))
    assert (profile.segments, profile.tags) == (("a", "b"), ())


def test_the_earliest_creation_counts_and_its_name_yields() -> None:
    """A name given at the creation never replaces a described one."""
    profile = account_described(Profile(), AccountDescribed(org_id="o", at=NOON, name="Acme Inc"))
    profile = organization_created(profile, OrganizationCreated(org_id="o", at=LATER, name="acme"))
    profile = organization_created(profile, OrganizationCreated(org_id="o", at=NOON, name="acme"))
    assert (profile.created_at, profile.name) == (NOON, "Acme Inc")


def test_an_account_may_be_known_to_have_no_owner() -> None:
    """Nobody is an answer; a late assignment does not undo a later one."""
    profile = owner_assigned(Profile(), OwnerAssigned(org_id="o", at=LATER, owner=None))
    assert profile.owner is None
    assert owner_assigned(profile, OwnerAssigned(org_id="o", at=NOON, owner="dana")) == profile


def test_the_newest_sign_of_life_counts() -> None:
    """An older one that comes later changes nothing, and neither does a repeat."""
    profile = canary_sent(Profile(), CanarySent(org_id="o", at=LATER))

    assert profile.canary_at == LATER
    assert canary_sent(profile, CanarySent(org_id="o", at=NOON)) is profile
    assert canary_sent(profile, CanarySent(org_id="o", at=LATER)) is profile
