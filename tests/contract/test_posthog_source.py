"""PostHog webhook bodies as canonical events."""

from datetime import date
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from signals.domain.errors import BadInput
from signals.domain.events.billing import AddonRemoved, BillingLimitHit, BillingLimitSet, SubscriptionCancelled
from signals.domain.events.usage import (
    ProductIntentActivated,
    ProductIntentShown,
    UsageReported,
    UserActed,
    UserSignedUp,
)
from signals.domain.reasons import DeadReason
from signals.ingest.sources.contract import Nothing
from signals.ingest.sources.posthog import PosthogSource
from support.payloads import REPORT, posthog_body


def mapped(
    name: str, properties: dict[str, Any] | None = None, source: PosthogSource | None = None, **body: Any
) -> Any:
    """Return the event a body becomes, or Nothing."""
    value = msgspec.json.encode(posthog_body(name, properties, **body))
    result = (source or PosthogSource())(value, "usage", "acme")
    return result[0] if isinstance(result, tuple) else result


def test_a_usage_report_gives_volumes_of_known_products_and_carries_the_rest() -> None:
    """Known counters become volumes; new ones are carried, not rejected; texts and team tables are no counters."""
    event = mapped("organization usage report", REPORT)
    assert isinstance(event, UsageReported)
    assert (event.day, event.members, event.group_types) == (date(2026, 3, 1), 12, 2)
    assert event.volumes == {
        "product_analytics": 120_000, "session_replay": 300, "feature_flags": 5_000, "error_tracking": 0,
    }  # fmt: skip
    assert event.carried == {"brand_new_count_in_period": 7, "dwh_total_storage_in_s3_in_mib": 1.5}
    assert event.id == "01890000-0000-7000-8000-000000000001"


def test_an_older_report_counts_a_local_evaluation_as_ten_requests() -> None:
    """The billable counter is newer than its parts."""
    report = {
        "date": "2026-03-01",
        "decide_requests_count_in_period": 5,
        "local_evaluation_requests_count_in_period": 2,
    }
    assert mapped("organization usage report", report).volumes == {"feature_flags": 25}


def test_a_known_counter_of_the_wrong_type_is_refused_with_its_place() -> None:
    """A volume must not be guessed."""
    with pytest.raises(BadInput, match=r"volumes") as refused:
        mapped("organization usage report", REPORT | {"recording_count_in_period": "many"})
    assert refused.value.reason is DeadReason.INVALID


def test_a_billing_usage_report_without_a_date_is_of_the_day_it_was_sent() -> None:
    """It names products as ``<product>_count_in_period``."""
    event = mapped("billing usage report", {"llm_analytics_count_in_period": 9, "surveys_count_in_period": 2})
    assert (event.day, event.volumes) == (date(2026, 3, 2), {"ai_observability": 9, "surveys": 2})
    assert mapped("billing usage report", {"x": 1}) == Nothing("no_change")


def test_a_product_intent_and_its_activation() -> None:
    """Product names are brought to ours; the cross-sell mark is kept."""
    properties = {"product_key": "llm_analytics", "intent_context": "experiment created", "type": "cross_sell"}
    event = mapped("user showed product intent", properties)
    assert isinstance(event, ProductIntentShown)
    assert (event.product, event.context, event.person_id, event.cross_sell) == (
        "ai_observability", "experiment created", "p1", True,
    )  # fmt: skip
    activated = mapped("product intent marked activated", {"product_key": "surveys"})
    assert (type(activated), activated.product) == (ProductIntentActivated, "surveys")


