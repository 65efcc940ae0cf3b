"""Daily counters of a usage report that are no product's billable units: event mix, sessions, viewing (catalogue 1.10).

They ride in ``usage_reported.measures``. A measure that a source never sent is not known; once it was sent, a report
that leaves it out says zero, as with products. ``KEEP_DAYS`` days are kept.
"""

from collections.abc import Mapping

KEEP_DAYS = 63
# Two windows of 30 days and the reports that come late; no rule of the catalogue asks further back.

MEASURES: Mapping[str, str] = {
    "events": "events of all kinds",
    "autocapture_events": "autocaptured events",
    "custom_events": "custom events",
    "identify_events": "$identify events",
    "group_identify_events": "$groupidentify events",
    "sessions": "sessions",
    "pageviews": "page views",
    "pageviews_with_utm": "page views with UTM properties",
    "identified_events": "events of identified persons",
    "exceptions": "exceptions",
    "web_exceptions": "exceptions sent by the web SDK",
    "ai_exceptions": "exceptions from AI or model code",
    "new_models": "models first seen in traces",
    "ai_generation_events": "own llm_generation or ai_response events",
    "own_error_events": "own events that report errors",
    "own_survey_events": "own events that hold survey answers",
    "historical_sync_rows": "rows of first historical syncs",
    "experiment_flag_evaluations": "evaluations of flags of experiments",
    "hogql_queries": "HogQL queries",
    "destination_deliveries": "deliveries to realtime destinations",
}
"""Name -> what is counted."""
