"""What PostHog's names mean to us: data only."""

VOLUMES: dict[str, tuple[str, ...]] = {
    "product_analytics": ("event_count_in_period",),
    "session_replay": ("recording_count_in_period",),
    "mobile_replay": ("mobile_recording_count_in_period",),
    "feature_flags": ("billable_feature_flag_requests_count_in_period",),
    "surveys": ("survey_responses_count_in_period",),
    "error_tracking": ("exceptions_captured_in_period",),
    "ai_observability": ("ai_event_count_in_period",),
    "data_warehouse": ("rows_synced_in_period",),
    "batch_exports": ("rows_exported_in_period",),
    "cdp_destinations": ("cdp_billable_invocations_in_period",),
    "workflows": ("workflow_billable_invocations_in_period",),
    "logs": ("logs_records_in_period",),
    "posthog_ai": ("ai_credits_used_in_period",),
    "group_analytics": ("event_count_with_groups_in_period",),
}
"""Product key -> counters of the usage report, the first one present counts."""

PRODUCT_ALIASES: dict[str, str] = {
    "llm_analytics": "ai_observability",
    "llm_observability": "ai_observability",
    "max": "posthog_ai",
    "pipeline_batch_exports": "batch_exports",
    "pipeline_destinations": "cdp_destinations",
    "posthog_analytics": "product_analytics",
}
"""Other names of a product -> ours; any other name is kept as it is."""

ACTIONS: dict[str, tuple[str, str | None]] = {
    "insight created": ("insight created", "product_analytics"),
    "cohort created": ("cohort created", "product_analytics"),
    "action created": ("action created", "product_analytics"),
    "annotation created": ("annotation created", "product_analytics"),
    "dashboard created": ("dashboard created", "product_analytics"),
    "recording analyzed": ("recording analyzed", "session_replay"),
    "viewed recordings from experiment": ("viewed recordings from experiment", "session_replay"),
    "feature flag created": ("feature flag created", "feature_flags"),
    "experiment created": ("experiment created", "experiments"),
    "experiment launched": ("experiment launched", "experiments"),
    "experiment completed": ("experiment completed", "experiments"),
    "experiment viewed": ("experiment viewed", "experiments"),
    "survey launched": ("survey launched", "surveys"),
    "chat with ai": ("chat with ai", "posthog_ai"),
    "AI generation (LLM)": ("AI generation (LLM)", "posthog_ai"),
    "ai_hog_function_prompted": ("ai_hog_function_prompted", "posthog_ai"),
    "ai_hog_function_accepted": ("ai_hog_function_accepted", "posthog_ai"),
    "sql-editor-accepted-suggestion": ("sql-editor-accepted-suggestion", "posthog_ai"),
    "batch export enabled": ("batch export enabled", "batch_exports"),
    "batch import created": ("batch import created", "data_warehouse"),
    "export succeeded": ("export succeeded", None),
    "error_tracking_issue_created": ("error_tracking_issue_created", "error_tracking"),
    "person viewed": ("person viewed", None),
    "toolbar mode triggered": ("toolbar mode triggered", None),
    "team member invited": ("team member invited", None),
    "autocapture_opt_out team setting updated": ("autocapture_opt_out team setting updated", None),
    "session_recording_opt_in team setting updated": ("session_recording_opt_in team setting updated", None),
    "autocapture_exceptions_opt_in team setting updated": ("autocapture_exceptions_opt_in team setting updated", None),
}
"""Event name -> (action, product): the named product events of the catalogue, section 10.1."""

PAGE_VIEWS = ("Pageview", "$pageview")

WEB_ANALYTICS_PATH = "/web"
"""Path of the web analytics screen, below an optional ``/project/<id>``."""
