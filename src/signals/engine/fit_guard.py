"""The limits of fit (catalogue 11.7): a product goes out with a remark how to offer it, or not at all.

To whom it is offered (the known contacts buy for it, or an introduction is needed) is said by the rules themselves.
"""

from dataclasses import dataclass

from signals.engine.guard import PASSES, Answer, Candidate, Verdict, pause
from signals.engine.policy import GuardTerms


@dataclass(frozen=True)
class Limit:
    """What to say when one of *products* is offered and the limit is seen; without a limit: always."""

    limit: str
    products: frozenset[str]
    text: str


def _limit(limit: str, products: str, text: str) -> Limit:
    return Limit(limit, frozenset(products.split()), text)


LIMITS: tuple[Limit, ...] = (
    _limit("support_core", "session_replay error_tracking logs surveys",
           "their support runs on another tool: go beside it, no displacement"),
    _limit("apm", "error_tracking logs",
           "they need APM: beside it, as the layer that users see; tracing is alpha, Logs beta, APM not shipped"),
    _limit("own_logs", "logs", "they have a log stack of their own: Logs is beta and complements it"),
    _limit("ad_stack", "web_analytics marketing_analytics product_analytics",
           "GA4, Google Ads and Looker are in use: depth beside them, never instead"),
    _limit("", "marketing_analytics", "beta: no claim of parity with attribution tools"),
    _limit("email", "workflows", "email and lead scoring are their main need: keep that tool, offer the link to it"),
    _limit("", "pipelines cdp_destinations",
           "check that the destination is supported and that they have its API credentials"),
    _limit("targeting", "feature_flags experiments", "lower priority, no claim of parity for what they asked for"),
    _limit("guides", "surveys workflows", "in-app guides are not ours: they keep their tool for those"),
    _limit("low_traffic", "experiments", "little traffic: say that an experiment takes long"),
    _limit("realtime", "batch_exports", "they want data within seconds: realtime destinations, not batch exports"),
    _limit("ai_product", "session_replay",
           "an AI product: sample first, watch sessions with errors or low quality scores"),
    _limit("prompts", "ai_observability ai_evals",
           "prompt management or evals of their own: lower priority, check what Evals supports first"),
)  # fmt: skip

# What only adds a remark need not have held findings looked at again, so this is read by a name of its own.
_SEEN = "fit.limits"


def fit_limits(candidate: Candidate, terms: GuardTerms) -> Verdict:
    """Limits of fit: how to offer it; no warehouse for a source of billions of rows."""
    rows = candidate.fact("traits.external_rows")
    if "data_warehouse" in candidate.offered and isinstance(rows, int) and rows >= terms.huge_source_rows:
        return pause("fit", "a source of a billion rows and more: batch exports to their warehouse instead")
    seen = candidate.fact(_SEEN)
    limits = (seen if isinstance(seen, frozenset) else frozenset()) | {""}
    texts = [one.text for one in LIMITS if one.limit in limits and one.products & candidate.offered]
    return Verdict(Answer.NOTE, "fit", "; ".join(texts)) if texts else PASSES
