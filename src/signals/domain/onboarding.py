"""What onboarding has to reach: the checklist per product, and checkpoints per use case with their time.

Two tables (catalogue 12.6 and 11.12). Items of the checklist are ticked by the owner (trait ``onboarding_checklist``).
A checkpoint is seen in what the account does, where a row says how; the others are ticked (``checkpoints_reached``).
"""

from collections.abc import Mapping
from dataclasses import dataclass

GENERAL: Mapping[str, str] = {
    "support_routes": "knows how to reach support",
    "owners_admins": "the right owners and admins are set",
    "finance_contact": "a finance contact is on the billing account",
    "basics": "can use actions, cohorts, data taxonomy, notebooks, activity log and the filter for internal users",
}
"""Item -> words; asked of every account."""

PER_PRODUCT: Mapping[str, Mapping[str, str]] = {
    "product_analytics": {
        "identify_group": "identify and group are called correctly",
        "anonymous_events": "knows anonymous from identified events",
        "capture_tuned": "capture is tuned",
        "analytics_training": "core users are trained",
        "insights_dashboards": "insights and dashboards exist",
    },
    "session_replay": {
        "replay_sdk": "recordings come from the web SDK",
        "recording_controls": "recording controls are set",
        "replay_privacy": "privacy of recordings is set",
        "replay_training": "people are trained",
        "funnel_to_replay": "can jump from a funnel to recordings",
    },
    "feature_flags": {
        "flags_workflow": "the workflow of flags is agreed",
        "flag_calls": "flag calls are not inflated",
        "flag_targeting": "targeting is understood",
        "flags_training": "people are trained on flags and experiments",
    },
    "data_warehouse": {
        "sources_connected": "sources are connected",
        "sync_kinds": "knows incremental from full syncs",
        "sql_training": "people are trained in SQL",
    },
    "error_tracking": {"errors_sdk": "exceptions come from the web SDK"},
}
"""Paid product -> item -> words."""


@dataclass(frozen=True)
class Checkpoint:
    """One checkpoint: its key, the reader's words, the day it is due, how it is seen.

    ``seen`` is a way to see it: ``action:<name>`` or ``action:<name>:<times>``, ``uses:<product>``, ``trait:<name>``
    (set, true, above zero, or not empty), ``measure:<name>``; empty where only a person can tell.
    """

    key: str
    words: str
    due: int
    seen: str = ""


_PI = 14
_RELEASE_FLAG, _RELEASE = 2, 14
_OBSERVE, _OBSERVED = 3, 7
_GROWTH, _GROWN = 7, 28
_AI, _AI_DONE = 3, 14
_DATA, _DATA_DONE = 3, 7
_CX, _CX_DONE = 2, 7
# Days of the source's time lines, the later end of each range; which checkpoint has which is ours.

