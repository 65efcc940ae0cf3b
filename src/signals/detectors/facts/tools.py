"""Other vendors' tools: which use case each serves, which of them we work beside rather than instead (catalogue 11.7).

A tool is found by a scan (the trait ``tools``) or named in a conversation. What was neither is not known to be absent,
only not found.
"""

from collections.abc import Mapping

from signals.detectors.language.names import Fact, Kind
from signals.detectors.moment import Look, fact
from signals.domain.topics import TOOLS

COMPETITORS: Mapping[str, tuple[str, ...]] = {
    "ai": ("Langfuse", "Helicone", "Braintrust", "Datadog"),
    "cx": ("FullStory", "LogRocket", "Hotjar", "Sentry", "Datadog"),
    "data": ("Snowflake", "BigQuery", "Redshift", "Fivetran", "Census", "Hightouch", "Segment"),
    "growth": ("GA4", "Segment", "Amplitude", "Mixpanel", "HubSpot", "Heap"),
    "observability": ("Sentry", "Datadog", "New Relic"),
    "pi": ("Amplitude", "Mixpanel", "Hotjar", "Heap", "Pendo"),
    "release": ("LaunchDarkly", "Statsig", "Eppo", "Split.io"),
}
"""Use case -> tools that do the same."""

_ALIASES = {
    "google analytics": "GA4", "google analytics 4": "GA4", "split": "Split.io", "newrelic": "New Relic",
    "google bigquery": "BigQuery", "amazon redshift": "Redshift", "fullstory": "FullStory", "elastic": "ELK",
    "adwords": "Google Ads",
}  # fmt: skip
_NAMES = {tool.casefold(): tool for tool in TOOLS} | _ALIASES


def tool_name(found: str) -> str:
    """Return the one name we use for a tool; a name we do not know stays as it is.

    >>> tool_name("google analytics"), tool_name("sentry"), tool_name("Other")
    ('GA4', 'Sentry', 'Other')
    """
    return _NAMES.get(found.casefold().strip(), found)


def tools_found(look: Look) -> frozenset[str]:
    """Return the tools scanned or heard of."""
    return frozenset(tool_name(one) for name in ("traits.tools", "tools.mentioned") for one in _texts(look.fact(name)))


def _texts(value: object) -> tuple[str, ...]:
    return tuple(str(one) for one in value) if isinstance(value, tuple | frozenset) else ()


def _growth_tools(look: Look) -> frozenset[str]:
    return tools_found(look) & frozenset(COMPETITORS["growth"])


READS = ("traits.tools", "heard.tools")

FACTS: tuple[Fact, ...] = (
    fact("tools.found", Kind.SET, tools_found, *READS, label="Other tools",
         doc="Tools found by a scan or named in a conversation; one not in it was not found, which is not: not used."),
    fact("tools.growth", Kind.SET, _growth_tools, *READS, label="Growth tools",
         doc="Of the tools found those of the growth stack: GA4, Segment, Amplitude, Mixpanel, HubSpot, Heap."),
)  # fmt: skip
