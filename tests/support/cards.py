"""Sample transitions of several families, and the steps of a signal's life: what the sinks' tests and pictures show."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec

from signals.domain.ids import delivery_id, signal_id, transition_id
from signals.domain.reasons import Change, FamilyName, ResolvedBecause, Severity
from signals.domain.signal import Delivery, Evidence, Link, Owner, Transition
from signals.sinks.appearance import Appearance

NOW = datetime(2026, 1, 19, 9, 5, tzinfo=UTC)

APPEARANCE = Appearance(
    names={"005A1": "Ada Lovelace", "005A2": "Grace Hopper", "sales_lead": "Sales lead", "cs_lead": "CS lead"}
)

USERS = {"005A1": "U01ALICE", "005A2": "U02GRACE", "sales_lead": "U03LEAD"}


def links(org_id: str) -> tuple[Link, ...]:
    """Links as the configured templates give them."""
    return (
        Link("Open in CRM", f"https://crm.example.com/accounts/{org_id}"),
        Link("Usage", f"https://app.example.com/organizations/{org_id}/usage?range=30d&by=product"),
    )


def transition(**changes: Any) -> Transition:
    """A churn-risk opening; *changes* replace its fields."""
    fields: dict[str, Any] = {
        "org_id": "org_acme",
        "account_name": "Acme",
        "rule": "churn_usage_drop_30",
        "rule_version": "3f2a91c07bde",
        "family": FamilyName.CHURN_RISK,
        "severity": Severity.WARNING,
        "change": Change.OPENED,
        "seq": 1,
        "at": NOW,
        "since": NOW - timedelta(days=3),
        "opened_at": NOW,
        "headline": "Acme: usage fell by 38 % in four weeks",
        "decisive": "−38 % events against the four weeks before",
        "status": "open",
        "evidence": (
            Evidence(
                name="change_28d",
                label="Events, change",
                value="-0.38",
                unit="share",
                window="last 28 closed days",
                threshold="-0.3",
                threshold_from="handbook XU",
                decisive=True,
            ),
            Evidence(name="now_volume", label="Events", value="16400000", unit="count", window="last 28 closed days"),
            Evidence(name="active_users", label="Active users", value="14", unit="count", window="last 7 days"),
            Evidence(name="renewal", label="Contract ends", value="2026-03-01", unit="date"),
        ),
        "why_now": "Use fell before Christmas and stayed low; two of five admins stopped signing in then.",
        "value_at_stake": Decimal(48000),
        "next_step": "Ask the champion what changed before Christmas and offer the query review of the playbook.",
        "starter": "We saw fewer events from your team since late December – did something move, or is it us?",
        "source": "handbook RK",
        "runbook": "docs/runbooks/churn_risk.md",
        "owner": Owner(name="005A1", role="account_manager"),
        "segment": "Enterprise",
        "links": links("org_acme"),
        "notes": ("not checked: no source (G12)",),
        "notify": True,
    }
    fields |= changes
    if "id" not in fields:
        fields.setdefault("signal_id", signal_id(fields["org_id"], fields["rule"], "", fields["since"]))
        fields["id"] = transition_id(fields["signal_id"], fields["seq"])
    return Transition(**fields)


def step(before: Transition, change: Change, **changes: Any) -> Transition:
    """The next transition of the same signal, a day later unless *changes* say when."""
    fields: dict[str, Any] = {"at": before.at + timedelta(days=1), "notify": False, **changes}
    seq = before.seq + 1
    return msgspec.structs.replace(before, id=transition_id(before.signal_id, seq), seq=seq, change=change, **fields)


def resolved(before: Transition, text: str = "usage is back at 92 % of normal", days: int = 6) -> Transition:
    """The transition that resolves *before*'s signal."""
    return step(
        before,
        Change.RESOLVED,
        status="resolved",
        resolved_because=ResolvedBecause.CLEARED,
        resolved_text=text,
        at=(before.opened_at or before.at) + timedelta(days=days),
    )


def delivery(of: Transition, sink: str = "slack", destination: str = "account-signals") -> Delivery:
    """A delivery of *of* to one destination."""
    return Delivery(
        id=delivery_id(of.signal_id, of.seq, sink, destination), sink=sink, destination=destination, transition=of
    )


def credit_runway() -> Transition:
    """Prepaid credit that ends before the contract."""
    return transition(
        org_id="org_globex",
        account_name="Globex",
        rule="credit_will_run_out_early",
        family=FamilyName.CREDIT_RUNWAY,
        severity=Severity.CRITICAL,
        headline="Globex: credit runs out 41 days before the contract ends",
        decisive="credit lasts until 19 Apr 2026",
        evidence=(
            Evidence(name="runs_out", label="Credit runs out", value="2026-04-19", unit="date", decisive=True),
            Evidence(name="ends", label="Contract ends", value="2026-05-30", unit="date"),
            Evidence(
                name="left", label="Credit left", value="41200", unit="USD", threshold="60000", threshold_from="ours"
            ),
            Evidence(name="burn", label="Spend", value="13733.33", unit="USD/month", window="last three months"),
        ),
        why_now="Spend rose by a third after session replay was switched on for all projects in December.",
        value_at_stake=Decimal(165000),
        next_step="Bring the forecast to the finance contact and agree on a top-up or an early renewal.",
        owner=Owner(name="005A2"),
        segment="",
        arr=Decimal(165000),
        links=links("org_globex"),
    )


