"""Product and action names that rules may read as series. An unknown name in a rule is an error at load."""

PRODUCTS: dict[str, str] = {
    "product_analytics": "Product Analytics",
    "web_analytics": "Web Analytics",
    "session_replay": "Session Replay",
    "mobile_replay": "Mobile Replay",
    "feature_flags": "Feature Flags",
    "experiments": "Experiments",
    "surveys": "Surveys",
    "error_tracking": "Error Tracking",
    "ai_observability": "AI Observability",
    "data_warehouse": "Data Warehouse",
    "batch_exports": "Batch Exports",
    "cdp_destinations": "CDP Destinations",
    "workflows": "Workflows",
    "logs": "Logs",
    "posthog_ai": "PostHog AI",
    "group_analytics": "Group Analytics",
}
"""Product key -> the reader's name (catalogue 11.1)."""

ACTIONS: dict[str, str] = {
    "web_analytics_viewed": "web analytics viewed",
    "recording_analyzed": "recording analyzed",
    "feature_flag_created": "feature flag created",
    "experiment_viewed": "experiment viewed",
    "experiment_created": "experiment created",
    "insight_created": "insight created",
    "dashboard_created": "dashboard created",
    "survey_launched": "survey launched",
    "docs_viewed": "docs viewed",
    "billing_page_viewed": "billing page viewed",
}
"""Name in rules -> the action as events carry it (catalogue 10.1)."""


def product_name(key: str) -> str:
    """Return the reader's name of a product, the key itself when we have none.

    >>> product_name("session_replay"), product_name("total"), product_name("brand_new")
    ('Session Replay', 'All products', 'brand new')
    """
    return "All products" if key == "total" else PRODUCTS.get(key, key.replace("_", " "))
