"""Live use cases: what people of a team did, and what is not known."""

import pytest

from signals.detectors.language.names import UNKNOWN
from signals.domain.account.people import MAX_PEOPLE
from signals.domain.events.base import Event
from support.moments import account_after, look_at
from support.organizations import acted, person, reports, traits


def live(use_case: str, *events: Event) -> object:
    """Return whether a use case is live after the events."""
    return look_at(account_after(*reports(product_analytics=9), *events)).fact(f"live.{use_case}")


@pytest.mark.parametrize(
    ("use_case", "family", "action"),
    [
        ("pi", "product", "insight viewed"),
        ("pi", "design", "funnel created"),
        ("growth", "marketing", "web analytics viewed"),
        ("growth", "growth", "experiment created"),
        ("cx", "customer_success", "person viewed"),
        ("cx", "customer_service", "recording analyzed"),
    ],
)
def test_the_team_does_what_the_use_case_is(use_case: str, family: str, action: str) -> None:
    """The same done by another team, or 30 days ago, is not it."""
    assert live(use_case, person("a", family), acted("a", action, 29)) is True
    assert live(use_case, person("a", family), acted("a", action, 30)) is False
    assert live(use_case, person("a", "finance"), acted("a", action)) is False
    assert live(use_case) is UNKNOWN


def test_people_nobody_saw_are_not_idle() -> None:
    """Names from the CRM without any action reported: what they do is not known."""
    assert live("pi", person("a", "product")) is UNKNOWN
    assert live("pi", person("a", "product"), acted("a", "looked", 35)) is False


def test_roles_are_needed_of_half_of_the_active() -> None:
    """3 of 5 known are enough, 2 of 5 are not."""
    seen = [acted("a", "insight viewed"), acted("b", "looked"), acted("c", "looked")]
    known = [person("a", "product"), person("b", "engineering"), person("c", "engineering")]
    unnamed = [person("d", None), person("e", None)]
    assert live("pi", *seen, *known, *unnamed) is True
    assert live("pi", *seen, *known[:2], *unnamed) is UNKNOWN


def test_people_who_are_not_kept_may_have_done_it() -> None:
    """Beyond fifty people a no is known only where the account's own count leaves none over."""
    crowd = [event for number in range(MAX_PEOPLE)
             for event in (person(f"p{number}", "engineering"), acted(f"p{number}", "insight viewed"))]  # fmt: skip
    assert live("pi", *crowd) is False
    gone = [person("q", "product"), acted("q", "insight viewed", 20)]
    assert live("pi", *gone, *crowd) is UNKNOWN


def release(active: int, linked: int, *makers: str) -> object:
    """Return whether release engineering is live with so many flags, made by people of these families."""
    made = [event for number, family in enumerate(makers)
            for event in (person(f"p{number}", family), acted(f"p{number}", "feature flag created", 20))]  # fmt: skip
    flags = traits(flags_active=active, flags_of_experiments=linked)
    return look_at(account_after(*reports(feature_flags=9), flags, *made)).fact("live.release")


def test_release_is_flags_of_engineers_without_experiments() -> None:
    """At least half of the flags, and engineers among those who made them."""
    assert release(4, 2, "product", "engineering") is True
    assert release(4, 3, "product", "engineering") is False
    assert release(4, 2, "product") is False
    assert release(0, 0, "engineering") is False
    assert live("release", person("a", "engineering"), acted("a", "looked")) is False


def test_release_without_a_known_maker_is_open() -> None:
    """Flags made before we listened were made by somebody."""
    assert release(4, 2) is UNKNOWN
    nobody = [person("a", "engineering"), acted("a", "looked")]
    flags = traits(flags_active=4, flags_of_experiments=2)
    assert look_at(account_after(*reports(feature_flags=9), flags, *nobody)).fact("live.release") is UNKNOWN


def test_observability_is_exceptions_that_engineers_look_at() -> None:
    """Captured and nobody looks, or looked at by product: not live."""
    captured = reports(error_tracking=9)
    engineer = [person("a", "engineering"), acted("a", "error issue viewed")]
    product = [person("a", "product"), acted("a", "error issue viewed")]
    assert look_at(account_after(*captured, *engineer)).fact("live.observability") is True
    assert look_at(account_after(*captured, *product)).fact("live.observability") is False
    assert live("observability", person("a", "engineering"), acted("a", "looked")) is False


def test_ai_is_traces() -> None:
    """Whoever looks at them."""
    assert look_at(account_after(*reports(ai_observability=9))).fact("live.ai") is True
    assert live("ai") is False


def test_data_is_a_flow_that_a_data_role_runs() -> None:
    """A source that an engineer set up is not the data team's; no flow at all is nobody's."""
    managed = [person("a", "data"), acted("a", "batch import created", 60), acted("a", "looked")]
    assert live("data", traits(external_schemas=1), *managed) is True
    assert live("data", traits(destinations=["Slack"]), *managed) is True
    assert live("data", *managed) is False
    engineer = [person("a", "engineering"), acted("a", "batch import created", 60), acted("a", "looked")]
    assert live("data", traits(external_schemas=1), *engineer) is False
