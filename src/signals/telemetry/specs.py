"""Every metric: name, unit, meaning and the closed set of values of each label. Declared here once, nowhere else.

No account, signal or person is ever a label. A value outside the closed set counts as ``other`` where the set has it,
and raises ``ValueError`` where it has not: that is a bug of the caller, found by its first test.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, get_args

from signals.domain.events.base import OurRole
from signals.domain.events.kinds import INPUT_TOPICS, MERGED_TOPICS
from signals.domain.reasons import Change, ChartOutcome, DeadReason, FailReason, FamilyName, HeldReason, SkipReason
from signals.domain.traits.portfolio import NUMBERS_OF_ALL

Kind = Literal["counter", "gauge", "histogram"]
Labels = Mapping[str, tuple[str, ...]]

ROLES = ("ingest", "detect", "deliver")
REPORT_ROLE = "report"
"""What takes more than one account: figures once a day, whose turn a lead is. An installation is whole without it."""
OUR_ROLES: tuple[str, ...] = get_args(OurRole)
SINK_NAMES = ("slack", "crm", "webhook")
RULE_STAGES = ("live", "shadow")
STAGES = ("ingest", "detect", "deliver")
WATCHDOGS = (
    "commit_stalled",
    "recovery_too_long",
    "changelog_failed",
    "offset_gap",
    "log_truncated",
    "merge_waiting",
    *(f"silent_source_{topic}" for topic in INPUT_TOPICS),
    "silent_detector",
    *(f"dead_sink_{sink}" for sink in SINK_NAMES),
    "dead_letters",
    "canary",
)
PARTITIONED = ("inputs", "account_updates", *(f"deliveries_{sink}" for sink in SINK_NAMES))
LAG_TOPICS = (*MERGED_TOPICS, "account_updates", *(f"deliveries_{sink}" for sink in SINK_NAMES))

LATENCY_BUCKETS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0)
# From "as fast as the flush allows" (50 ms) to "the queue stood for half an hour"; the promise to people is 10 s.
EVALUATION_BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0)
# One message holds up to about 50 accounts; above 1 s the session of the consumer group (6 to 10 s) is in danger.
COMBINE_BUCKETS = (1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 500.0, 2000.0)


@dataclass(frozen=True)
class MetricSpec:
    """One metric as it is declared; ``name`` is without the ``_total`` that the page adds to counters."""

    kind: Kind
    name: str
    help: str
    unit: str
    """Base unit as in the name (``seconds``), or what is counted."""
    labels: Labels = field(default_factory=dict)
    buckets: tuple[float, ...] = ()


def _values(enum: type[StrEnum]) -> tuple[str, ...]:
    return tuple(member.value for member in enum)


SPECS: tuple[MetricSpec, ...] = (
    MetricSpec(
        "counter",
        "signals_records",
        "Input records read by ingest: taken, skipped (says nothing to us), dead-lettered, or control.",
        "records",
        {"topic": MERGED_TOPICS, "outcome": ("taken", "skipped", "dead", "control")},
    ),
    MetricSpec(
        "counter",
        "signals_events",
        "Canonical events seen by the engine: applied, duplicate, late (applied in the past), dead-lettered, or erased "
        "(of a time before their account was erased; not applied).",
        "events",
        {"outcome": ("applied", "duplicate", "late", "dead", "erased")},
    ),
    MetricSpec(
        "histogram",
        "signals_combined_events",
        "Events combined into one account's pack in one message of account-updates.",
        "events",
        buckets=COMBINE_BUCKETS,
    ),
    MetricSpec(
        "counter",
        "signals_updates",
        "Messages written to account-updates.",
        "messages",
    ),
    MetricSpec(
        "histogram",
        "signals_evaluation_seconds",
        "Time to evaluate all accounts of one message of account-updates.",
        "seconds",
        buckets=EVALUATION_BUCKETS,
    ),
    MetricSpec(
        "counter",
        "signals_evaluations",
        "Accounts evaluated.",
        "accounts",
    ),
    MetricSpec(
        "gauge",
        "signals_rules",
        "Rules in force: live ones reach people, shadow ones are only evaluated. The canary's is left out.",
        "rules",
        {"family": _values(FamilyName), "stage": RULE_STAGES},
    ),
    MetricSpec(
        "gauge",
        "signals_open_signals",
        "Signals open now on the partitions of this process.",
        "signals",
        {"family": _values(FamilyName)},
    ),
    MetricSpec(
        "counter",
        "signals_transitions",
        "Steps in the life of signals, as written to signal-events.",
        "transitions",
        {"family": _values(FamilyName), "change": _values(Change)},
    ),
    MetricSpec(
        "counter",
        "signals_suppressed",
        "Findings held back, one per record on suppressions.",
        "records",
        {"reason": _values(HeldReason)},
    ),
    MetricSpec(
        "counter",
        "signals_unowned",
        "Signals routed to a stand-in because the account has no owner.",
        "signals",
    ),
    MetricSpec(
        "counter",
        "signals_deliveries",
        "Attempts to deliver a card, by what came of them; reason is empty when sent.",
        "deliveries",
        {
            "sink": SINK_NAMES,
            "outcome": ("sent", "skipped", "retried", "dead"),
            "reason": ("", *_values(FailReason), *_values(SkipReason)),
        },
    ),
    MetricSpec(
        "counter",
        "signals_charts",
        "Charts for cards in Slack, by what came of them; a card without one has arrived all the same.",
        "charts",
        {"outcome": _values(ChartOutcome)},
    ),
    MetricSpec(
        "histogram",
        "signals_event_to_card_seconds",
        "From the arrival of the event at ingest to the answer of the service that shows the card.",
        "seconds",
        {"sink": SINK_NAMES},
        LATENCY_BUCKETS,
    ),
    MetricSpec(
        "counter",
        "signals_dead_letters",
        "Records put on the dead letter topic.",
        "records",
        {"stage": STAGES, "reason": _values(DeadReason)},
    ),
    MetricSpec(
        "gauge",
        "signals_partitions",
        "Partitions this process serves now; inputs are the four account topics together.",
        "partitions",
        {"topic": PARTITIONED},
    ),
    MetricSpec(
        "gauge",
        "signals_partitions_configured",
        "Partitions every account topic has, as configured.",
        "partitions",
    ),
    MetricSpec(
        "gauge",
        "signals_lag_records",
        "Records not yet committed, summed over the partitions of this process.",
        "records",
        {"topic": LAG_TOPICS},
    ),
    MetricSpec(
        "gauge",
        "signals_oldest_delivery_seconds",
        "Age of the oldest delivery that is not done; 0 when none waits.",
        "seconds",
        {"sink": SINK_NAMES},
    ),
    MetricSpec(
        "gauge",
        "signals_event_age_seconds",
        "Wall clock less the event time that the merge has reached; grows when ingest falls behind.",
        "seconds",
    ),
    MetricSpec(
        "gauge",
        "signals_merge_waiting_seconds",
        "For how long the merge has waited for a topic that has lag but nothing fetched; 0 when it does not wait.",
        "seconds",
        {"topic": MERGED_TOPICS},
    ),
    MetricSpec(
        "counter",
        "signals_commits_failed",
        "Offsets not committed because of a rebalance; their records come again and are recognised.",
        "commits",
    ),
    MetricSpec(
        "counter",
        "signals_watchdog_trips",
        "Times a watchdog found its condition; see docs/runbooks/pipeline.md for which of them end the process.",
        "trips",
        {"watchdog": WATCHDOGS},
    ),
    MetricSpec(
        "gauge",
        "signals_watchdog_age_seconds",
        "For how long a watchdog's condition has lasted, or a source has been silent; 0 when all is well.",
        "seconds",
        {"watchdog": WATCHDOGS},
    ),
    MetricSpec(
        "gauge",
        "signals_watchdog_limit_seconds",
        "Age above which the watchdog trips, as configured; not there for one that is off.",
        "seconds",
        {"watchdog": WATCHDOGS},
    ),
    MetricSpec(
        "gauge",
        "signals_watchdog_tripped",
        "1 while the watchdog's condition holds, else 0.",
        "watchdogs",
        {"watchdog": WATCHDOGS},
    ),
    MetricSpec(
        "gauge",
        "signals_since_evaluation_seconds",
        "Event time between the last event applied and the last one after which any rule was looked at.",
        "seconds",
    ),
    MetricSpec(
        "gauge",
        "signals_since_transition_seconds",
        "Event time between the last event applied and the family's last transition; not there before its first.",
        "seconds",
        {"family": _values(FamilyName)},
    ),
    MetricSpec(
        "counter",
        "signals_canaries",
        "Synthetic events of ours: sent by ingest, arrived at the service they are meant for.",
        "canaries",
        {"outcome": ("sent", "failed", "arrived")},
    ),
    MetricSpec(
        "histogram",
        "signals_canary_latency_seconds",
        "From the sending of a canary to the answer of the service that shows it.",
        "seconds",
        buckets=LATENCY_BUCKETS,
    ),
    MetricSpec(
        "gauge",
        "signals_canary_age_seconds",
        "Time since the newest canary that went all the way was sent, of the partition where that is longest ago.",
        "seconds",
        {"sink": SINK_NAMES},
    ),
    MetricSpec(
        "counter",
        "signals_child_restarts",
        "Times `signals up` started a role again after its process ended.",
        "restarts",
        {"child": (*ROLES, REPORT_ROLE)},
    ),
    MetricSpec(
        "gauge",
        "signals_portfolio",
        "A figure over all accounts as the role report told it last; shares from 0 to 1, money in dollars.",
        "as the figure",
        {"figure": NUMBERS_OF_ALL},
    ),
    MetricSpec(
        "counter",
        "signals_leads_assigned",
        "Leads given to the member of their team whose turn it was, by the member's role.",
        "leads",
        {"member_role": OUR_ROLES},
    ),
    MetricSpec(
        "gauge",
        "signals_leads_unserved",
        "Leads that wait because no member of the role takes leads in their territory now.",
        "leads",
        {"member_role": OUR_ROLES},
    ),
)

BUILD_INFO = "signals_build_info"
"""Gauge, always 1; its labels ``version`` and ``python`` are open sets with one value per process."""
