"""Small foreign payloads of our own, and valid seeds of every format for mutation."""

from typing import Any

import msgspec

from signals.domain.events.kinds import InputTopic
from signals.ingest.sources.posthog import PosthogSource
from signals.ingest.sources.stripe import StripeSource

CREATED = 1_772_442_000  # 2026-03-02T09:00:00Z
ORG = {"posthog_organization_id": "acme"}


def stripe_event(kind: str, obj: dict[str, Any], **envelope: Any) -> dict[str, Any]:
    """Return a Stripe event around an object."""
    previous = envelope.pop("previous_attributes", None)
    data: dict[str, Any] = {"object": obj}
    if previous is not None:
        data["previous_attributes"] = previous
    return {
        "id": "evt_1", "object": "event", "api_version": "2026-10-28", "created": CREATED, "data": data,
        "livemode": True, "pending_webhooks": 1, "request": {"id": None, "idempotency_key": None}, "type": kind,
    } | envelope  # fmt: skip


def invoice(**changed: Any) -> dict[str, Any]:
    """Return an invoice of the new shape."""
    return {
        "id": "in_1", "object": "invoice", "currency": "usd", "amount_due": 150_050, "amount_paid": 0,
        "amount_remaining": 150_050, "attempt_count": 2, "next_payment_attempt": CREATED + 259_200,
        "collection_method": "charge_automatically", "hosted_invoice_url": "https://pay.example/in_1",
        "due_date": CREATED + 864_000, "period_start": CREATED - 2_592_000, "period_end": CREATED, "metadata": {},
        "parent": {"type": "subscription_details", "subscription_details": {"subscription": "sub_1", "metadata": ORG}},
        "lines": {"object": "list", "data": [
            {"amount": 100_000, "metadata": {"posthog_product_key": "session_replay"}},
            {"amount": 50_050, "pricing": {"price_details": {"price": "price_1", "product": "prod_1"}}},
        ]},
    } | changed  # fmt: skip


def subscription(**changed: Any) -> dict[str, Any]:
    """Return a subscription of the new shape: the period sits on the items."""
    return {
        "id": "sub_1", "object": "subscription", "status": "active", "cancel_at": None, "trial_end": None,
        "cancellation_details": {"reason": None}, "metadata": ORG, "customer": "cus_1",
        "items": {"has_more": False, "data": [{
            "id": "si_1", "current_period_end": CREATED, "metadata": {},
            "price": {"id": "price_1", "nickname": "paid", "product": "prod_1", "recurring": {"interval": "month"},
                      "metadata": {"posthog_product_key": "group_analytics"}},
        }]},
    } | changed  # fmt: skip


def grant(**changed: Any) -> dict[str, Any]:
    """Return a credit grant of $30,000."""
    return {
        "id": "credgr_1", "object": "billing.credit_grant", "category": "paid", "metadata": ORG,
        "amount": {"type": "monetary", "monetary": {"currency": "usd", "value": 3_000_000}},
        "effective_at": CREATED, "expires_at": CREATED + 31_536_000, "voided_at": None, "customer": "cus_1",
    } | changed  # fmt: skip


def posthog_body(name: str, properties: dict[str, Any] | None = None, **changed: Any) -> dict[str, Any]:
    """Return a webhook body with person, groups and project."""
    return {
        "event": {
            "uuid": "01890000-0000-7000-8000-000000000001", "event": name, "distinct_id": "d1",
            "properties": properties or {}, "timestamp": "2026-03-02T09:00:00Z", "elements_chain": "", "url": "x",
        },
        "person": {"id": "p1", "name": "P", "properties": {"email": "p@example.com"}, "url": "x"},
        "groups": {"organization": {"id": "acme", "type": "organization", "index": 0, "url": "x", "properties": {}}},
        "project": {"id": 1, "name": "Main", "url": "x"},
    } | changed  # fmt: skip


REPORT: dict[str, Any] = {
    "date": "2026-03-01", "organization_id": "acme", "organization_user_count": 12, "group_types_total": 2,
    "event_count_in_period": 120_000, "recording_count_in_period": 300, "exceptions_captured_in_period": 0,
    "billable_feature_flag_requests_count_in_period": 5_000, "brand_new_count_in_period": 7,
    "dwh_total_storage_in_s3_in_mib": 1.5, "has_non_zero_usage": True, "teams": {"1": {"event_count_in_period": 1}},
}  # fmt: skip

STRIPE = StripeSource()
POSTHOG = PosthogSource()


def seeds() -> list[tuple[InputTopic, str, bytes]]:
    """Return valid records as (topic, format, value), at least one of every shape we map."""
    canonical: list[tuple[InputTopic, dict[str, Any]]] = [
        ("usage", {"kind": "usage_reported", "day": "2026-03-01", "volumes": {"surveys": 3}, "carried": {"x": 1.5}}),
        ("usage", {"kind": "user_acted", "person_id": "p1", "action": "experiment viewed", "path": "/é"}),
        ("billing", {"kind": "payment_failed", "invoice_id": "in_1", "attempt": 1, "amount": "12.50",
                     "next_attempt_at": "2026-03-05T09:00:00+02:00"}),
        ("billing", {"kind": "subscription_changed", "status": "active", "items": {"surveys": "paid"}}),
        ("crm", {"kind": "contract_signed", "contract_id": "c", "starts_on": "2026-01-01", "credit": 12000.5}),
        ("crm", {"kind": "account_described", "employees": None, "segments": ["AM Managed"]}),
        ("feedback", {"kind": "signal_rated", "signal_id": "s", "by": "x", "useful": True, "reason": "☃"}),
    ]  # fmt: skip
    found: list[tuple[InputTopic, str, bytes]] = [
        (topic, "canonical", msgspec.json.encode({"org_id": "acme", "at": "2026-03-02T09:00:00Z", "v": 1, **event}))
        for topic, event in canonical
    ]
    for name, properties in (
        ("organization usage report", REPORT), ("Pageview", {"$current_url": "https://x.example/project/1/web"}),
        ("user showed product intent", {"product_key": "llm_analytics", "intent_context": "c", "type": "cross_sell"}),
        ("Hit billing limit", {"product_key": "surveys"}), ("experiment viewed", {}),
        ("billing limits updated", {"product": "surveys", "limit_usd": 500}),
    ):  # fmt: skip
        found.append(("usage", "posthog", msgspec.json.encode(posthog_body(name, properties))))
    for kind, obj in (
        ("invoice.finalized", invoice()), ("invoice.payment_failed", invoice()),
        ("customer.subscription.deleted", subscription()), ("billing.credit_grant.created", grant()),
        ("customer.updated", {"id": "cus_1", "balance": -3_000_000, "currency": "usd", "metadata": ORG}),
    ):  # fmt: skip
        found.append(("billing", "stripe", msgspec.json.encode(stripe_event(kind, obj))))
    return found