CHECKPOINTS: Mapping[str, tuple[Checkpoint, ...]] = {
    "pi": (
        Checkpoint("pi_sdk", "an SDK with autocapture", _PI, "measure:events"),
        Checkpoint("pi_core_events", "core events: signup, activation, key use, upgrade", _PI, "measure:custom_events"),
        Checkpoint("pi_funnel", "the primary funnel", _PI, "action:funnel created"),
        Checkpoint("pi_retention", "a retention insight", _PI, "action:retention created"),
        Checkpoint("pi_replay", "recording is on", _PI, "uses:session_replay"),
        Checkpoint("pi_replays_watched", "five recordings watched by where the funnel loses people", _PI,
                   "action:recording analyzed:5"),
        Checkpoint("pi_dashboard", "a product health dashboard", _PI, "action:dashboard created"),
        Checkpoint("pi_ai", "product managers use the assistant", _PI, "action:chat with ai"),
        Checkpoint("pi_survey", "one survey", _PI, "action:survey launched"),
        Checkpoint("pi_experiment", "a first experiment is planned", _PI, "action:experiment created"),
    ),
    "release": (
        Checkpoint("release_sdk", "an SDK", _RELEASE_FLAG, "measure:events"),
        Checkpoint("release_flag", "a first flag", _RELEASE_FLAG, "action:feature flag created"),
        Checkpoint("release_rollout", "a rollout from 5 to 10 %", _RELEASE_FLAG, "trait:flags_partial"),
        Checkpoint("release_kill_switch", "the kill switch was tested", _RELEASE_FLAG),
        Checkpoint("release_experiment", "a first experiment on a business metric", _RELEASE,
                   "action:experiment launched"),
        Checkpoint("release_replay", "recordings filtered by variant", _RELEASE, "action:recording filtered by flag"),
        Checkpoint("release_decision", "results reviewed, to ship or not", _RELEASE, "action:experiment completed"),
        Checkpoint("release_second", "a second experiment", _RELEASE, "action:experiment launched:2"),
    ),
    "observability": (
        Checkpoint("obs_errors", "errors are captured and grouped", _OBSERVE, "uses:error_tracking"),
        Checkpoint("obs_replay", "from an error to its recording", _OBSERVE, "action:recording filtered by error"),
        Checkpoint("obs_alerts", "alerts on errors", _OBSERVE, "trait:error_alerts"),
        Checkpoint("obs_dashboard", "an error health dashboard", _OBSERVED, "action:insight on errors saved"),
        Checkpoint("obs_top_errors", "the top five errors reviewed", _OBSERVED, "action:error issue viewed:5"),
        Checkpoint("obs_query", "errors against a funnel in one query", _OBSERVED),
    ),
    "growth": (
        Checkpoint("growth_snippet", "the snippet on site and product", _GROWTH, "measure:pageviews"),
        Checkpoint("growth_utm", "campaign properties are captured", _GROWTH, "measure:pageviews_with_utm"),
        Checkpoint("growth_conversion", "conversion events", _GROWTH, "measure:custom_events"),
        Checkpoint("growth_funnel", "a funnel", _GROWTH, "action:funnel created"),
        Checkpoint("growth_web", "the web dashboard", _GROWTH, "action:web analytics viewed"),
        Checkpoint("growth_destination", "one pipeline destination", _GROWN, "trait:destinations"),
        Checkpoint("growth_dashboard", "a growth dashboard", _GROWN, "action:dashboard created"),
        Checkpoint("growth_ai", "the assistant was introduced", _GROWN, "action:chat with ai"),
        Checkpoint("growth_workflow", "one workflow", _GROWN, "trait:workflows_active"),
    ),
    "ai": (
        Checkpoint("ai_tracing", "tracing", _AI, "uses:ai_observability"),
        Checkpoint("ai_traces_full", "traces carry model, inputs, outputs, tokens, latency and cost", _AI),
        Checkpoint("ai_cost", "a cost dashboard", _AI, "action:dashboard created"),
        Checkpoint("ai_evals", "evaluations", _AI_DONE, "uses:ai_evals"),
        Checkpoint("ai_health", "a model health dashboard", _AI_DONE, "action:dashboard created:2"),
        Checkpoint("ai_errors", "errors", _AI_DONE, "uses:error_tracking"),
        Checkpoint("ai_interactions", "user interactions", _AI_DONE, "measure:custom_events"),
        Checkpoint("ai_replay", "recordings", _AI_DONE, "uses:session_replay"),
        Checkpoint("ai_experiment", "a first experiment", _AI_DONE, "action:experiment created"),
    ),
    "data": (
        Checkpoint("data_source", "one source", _DATA, "trait:external_schemas"),
        Checkpoint("data_sync", "the sync is verified", _DATA, "trait:rows_synced_30d"),
        Checkpoint("data_join", "a joined query", _DATA, "measure:hogql_queries"),
        Checkpoint("data_export", "a batch export", _DATA_DONE, "trait:batch_exports"),
        Checkpoint("data_fresh", "freshness is verified", _DATA_DONE),
        Checkpoint("data_realtime", "one realtime destination", _DATA_DONE, "trait:destinations"),
        Checkpoint("data_dashboard", "one dashboard for both kinds of data", _DATA_DONE,
                   "action:insight on external data saved"),
    ),
    "cx": (
        Checkpoint("cx_replay", "recordings of identified people", _CX, "uses:session_replay"),
        Checkpoint("cx_errors", "errors", _CX, "uses:error_tracking"),
        Checkpoint("cx_profiles", "person profiles", _CX, "action:person viewed"),
        Checkpoint("cx_privacy", "privacy is set", _CX),
        Checkpoint("cx_walkthrough", "a walkthrough with support", _CX_DONE),
        Checkpoint("cx_dashboard", "a customer health dashboard", _CX_DONE, "action:dashboard created"),
        Checkpoint("cx_alerts", "alerts on spikes", _CX_DONE, "trait:alerts"),
        Checkpoint("cx_logs", "logs", _CX_DONE, "uses:logs"),
        Checkpoint("cx_nps", "a survey on satisfaction", _CX_DONE, "action:survey launched"),
    ),
}  # fmt: skip
"""Use case -> its checkpoints. Logging for observability and ad platforms for growth are never missed, so no rows."""
