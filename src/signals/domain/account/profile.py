"""Who the account is: profile, enrichment, segments, owner."""

from datetime import datetime

import msgspec
from msgspec import UNSET, UnsetType

from signals.domain.events.crm import AccountDescribed, OrganizationCreated, OwnerAssigned
from signals.domain.events.feedback import CanarySent

DESCRIBED = (
    "name", "company_type", "business_type", "employees", "country", "icp_score", "segments", "tags", "crm_url",
    "usage_url",
)  # fmt: skip


class Profile(msgspec.Struct, frozen=True, omit_defaults=True):
    """Profile facts. UNSET is unknown, None is known to be absent."""

    created_at: datetime | UnsetType = UNSET
    name: str | UnsetType = UNSET
    company_type: str | None | UnsetType = UNSET
    business_type: str | None | UnsetType = UNSET
    employees: int | None | UnsetType = UNSET
    country: str | None | UnsetType = UNSET
    icp_score: int | None | UnsetType = UNSET
    segments: tuple[str, ...] | UnsetType = UNSET
    tags: tuple[str, ...] | UnsetType = UNSET
    crm_url: str | None | UnsetType = UNSET
    usage_url: str | None | UnsetType = UNSET
    owner: str | None | UnsetType = UNSET
    owner_role: str = "other"
    owner_at: datetime | None = None
    canary_at: datetime | None = None
    """Newest sign of life; only accounts of our own have one."""
    changed: dict[str, datetime] = {}
    """Field -> event time of its last change, so that a late description never overwrites a newer one."""


def organization_created(profile: Profile, event: OrganizationCreated) -> Profile:
    """Note the creation: the earliest wins, and a name given here yields to any description."""
    if profile.created_at is UNSET or event.at < profile.created_at:
        profile = msgspec.structs.replace(profile, created_at=event.at)
    if event.name is not None and profile.name is UNSET:
        profile = msgspec.structs.replace(profile, name=event.name)
    return profile


def account_described(profile: Profile, event: AccountDescribed) -> Profile:
    """Set each field given, unless a later event set it already."""
    values: dict[str, object] = {}
    changed = dict(profile.changed)
    for field in DESCRIBED:
        value = getattr(event, field)
        if value is UNSET or (field in changed and event.at < changed[field]):
            continue
        changed[field] = event.at
        values[field] = tuple(sorted(set(value))) if isinstance(value, list) else value
    return msgspec.structs.replace(profile, changed=changed, **values) if values else profile


def owner_assigned(profile: Profile, event: OwnerAssigned) -> Profile:
    """Set the owner, unless a later assignment is known."""
    if profile.owner_at is not None and event.at < profile.owner_at:
        return profile
    return msgspec.structs.replace(profile, owner=event.owner, owner_role=event.role, owner_at=event.at)


def canary_sent(profile: Profile, event: CanarySent) -> Profile:
    """Note the sign of life, unless a later one is known."""
    if profile.canary_at is not None and event.at <= profile.canary_at:
        return profile
    return msgspec.structs.replace(profile, canary_at=event.at)