@pytest.mark.parametrize(
    ("url", "action", "product"),
    [
        ("https://us.example/project/2/web", "web analytics viewed", "web_analytics"),
        ("https://us.example/web?date=1", "web analytics viewed", "web_analytics"),
        ("https://us.example/project/2/website", "page viewed", None),
        ("https://us.example/organization/billing", "billing page viewed", None),
        ("https://example.com/docs/flags", "docs viewed", None),
        ("https://[", "page viewed", None),
    ],
)
@pytest.mark.parametrize("name", ["Pageview", "$pageview"])
def test_a_page_view_is_named_by_its_screen(name: str, url: str, action: str, product: str | None) -> None:
    """The web analytics screen, billing and docs matter by name; any other page shows only that somebody was there."""
    event = mapped(name, {"$current_url": url})
    assert (type(event), event.action, event.product) == (UserActed, action, product)


@pytest.mark.parametrize(("name", "product"), [("experiment viewed", "experiments"), ("person viewed", None)])
def test_a_named_product_event_is_an_act_of_its_person(name: str, product: str | None) -> None:
    """The catalogue's names are kept."""
    event = mapped(name)
    assert (event.action, event.product, event.person_id) == (name, product, "p1")


def test_billing_events_that_come_by_posthog() -> None:
    """Amounts are dollars already."""
    assert type(mapped("Hit billing limit", {"product_key": "surveys"})) is BillingLimitHit
    assert type(mapped("billing addon removed", {"product": "group_analytics"})) is AddonRemoved
    assert type(mapped("billing subscription cancelled")) is SubscriptionCancelled
    limit = mapped("billing limits updated", {"product": "surveys", "limit_usd": 500.5})
    assert (type(limit), limit.limit) == (BillingLimitSet, Decimal("500.5"))
    assert mapped("billing limits updated", {"product": "surveys", "limit_usd": None}).limit is None
    assert mapped("billing subscription paid") == Nothing("no_change")


def test_a_sign_up_says_who_and_whether_they_are_the_first() -> None:
    """The role is taken as given."""
    event = mapped("user signed up", {"role_at_organization": "marketing", "is_organization_first_user": True})
    assert (type(event), event.role, event.first_of_organization) == (UserSignedUp, "marketing", True)


def test_older_bodies_name_the_event_and_the_person_otherwise() -> None:
    """``event.name`` and ``person.uuid``."""
    event = {"name": "experiment viewed", "timestamp": "2026-03-02T09:00:00Z"}
    assert mapped("", event=event, person={"uuid": "p9"}).person_id == "p9"


def test_a_body_without_person_groups_and_project_is_read_by_its_properties() -> None:
    """The default template of the webhook has no groups; an event may have no person."""
    event = {
        "event": "experiment viewed", "timestamp": "2026-03-02T09:00:00Z", "distinct_id": "d7",
        "properties": {"$groups": {"organization": "acme"}},
    }  # fmt: skip
    value = msgspec.json.encode({"event": event})
    result = PosthogSource()(value, "usage", None)
    assert isinstance(result, tuple)
    assert isinstance(result[0], UserActed)
    assert (result[0].org_id, result[0].person_id) == ("acme", "d7")


@pytest.mark.parametrize(
    ("groups", "properties", "reason"),
    [
        (None, {}, DeadReason.NO_ORGANIZATION),
        ({"organization": {"id": "acme"}}, {"organization_id": "other"}, DeadReason.FOREIGN_ACCOUNT),
    ],
)
def test_the_organization_must_be_named_and_be_one(groups: Any, properties: Any, reason: DeadReason) -> None:
    """No guess by person, no choice between two."""
    with pytest.raises(BadInput) as refused:
        mapped("experiment viewed", properties, groups=groups)
    assert refused.value.reason is reason


def test_invented_data_and_unknown_names_say_nothing() -> None:
    """Demo projects must not move usage; unmapped names are counted only, also without an organization."""
    assert mapped("experiment viewed", project={"is_demo_project": True}) == Nothing("demo_project")
    assert mapped("$autocapture", groups=None) == Nothing("unmapped")
    chosen = PosthogSource(actions={"$autocapture": "clicked"})
    assert mapped("$autocapture", source=chosen).action == "clicked"
