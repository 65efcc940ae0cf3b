"""Facts about incidents of ours, and whether one affects the account (catalogue 1.14)."""

from collections.abc import Mapping
from dataclasses import dataclass

from signals.detectors.facts.products import PRODUCTS
from signals.detectors.facts.windows import witnessed
from signals.detectors.language.names import UNKNOWN, Fact, Kind, Truth
from signals.detectors.moment import Look, fact
from signals.domain.account.incidents import Incident
from signals.domain.account.usage import TOTAL

GRAVEST = 0
"""Severity of an incident that affects every account of its regions."""

EVERYBODY = frozenset({"platform", "api", "login", "billing"})
"""Components that every account uses."""

COMPONENTS: Mapping[str, tuple[str, ...]] = {
    "queries": ("product_analytics", "web_analytics"),
    "replay": ("session_replay", "mobile_replay"),
    "flags": ("feature_flags", "experiments"),
    "errors": ("error_tracking",),
    "exports": ("batch_exports",),
    "destinations": ("cdp_destinations",),
    "warehouse": ("data_warehouse",),
}
"""Component -> products that stand on it; a product's own key names the product alone."""


@dataclass(frozen=True)
class IncidentView:
    """One incident as rules see it."""

    id: str
    incident: Incident
    affects: Truth

    def __getattr__(self, name: str) -> object:
        """Return the incident's own field."""
        return getattr(self.incident, name)

    @property
    def open(self) -> bool:
        """Not resolved."""
        return self.incident.resolved_at is None


def _ingests(look: Look) -> Truth:
    first = look.moment.today_number - look.moment.terms.used_within.days + 1
    daily = look.moment.state.usage.days.get(TOTAL)
    if daily is not None and daily.total(first, look.moment.today_number) > 0:
        return True
    reported = bool(look.moment.state.usage.reported.runs)
    return False if reported and witnessed(look, first, look.moment.today_number - 1) else UNKNOWN


def _uses(look: Look, component: str) -> Truth:
    """Return whether the account uses a component; unknown for one that no table names."""
    if component in EVERYBODY:
        return True
    if component == "ingestion":
        return _ingests(look)
    products = COMPONENTS.get(component, (component,) if component in PRODUCTS else ())
    return _any([_truth(look.fact(f"uses.{product}")) for product in products]) if products else UNKNOWN


def _truth(value: object) -> Truth:
    return value if isinstance(value, bool) else UNKNOWN


def _any(answers: list[Truth]) -> Truth:
    if any(one is True for one in answers):
        return True
    return UNKNOWN if any(one is UNKNOWN for one in answers) else False


def affects(look: Look, incident: Incident) -> Truth:
    """Return whether an incident affects the account: it is listed, or region and component are its own.

    The gravest affects every account of its regions, whatever it uses.
    """
    if incident.listed:
        return True
    used = True if incident.severity == GRAVEST else _any([_uses(look, one) for one in incident.components])
    if used is False or not incident.regions:
        return used
    region = look.fact("traits.cloud_region")
    if not isinstance(region, str):
        return UNKNOWN
    return used if region in incident.regions else False


def _incidents(look: Look) -> tuple[IncidentView, ...]:
    known = look.moment.state.incidents.known
    return tuple(IncidentView(key, one, affects(look, one)) for key, one in known.items() if one.started_at is not None)


INCIDENT_FIELDS = {
    "id": Kind.TEXT, "severity": Kind.COUNT, "components": Kind.SET, "regions": Kind.SET, "listed": Kind.BOOL,
    "started_at": Kind.INSTANT, "resolved_at": Kind.INSTANT, "postmortem_at": Kind.INSTANT, "open": Kind.BOOL,
    "affects": Kind.BOOL,
}  # fmt: skip

FACTS: tuple[Fact, ...] = (
    fact("incidents", Kind.LIST, _incidents, "incidents.known", fields=INCIDENT_FIELDS, daily=True,
         elements_from=("incidents.known",),
         parts={"affects": frozenset({"usage.days", "usage.reported", "traits.cloud_region", "profile.created_at"})},
         doc="Incidents of ours that were declared for the account; affects says whether it is among those hit."),
)  # fmt: skip
