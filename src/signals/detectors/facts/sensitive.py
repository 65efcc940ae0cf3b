"""Facts about countries and companies we may not serve, or only after a check (catalogue 1.15, guard G17)."""

from msgspec import UNSET

from signals.detectors.language.names import UNKNOWN, Fact, Kind
from signals.detectors.moment import Look, fact
from signals.domain.territories import TIERS, Tier, tier_of

_HEARD: tuple[tuple[str, Tier], ...] = (
    ("territory_banned", "banned"),
    ("territory_russia", "russia"),
    ("territory_watch", "watch"),
    ("harmful_conduct", "conduct"),
)
"""Topic of a note -> the tier it raises."""


def _countries(look: Look) -> list[object]:
    """Return the country by each source: enrichment, billing address, where its people come from."""
    return [look.fact(name) for name in ("profile.country", "traits.billing_country", "traits.geoip_country")]


def _noted(look: Look, topic: str) -> bool:
    mentions = look.moment.state.heard.topics.get(topic, ())
    return any(one.kind == "note_added" for one in mentions)


def _tier(look: Look) -> object:
    """Return the gravest tier that any source raises; null when none does, unknown while no source is known."""
    decided = look.fact("traits.legal_tier")
    if isinstance(decided, str) and (decided in TIERS or decided == "none"):
        return None if decided == "none" else decided
    countries = _countries(look)
    raised = {tier_of(country) for country in countries if isinstance(country, str)}
    raised |= {tier for topic, tier in _HEARD if _noted(look, topic)}
    if look.fact("traits.sanctions_listed") is True:
        raised.add("banned")
    if look.fact("traits.harmful_conduct") is True:
        raised.add("conduct")
    for tier in TIERS:
        if tier in raised:
            return tier
    return UNKNOWN if all(country is UNSET or country is None for country in countries) else None


def _cleared(look: Look) -> bool:
    known = look.moment.state.traits.values.get("sanctions_cleared_on")
    return known is not None and known.value is not None


_READS = (
    "profile.country", "traits.billing_country", "traits.geoip_country", "traits.legal_tier", "traits.sanctions_listed",
    "traits.harmful_conduct", *(f"heard.topics.{topic}" for topic, _ in _HEARD),
)  # fmt: skip

FACTS: tuple[Fact, ...] = (
    fact("sensitive.tier", Kind.TEXT, _tier, *_READS, label="Tier",
         doc="banned, russia, watch or conduct by company, billing and people's country, lists and notes; null when "
         "none is raised, not known while no country is."),
    fact("sensitive.cleared", Kind.BOOL, _cleared, "traits.sanctions_cleared_on",
         doc="The legal team recorded a clearance."),
)  # fmt: skip
