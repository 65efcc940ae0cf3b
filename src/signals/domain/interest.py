"""What people read and make, by product: pages that show interest, and actions that begin to use a product.

A page says its product itself (``product`` of the event) or by its path; what names no product shows no interest.
"""

from collections.abc import Mapping

DOCS, PAGE, HINT, MADE = "docs", "page", "hint", "made"
"""Docs read; tutorials and articles read; a get-started click or a question to an assistant; an object made."""

MARKS: Mapping[str, str] = {
    "docs viewed": DOCS,
    "tutorial viewed": PAGE,
    "blog viewed": PAGE,
    "get started clicked": HINT,
    "ai question asked": HINT,
}
"""Action -> what it shows."""

MAKING: Mapping[str, str] = {
    "feature flag created": "feature_flags",
    "experiment created": "experiments",
    "survey launched": "surveys",
    "insight created": "product_analytics",
    "dashboard created": "product_analytics",
    "error_tracking_issue_created": "error_tracking",
    "batch export enabled": "batch_exports",
    "batch import created": "data_warehouse",
}
"""Action that makes an object -> its product."""

PLACES: tuple[tuple[str, str], ...] = (
    ("error-tracking", "error_tracking"),
    ("posthog-vs-sentry", "error_tracking"),
    ("best-sentry-alternatives", "error_tracking"),
    ("session-replay", "session_replay"),
    ("feature-flags", "feature_flags"),
    ("experiments", "experiments"),
    ("surveys", "surveys"),
    ("web-analytics", "web_analytics"),
    ("product-analytics", "product_analytics"),
    ("llm-analytics", "ai_observability"),
    ("ai-observability", "ai_observability"),
    ("data-warehouse", "data_warehouse"),
    ("batch-exports", "batch_exports"),
    ("workflows", "workflows"),
    ("logs", "logs"),
)
"""Part of a path -> product; the first that is in it counts."""


def product_of_path(path: str | None) -> str | None:
    """Return the product a page is about; None when it is about none.

    >>> product_of_path("/docs/error-tracking/installation/react"), product_of_path("/blog/posthog-vs-sentry")
    ('error_tracking', 'error_tracking')
    >>> product_of_path("/docs/billing") is None
    True
    """
    if not path:
        return None
    return next((product for place, product in PLACES if place in path), None)
