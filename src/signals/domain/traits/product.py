"""Traits of how the product is set up: settings, SDKs, destinations, objects there are (catalogue 1.10, 10.4, 11.6)."""

from collections.abc import Mapping

from signals.domain.traits.trait import Trait, TraitKind

_BOOL, _COUNT, _NUMBER, _TEXT = TraitKind.BOOL, TraitKind.COUNT, TraitKind.NUMBER, TraitKind.TEXT
_DAY, _INSTANT, _SET = TraitKind.DAY, TraitKind.INSTANT, TraitKind.SET

PRODUCT: Mapping[str, Trait] = {
    "replay_enabled": Trait(_BOOL, "Recording is switched on."),
    "replay_min_duration": Trait(_NUMBER, "Shortest recording kept; null when none is set.", "seconds"),
    "autocapture_enabled": Trait(_BOOL, "Autocapture is switched on."),
    "autocapture_actions": Trait(_COUNT, "Actions made of autocaptured events.", "count", "Autocapture actions"),
    "reverse_proxy": Trait(_BOOL, "Events come through the customer's own domain."),
    "reset_before_identify": Trait(_BOOL, "The SDK is reset before a person is identified."),
    "flags_fallback": Trait(_BOOL, "Code has a fallback for flags that cannot be read."),
    "flags_local_evaluation": Trait(_BOOL, "Server SDKs evaluate flags locally."),
    "flags_active": Trait(_COUNT, "Feature flags that are evaluated.", "count", "Active flags"),
    "flags_of_experiments": Trait(_COUNT, "Of the active flags those linked to an experiment.", "count"),
    "flags_partial": Trait(_COUNT, "Flags rolled out to 1 to 99 %.", "count"),
    "experiments_running": Trait(_COUNT, "Experiments that are running.", "count"),
    "experiments_on_ai": Trait(_COUNT, "Running experiments on AI features.", "count", "Experiments on AI features"),
    "weakest_experiment_on": Trait(
        _DAY, "Day the running experiment began whose flag is evaluated least; one of a week or more goes first."
    ),
    "weakest_experiment_evaluations": Trait(
        _COUNT, "Evaluations of that experiment's flag in 7 days.", "count", "Flag evaluations in 7 days"
    ),
    "dashboard_viewers_30d": Trait(
        _COUNT, "Most people who viewed one and the same dashboard in 30 days.", "people", "Viewers of one dashboard"
    ),
    "analytics_percentile": Trait(
        _NUMBER, "Share of accounts with less product analytics usage, 0 to 1, as of its last ranking.", "share"
    ),
    "group_types_implemented": Trait(_BOOL, "Group analytics is implemented in code."),
    "alerts": Trait(_COUNT, "Alerts set up.", "count", "Alerts"),
    "alerts_on_custom_events": Trait(_COUNT, "Alerts on custom events rather than exceptions.", "count"),
    "error_alerts": Trait(_COUNT, "Alerts on exceptions.", "count", "Error alerts"),
    "error_roles": Trait(_BOOL, "Roles are set up, so that errors can be assigned."),
    "symbol_sets": Trait(_COUNT, "Source maps uploaded without failure.", "count", "Symbol sets"),
    "sdks": Trait(_SET, "SDKs events come from, such as web, ios, android, flutter, node."),
    "sdk_outdated": Trait(_BOOL, "An SDK is behind its latest version."),
    "batch_exports": Trait(_COUNT, "Batch exports that are active.", "count", "Batch exports"),
    "batch_export_destinations": Trait(_SET, "Where batch exports go, such as Snowflake, BigQuery, S3."),
    "external_schemas": Trait(_COUNT, "External data schemas that are synced.", "count", "External schemas"),
    "rows_synced_30d": Trait(_COUNT, "Rows synced in 30 days, first historical syncs left out.", "count"),
    "destinations": Trait(_SET, "Realtime destinations that are enabled, such as Slack, HubSpot, Google Ads."),
    "workflows_active": Trait(_COUNT, "Workflows that are active.", "count"),
    "projects": Trait(_COUNT, "Projects with own events; demo projects do not count.", "count", "Projects"),
    "demo_project_only": Trait(_BOOL, "Nothing but a demo project has events."),
    "poor_taxonomy": Trait(_BOOL, "Event names are inconsistent or have gaps."),
    "power_areas": Trait(_SET, "Products in whose use the account is in the top tenth of all accounts."),
    "posthog_code_installed": Trait(_BOOL, "PostHog Code is installed."),
    "github_connected": Trait(_BOOL, "GitHub is connected."),
    "error_tracking_enabled": Trait(_BOOL, "Exceptions are captured."),
    "low_converting_page": Trait(_BOOL, "One of the ten most visited pages converts below the account's median."),
    "cloud_region": Trait(_TEXT, "Region its data is in: US or EU.", "", "Cloud region"),
    "newest_project_on": Trait(_DAY, "Day the newest project was made; demo projects do not count."),
    "newest_project_events_7d": Trait(_COUNT, "Events of the newest project in 7 days.", "count", "Events in 7 days"),
    "newest_sdk_on": Trait(_DAY, "Day events first came from the newest SDK."),
    "newest_domain_on": Trait(_DAY, "Day events first came from the newest domain."),
    "newest_app_on": Trait(_DAY, "Day events first came from the newest app identifier."),
    "newest_admin_other_team_on": Trait(_DAY, "Day somebody of another team than the first became an admin."),
    "custom_event_names": Trait(_COUNT, "Distinct custom events of 30 days.", "count"),
    "external_rows": Trait(_COUNT, "Rows of their biggest external source.", "count", "Rows of the biggest source"),
}
