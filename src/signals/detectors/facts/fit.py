"""Where what we offer does not fit, or fits only beside what they have (catalogue 11.7).

A limit has a name here; what it means for a product is said by ``engine/fit_guard.py``.
"""

from datetime import timedelta

from signals.detectors.facts.adopting import AI_TAGS
from signals.detectors.facts.tools import AD_STACK, SUPPORT_CORE, tools_found
from signals.detectors.facts.tools import READS as TOOL_READS
from signals.detectors.facts.windows import Series, recent
from signals.detectors.language.names import Fact, Kind
from signals.detectors.moment import Look, fact
from signals.domain.account.daily import Daily

HEARD: dict[str, str] = {
    "apm_wanted": "apm",
    "email_nurture": "email",
    "in_app_guides": "guides",
    "flag_approvals": "targeting",
    "warehouse_experiments": "targeting",
    "prompt_management": "prompts",
    "realtime_wanted": "realtime",
}
"""Topic heard -> limit."""

LOG_STACK = frozenset({"ELK", "Papertrail"})
MAIL_TOOLS = frozenset({"Marketo", "Braze"})
LOW_TRAFFIC = 100_000
"""Events in 30 days below which an experiment takes long. Ours: the source has no number."""
MONTH = timedelta(days=30)


def _limits(look: Look) -> frozenset[str]:
    """Return the limits that are seen; what was not seen is no limit."""
    found = tools_found(look)
    limits = {limit for topic, limit in HEARD.items() if topic in look.moment.state.heard.topics}
    if found & SUPPORT_CORE:
        limits.add("support_core")
    if found & LOG_STACK:
        limits.add("own_logs")
    if found >= AD_STACK:
        limits.add("ad_stack")
    if found & MAIL_TOOLS:
        limits.add("email")
    tags = look.fact("profile.tags")
    if isinstance(tags, tuple | frozenset) and not AI_TAGS.isdisjoint(tags):
        limits.add("ai_product")
    events = look.moment.state.usage.days.get("product_analytics", Daily())
    seen = recent(look, Series("product_analytics", events), MONTH)
    if isinstance(seen, int) and seen < LOW_TRAFFIC:
        limits.add("low_traffic")
    return frozenset(limits)


FACTS: tuple[Fact, ...] = (
    fact("fit.limits", Kind.SET, _limits, *TOOL_READS, *(f"heard.topics.{topic}" for topic in HEARD), "profile.tags",
         "usage.days", "usage.reported", "profile.created_at", daily=True, label="Limits of fit",
         doc="Limits of what fits (catalogue 11.7): support_core, apm, own_logs, ad_stack, email, guides, targeting, "
         "prompts, realtime, ai_product, low_traffic."),
)  # fmt: skip
