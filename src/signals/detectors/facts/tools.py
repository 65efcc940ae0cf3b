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


USE_CASES: Mapping[str, str] = {
    "ai": "AI features",
    "cx": "customer support",
    "data": "data",
    "growth": "growth",
    "observability": "errors and observability",
    "pi": "product analytics",
    "release": "releases and experiments",
}
"""Use case -> the reader's words."""

WAREHOUSES = frozenset({"Snowflake", "BigQuery", "Redshift"})
MATURE_STACK = frozenset({"Fivetran", "Snowflake", "dbt", "Looker"})
SUPPORT_CORE = frozenset({"ServiceNow", "Jira Service Management", "PagerDuty"})
AD_STACK = frozenset({"GA4", "Google Ads", "Looker"})

HEARD_LIMITS: Mapping[str, tuple[str, frozenset[str]]] = {
    "apm_wanted": ("beside", frozenset({"Datadog", "New Relic"})),
    "email_nurture": ("beside", frozenset({"HubSpot"})),
    "in_app_guides": ("beside", frozenset({"Pendo"})),
    "flag_approvals": ("limited", frozenset({"LaunchDarkly"})),
    "warehouse_experiments": ("limited", frozenset({"Eppo", "Statsig"})),
    "prompt_management": ("limited", frozenset({"Langfuse"})),
}
"""Topic heard -> how we stand to the tools that serve it better."""


def stance_of(tool: str, found: frozenset[str], heard: frozenset[str]) -> str:
    """Return ``beside`` (a complement), ``limited`` (low priority, no claim of parity) or ``replace``.

    >>> stance_of("Snowflake", frozenset({"Snowflake"}), frozenset()), stance_of("Sentry", frozenset(), frozenset())
    ('beside', 'replace')
    """
    if tool in WAREHOUSES or (tool in MATURE_STACK and found >= MATURE_STACK):
        return "beside"
    if tool == "GA4" and found >= AD_STACK:
        return "beside"
    if tool in {"FullStory", "LogRocket", "Hotjar"} and found & SUPPORT_CORE:
        return "beside"
    return next((stance for topic, (stance, tools) in HEARD_LIMITS.items() if topic in heard and tool in tools),
                "replace")  # fmt: skip


class ToolView:
    """One tool found, as rules see it."""

    __slots__ = ("serves", "stance", "tool", "use_cases")

    def __init__(self, tool: str, found: frozenset[str], heard: frozenset[str]) -> None:
        cases = [case for case, tools in COMPETITORS.items() if tool in tools]
        self.tool, self.use_cases = tool, frozenset(cases)
        self.serves = " and ".join(USE_CASES[case] for case in cases)
        self.stance = stance_of(tool, found, heard)


def _tools(look: Look) -> tuple[ToolView, ...]:
    found = tools_found(look)
    heard = frozenset(topic for topic in HEARD_LIMITS if topic in look.moment.state.heard.topics)
    return tuple(ToolView(tool, found, heard) for tool in sorted(found))


READS = ("traits.tools", "heard.tools")

FACTS: tuple[Fact, ...] = (
    fact("tools.found", Kind.SET, tools_found, *READS, label="Other tools",
         doc="Tools found by a scan or named in a conversation; one not in it was not found, which is not: not used."),
    fact("tools.each", Kind.LIST, _tools, *READS, *(f"heard.topics.{topic}" for topic in HEARD_LIMITS),
         fields={"tool": Kind.TEXT, "use_cases": Kind.SET, "serves": Kind.TEXT, "stance": Kind.TEXT},
         doc="Each tool found: the use cases it serves (none if it does not compete), and whether to replace it, "
         "to work beside it, or to claim little (limited)."),
    fact("tools.growth", Kind.SET, _growth_tools, *READS, label="Growth tools",
         doc="Of the tools found those of the growth stack: GA4, Segment, Amplitude, Mixpanel, HubSpot, Heap."),
)  # fmt: skip