def payment_failed() -> Transition:
    """A card payment that failed for the second time."""
    return transition(
        org_id="org_initech",
        account_name="Initech",
        rule="payg_payment_failed",
        family=FamilyName.PAYMENT,
        severity=Severity.NOTICE,
        headline="Initech: second payment attempt failed",
        decisive="$1,812.40 open since 16 Jan",
        evidence=(
            Evidence(name="amount", label="Invoice", value="1812.40", unit="USD", decisive=True),
            Evidence(name="attempts", label="Failed attempts", value="2", unit="count", threshold="1"),
            Evidence(name="next", label="Next attempt", value="2026-01-21T14:00:00+00:00", unit="instant"),
        ),
        why_now="The bank declined the card; Stripe tries again in two days.",
        value_at_stake=None,
        next_step="Write to the billing contact and ask for another card.",
        segment="Self-serve",
        links=links("org_initech"),
    )


def cross_sell() -> Transition:
    """Use that suggests another product."""
    return transition(
        org_id="org_hooli",
        account_name="Hooli",
        rule="xs_replay_from_errors",
        family=FamilyName.CROSS_SELL,
        severity=Severity.INFO,
        headline="Hooli: error tracking is in daily use, session replay is not",
        decisive="1.9 M recordings in 30 days",
        evidence=(
            Evidence(
                name="recordings",
                label="Session replay",
                value="1900000",
                unit="recordings",
                window="30 days",
                threshold="1500000",
                decisive=True,
            ),
            Evidence(name="errors", label="Errors tracked", value="0", unit="errors", window="last 7 days"),
        ),
        why_now="Five engineers opened the error page every working day of the last two weeks.",
        value_at_stake=Decimal(1200000),
        next_step="Show the engineering lead a replay next to one of their own errors.",
        links=links("org_hooli"),
    )


def spike() -> Transition:
    """A jump in usage."""
    return transition(
        org_id="org_stark",
        account_name="Stark & Sons <R&D>",
        rule="usage_jump_10x",
        family=FamilyName.SPIKE,
        severity=Severity.WARNING,
        headline="Stark & Sons <R&D>: events are ten times the usual day",
        decisive="12.4 M events yesterday",
        evidence=(
            Evidence(
                name="today",
                label="Events",
                value="12400000",
                unit="events",
                window="yesterday",
                threshold="11320600",
                decisive=True,
            ),
            Evidence(name="usual", label="Usual day", value="1132060", unit="events", window="median of 28 days"),
            Evidence(name="bill", label="Forecast bill", value="18250", unit="USD/month", threshold="4000"),
        ),
        why_now="The jump comes from one project that was created on Saturday.",
        value_at_stake=None,
        next_step="Ask the technical contact whether the new project is meant to send everything.",
        links=links("org_stark"),
    )


def unknown_owner() -> Transition:
    """An account without a name or an owner."""
    return transition(
        org_id="018f3c7e-4d1a-7b7e-9d55-2f6f0a9c1b11",
        account_name="",
        rule="plg_mrr_500_1667",
        family=FamilyName.LEAD,
        severity=Severity.NOTICE,
        headline="018f3c7e-4d1a-7b7e-9d55-2f6f0a9c1b11: pays $640 a month and nobody looks after it",
        decisive="$640 a month",
        evidence=(Evidence(name="mrr", label="MRR", value="640", unit="USD/month", threshold="500", decisive=True),),
        why_now="",
        value_at_stake=None,
        next_step="Decide who takes the account.",
        owner=Owner(name="sales_lead", fallback=True),
        segment="",
        links=(),
    )


def long_name() -> Transition:
    """A name that is longer than a headline."""
    name = "The Extraordinarily Long-Winded International Holding Company for Analytics and Other Matters GmbH & Co. KG"
    return transition(
        org_id="org_long",
        account_name=name,
        headline=f"{name[:60]}…: usage fell by 38 %",
        owner=Owner(name="005A1"),
        links=links("org_long"),
    )


def hostile_name() -> Transition:
    """A name that tries everything: direction marks, emoji, mentions, markup, links."""
    name = "شركة \u202eالنور 👩‍🚀🇩🇪 <!channel> *now* https://evil.example"
    return transition(
        org_id="org_nour",
        account_name=name,
        family=FamilyName.ADOPTION,
        headline=f"{name}: five people started",
        segment="<@U01ALICE>",
        why_now="Started by <!here|here> & `friends` :fire: @channel #general",
        links=links("org_nour"),
    )


def every_sample() -> dict[str, Transition]:
    """All samples by name."""
    return {
        "churn": transition(),
        "credit_runway": credit_runway(),
        "payment": payment_failed(),
        "cross_sell": cross_sell(),
        "spike": spike(),
        "unknown_owner": unknown_owner(),
        "long_name": long_name(),
        "hostile_name": hostile_name(),
    }
