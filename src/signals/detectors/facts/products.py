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
    "marketing_analytics": "Marketing Analytics",
    "ai_evals": "AI Evals",
    "person_profiles": "Person Profiles",
    "customer_analytics": "Customer Analytics",
    "pipelines": "Pipelines",
    "endpoints": "Endpoints",
    "heatmaps": "Heatmaps",
    "boost": "Boost",
    "scale": "Scale",
    "enterprise": "Enterprise",
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
    "tutorial_viewed": "tutorial viewed",
    "blog_viewed": "blog viewed",
    "get_started_clicked": "get started clicked",
    "ai_question_asked": "ai question asked",
    "billing_page_viewed": "billing page viewed",
    "insight_viewed": "insight viewed",
    "dashboard_viewed": "dashboard viewed",
    "funnel_created": "funnel created",
    "funnel_viewed": "funnel viewed",
    "retention_created": "retention created",
    "cohort_created": "cohort created",
    "action_created": "action created",
    "experiment_launched": "experiment launched",
    "experiment_completed": "experiment completed",
    "recording_filter_set": "recording filter set",
    "recording_filtered_by_error": "recording filtered by error",
    "recording_filtered_by_flag": "recording filtered by flag",
    "recordings_from_experiment_viewed": "viewed recordings from experiment",
    "console_tab_viewed": "console tab viewed",
    "error_issue_created": "error_tracking_issue_created",
    "error_issue_viewed": "error issue viewed",
    "person_viewed": "person viewed",
    "toolbar_used": "toolbar mode triggered",
    "member_invited": "team member invited",
    "ai_chat": "chat with ai",
    "ai_suggestion_accepted": "sql-editor-accepted-suggestion",
    "batch_export_enabled": "batch export enabled",
    "batch_import_created": "batch import created",
    "export_succeeded": "export succeeded",
    "external_insight_saved": "insight on external data saved",
    "error_insight_saved": "insight on errors saved",
    "retention_viewed": "retention viewed",
    "marketing_analytics_viewed": "marketing analytics viewed",
    "destination_enabled": "destination enabled",
    "conversion_funnel_viewed": "conversion funnel viewed",
}
"""Name in rules -> the action as events carry it (catalogue 10.1)."""

ENGAGEMENT: dict[str, tuple[str, ...]] = {
    "web_analytics": ("web analytics viewed",),
    "session_replay": ("recording analyzed",),
    "feature_flags": ("feature flag created",),
    "experiments": ("experiment created", "experiment launched"),
    "surveys": ("survey launched",),
    "error_tracking": ("error_tracking_issue_created", "error issue viewed"),
    "batch_exports": ("batch export enabled",),
    "data_warehouse": ("batch import created",),
    "posthog_ai": ("chat with ai",),
    "marketing_analytics": ("marketing analytics viewed",),
}
"""Product -> actions that are usage of it although nothing is billed for them."""


def product_name(key: str) -> str:
    """Return the reader's name of a product, the key itself when we have none.

    >>> product_name("session_replay"), product_name("total"), product_name("brand_new")
    ('Session Replay', 'All products', 'brand new')
    """
    return "All products" if key == "total" else PRODUCTS.get(key, key.replace("_", " "))
