"""Events of an organization with people: reports of every day, roles, actions, properties."""

from signals.domain.events import crm, described, usage
from signals.domain.events.base import Event
from support.moments import ORG, ago, at


def reports(**volumes: int) -> list[Event]:
    """Return an organization of 40 days with a report of every day."""
    created = crm.OrganizationCreated(org_id=ORG, at=at(ago(40)))
    return [
        created,
        *(usage.UsageReported(org_id=ORG, at=at(ago(days - 1), 2), day=ago(days), volumes=volumes)
          for days in range(40, 0, -1)),
    ]  # fmt: skip


def person(name: str, family: str | None) -> Event:
    """Return a person with a role; None leaves it not known."""
    if family is None:
        return usage.UserActed(org_id=ORG, at=at(ago(1)), person_id=name, action="looked")
    return crm.PersonDescribed(org_id=ORG, at=at(ago(2)), person_id=name, family=family)  # type: ignore[arg-type]  # a family


def acted(name: str, action: str, days: int = 1) -> Event:
    """Return one action of a person."""
    return usage.UserActed(org_id=ORG, at=at(ago(days)), person_id=name, action=action)


def traits(**values: object) -> Event:
    """Return reported properties."""
    return described.TraitsReported(org_id=ORG, at=at(ago(1)), traits=values)  # type: ignore[arg-type]  # raw traits
