"""Incidents of ours as one account meets them: broadcast, or on the CRM topic for each account that may be affected."""

from typing import Annotated

from msgspec import Meta

from signals.domain.events.base import Event, Name

IncidentSeverity = Annotated[int, Meta(ge=0, le=4)]


class IncidentDeclared(Event, frozen=True, kw_only=True, tag="incident_declared"):
    """An incident is open, as it is known now; sent again when severity, components or regions change."""

    incident_id: Name
    severity: IncidentSeverity
    """0, the gravest, to 4, planned or over: SEV0 to SEV4."""
    components: list[Name] = []
    """What is affected: ``platform``, ``api``, ``login``, ``ingestion``, ``queries``, ``replay``, ``flags``, or a
    product key."""
    regions: list[Name] = []
    """Cloud regions, such as ``EU``; empty means every region."""
    listed: bool = False
    """The incident names this organization."""


class IncidentResolved(Event, frozen=True, kw_only=True, tag="incident_resolved"):
    """The incident is over."""

    incident_id: Name


class PostmortemSent(Event, frozen=True, kw_only=True, tag="postmortem_sent"):
    """The account got the written summary of an incident."""

    incident_id: Name
    by: Name | None = None
