"""Problems the customer talked of that one of our products solves."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from signals.detectors.facts.products import ENGAGEMENT, product_name
from signals.detectors.facts.use import used
from signals.detectors.language.names import Fact, Kind, Truth
from signals.detectors.moment import Look, fact

PROBLEMS: Mapping[str, tuple[str, str]] = {
    "error_pain": ("error_tracking", "errors that are hard to find"),
    "llm_cost": ("ai_observability", "what the AI costs"),
    "seeing_users": ("session_replay", "seeing what users see"),
    "asking_users": ("surveys", "asking users"),
    "safe_release": ("feature_flags", "releasing step by step"),
    "testing_variants": ("experiments", "testing variants"),
    "logs_wanted": ("logs", "searching logs"),
    "web_traffic": ("web_analytics", "where visitors come from"),
    "messaging_users": ("workflows", "messages to users"),
    "warehouse": ("data_warehouse", "data in one place"),
    "cdp": ("cdp_destinations", "sending data to other tools"),
}
"""Topic heard -> the product that answers it, and the problem in the reader's words (which pairs: ours)."""


@dataclass(frozen=True)
class Problem:
    """One problem heard, as rules see it."""

    topic: str
    product: str
    label: str
    words: str
    at: datetime
    used: Truth


def _heard(look: Look) -> tuple[Problem, ...]:
    topics = look.moment.state.heard.topics
    return tuple(
        Problem(topic, product, product_name(product), words, topics[topic][-1].at, used(look, product))
        for topic, (product, words) in PROBLEMS.items()
        if topics.get(topic)
    )


FACTS: tuple[Fact, ...] = (
    fact("problems.heard", Kind.LIST, _heard, *(f"heard.topics.{topic}" for topic in PROBLEMS), "usage.days",
         "usage.reported", "profile.created_at",
         *(f"usage.actions.{action}" for product, _ in PROBLEMS.values() for action in ENGAGEMENT.get(product, ())),
         daily=True, elements_from=tuple(f"heard.topics.{topic}" for topic in PROBLEMS),
         fields={"topic": Kind.TEXT, "product": Kind.TEXT, "label": Kind.TEXT, "words": Kind.TEXT,
                 "at": Kind.INSTANT, "used": Kind.BOOL},
         doc="Problems heard of that a product of ours solves, and whether that product is in use."),
)  # fmt: skip
