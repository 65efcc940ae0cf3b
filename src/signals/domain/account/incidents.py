"""Incidents of ours that may touch the account: open ones, and the newest that are over."""

from datetime import datetime

import msgspec

from signals.domain.events.incidents import IncidentDeclared, IncidentResolved, PostmortemSent

MAX_INCIDENTS = 12
GRAVE = 1
# Open ones are kept before those that are over, and grave ones (severity 0 and 1) before others: a guard asks for seven
# days after their end, the postmortem for two. Every account hears of every incident that is broadcast, also of those
# that do not touch it.


class Incident(msgspec.Struct, frozen=True, omit_defaults=True):
    """One incident. ``declared_at`` is the newest declaration, ``started_at`` the earliest."""

    severity: int = 4
    components: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    listed: bool = False
    started_at: datetime | None = None
    declared_at: datetime | None = None
    resolved_at: datetime | None = None
    postmortem_at: datetime | None = None


class Incidents(msgspec.Struct, frozen=True, omit_defaults=True):
    """Incident facts by id."""

    known: dict[str, Incident] = {}


def incident_declared(incidents: Incidents, event: IncidentDeclared) -> Incidents:
    """Take over what is declared, unless a later declaration is known; declared again after its end it is open."""
    known = incidents.known.get(event.incident_id, Incident())
    started = event.at if known.started_at is None else min(known.started_at, event.at)
    if known.declared_at is not None and event.at < known.declared_at:
        return _with(incidents, event.incident_id, msgspec.structs.replace(known, started_at=started))
    resolved = known.resolved_at
    incident = Incident(
        severity=event.severity,
        components=tuple(sorted(set(event.components))),
        regions=tuple(sorted(set(event.regions))),
        listed=event.listed,
        started_at=started,
        declared_at=event.at,
        resolved_at=resolved if resolved is not None and resolved >= event.at else None,
        postmortem_at=known.postmortem_at,
    )
    return _with(incidents, event.incident_id, incident)


def incident_resolved(incidents: Incidents, event: IncidentResolved) -> Incidents:
    """Note the end, unless the incident was declared again since; the latest end counts."""
    known = incidents.known.get(event.incident_id, Incident())
    if known.declared_at is not None and event.at < known.declared_at:
        return incidents
    ends = event.at if known.resolved_at is None else max(known.resolved_at, event.at)
    return _with(incidents, event.incident_id, msgspec.structs.replace(known, resolved_at=ends))


def postmortem_sent(incidents: Incidents, event: PostmortemSent) -> Incidents:
    """Note when the summary first went out."""
    known = incidents.known.get(event.incident_id, Incident())
    sent = event.at if known.postmortem_at is None else min(known.postmortem_at, event.at)
    return _with(incidents, event.incident_id, msgspec.structs.replace(known, postmortem_at=sent))


def _with(incidents: Incidents, incident_id: str, incident: Incident) -> Incidents:
    known = {**incidents.known, incident_id: incident}
    if len(known) > MAX_INCIDENTS:
        del known[min(known, key=lambda one: (*_weight(known[one]), one))]
    return Incidents(known)


def _weight(incident: Incident) -> tuple[bool, bool, bool, datetime]:
    """Return what incidents are kept by: known by more than its end, open, grave, and how lately it was news."""
    newest = max(at for at in (incident.declared_at, incident.resolved_at, incident.postmortem_at) if at is not None)
    return incident.declared_at is not None, incident.resolved_at is None, incident.severity <= GRAVE, newest
