"""The use case of an account, its next product, data maturity, archetype, buyers and bundles."""

from decimal import Decimal

import pytest

from signals.detectors.language.names import UNKNOWN
from signals.domain.events import billing, crm, usage
from signals.domain.events.base import Event
from signals.domain.events.described import ActivityLogged
from support.moments import ORG, account_after, ago, at, look_at
from support.organizations import acted, person, reports, traits


def of(fact: str, *events: Event) -> object:
    """Return a fact after the events."""
    return look_at(account_after(*events)).fact(fact)


def primary(*events: Event) -> object:
    """Return the use case after the events."""
    return of("use_case.primary", *events)


def paid(**mrr: int) -> Event:
    """Return spend per product."""
    products = {name: Decimal(value) for name, value in mrr.items()}
    return billing.SpendReported(org_id=ORG, at=at(ago(1)), mrr=sum(products.values(), Decimal(0)), products=products)


def described(**fields: object) -> Event:
    """Return a profile."""
    return crm.AccountDescribed(org_id=ORG, at=at(ago(1)), **fields)  # type: ignore[arg-type]  # fields of the event


def review() -> Event:
    """Return a privacy review of recordings."""
    return ActivityLogged(org_id=ORG, at=at(ago(1)), activity="replay_privacy_review")


def people(*families: str) -> list[Event]:
    """Return active people of these families."""
    return [event for number, family in enumerate(families)
            for event in (person(f"p{number}", family), acted(f"p{number}", "looked"))]  # fmt: skip


def test_the_owner_knows_best() -> None:
    """A use case the owner set goes before everything."""
    assert primary(*reports(web_analytics=9), traits(primary_use_case="cx")) == "cx"


@pytest.mark.parametrize(
    ("expected", "events"),
    [
        ("release", [*reports(feature_flags=9), paid(feature_flags=100)]),
        ("release", [*reports(feature_flags=9, error_tracking=9), paid(feature_flags=10, error_tracking=90)]),
        ("release", [*reports(feature_flags=9, surveys=9, logs=1), paid(feature_flags=50, surveys=50)]),
        ("observability", [*reports(error_tracking=9, session_replay=9), paid(error_tracking=9, session_replay=9)]),
        ("pi", [*reports(product_analytics=9, session_replay=9), *people(*["engineering"] * 3)]),
        ("pi", [*reports(product_analytics=9, mobile_replay=9)]),
        ("release", [*reports(product_analytics=9), paid(product_analytics=9), *people(*["engineering"] * 3)]),
        ("pi", [*reports(product_analytics=9), paid(product_analytics=9), *people("product")]),
        ("growth", reports(web_analytics=9)),
        ("ai", [*reports(ai_observability=9, product_analytics=9), described(tags=["LLM"])]),
        ("pi", [*reports(ai_observability=9, product_analytics=9), described(tags=[]), paid(product_analytics=9)]),
        ("data", [*reports(product_analytics=9, batch_exports=9), *people("data", "data")]),
    ],
)
def test_the_first_match_decides(expected: str, events: list[Event]) -> None:
    """The catalogue's own cases, and one of each step."""
    assert primary(*events) == expected


def test_half_of_spend_is_enough_and_less_is_not() -> None:
    """50 of 100 is half, 49.9 is not; flags and errors count together only where both are paid."""
    used = reports(feature_flags=9, surveys=9, logs=1)
    some = [*used, *people("product"), traits(flags_active=4, flags_of_experiments=4)]
    assert primary(*some, paid(feature_flags=500, surveys=500)) == "release"
    assert primary(*some, paid(feature_flags=499, surveys=501)) is None


def test_exports_that_nobody_reads_here_are_data() -> None:
    """Two people on insights are few, three are not."""
    exporting = [*reports(product_analytics=9, batch_exports=9), paid(product_analytics=9)]
    reading = [[person(name, "engineering"), acted(name, "insight viewed")] for name in "abc"]
    assert primary(*exporting, *reading[0], *reading[1]) == "data"
    assert primary(*exporting, *reading[0], *reading[1], *reading[2]) == "release"


def test_a_step_that_cannot_be_decided_leaves_it_open() -> None:
    """Traces without known tags: AI or something else; the same answer from a later step closes it."""
    tracing = [*reports(ai_observability=9, product_analytics=9), paid(product_analytics=9)]
    assert primary(*tracing) is UNKNOWN
    assert primary(*tracing, described(tags=[])) == "pi"
    assert primary(*reports(feature_flags=9, product_analytics=9, surveys=9)) is UNKNOWN


def test_else_the_use_case_with_most_people_lives() -> None:
    """One of growth and two of support; a tie is product intelligence; nobody: ask the customer."""
    used = [*reports(product_analytics=9, surveys=9, session_replay=9), paid(product_analytics=9, surveys=9)]
    growth = [person("g", "growth"), acted("g", "funnel viewed")]
    one = [person("s", "customer_service"), acted("s", "person viewed")]
    two = [person("t", "customer_success"), acted("t", "person viewed")]
    assert primary(*used, *growth, *one, *two) == "cx"
    assert primary(*used, *growth, *one) == "pi"
    assert primary(*used, *people("product")) is None
    assert primary(*used) is UNKNOWN


@pytest.mark.parametrize(
    ("use_case", "used", "following"),
    [
        ("pi", ["product_analytics", "session_replay"], "surveys"),
        ("pi", ["product_analytics", "surveys"], "session_replay"),
        ("pi", ["product_analytics", "session_replay", "surveys", "experiments", "workflows"], None),
        ("ai", ["error_tracking"], "ai_evals"),
        ("ai", ["error_tracking", "ai_evals", "ai_observability"], "product_analytics"),
        ("cx", ["session_replay"], "product_analytics"),
        ("cx", ["session_replay", "product_analytics", "error_tracking"], None),
        ("data", ["cdp_destinations"], "data_warehouse"),
        ("growth", ["web_analytics", "marketing_analytics", "product_analytics", "experiments"], "feature_flags"),
    ],
)
def test_the_next_product_is_the_first_gap_of_the_path(use_case: str, used: list[str], following: str | None) -> None:
    """Where one product came first of all and begins an alternate path, that path is walked first."""
    entry = usage.UsageReported(org_id=ORG, at=at(ago(39), 3), day=ago(40), volumes={used[0]: 1})
    told = [*reports(**dict.fromkeys(used, 9)), entry, traits(primary_use_case=use_case)]
    if following is None and use_case == "cx":
        following = "group_analytics"
    assert of("use_case.next_product", *told) == following


def test_where_replay_is_not_feasible_it_is_skipped() -> None:
    """Health data without a review: the next product after it; reviewed and signed it is offered again."""
    health = [*reports(product_analytics=9), described(business_type="Healthcare")]
    for use_case, following in (("pi", "surveys"), ("cx", "error_tracking")):
        assert of("use_case.next_product", *health, traits(primary_use_case=use_case)) == following
    signed = traits(primary_use_case="pi", baa_signed_on="2026-05-01")
    assert of("use_case.next_product", *health, signed, review()) == "session_replay"


@pytest.mark.parametrize(
    ("feasible", "events"),
    [
        (True, []),
        (False, [described(tags=["no-replay"])]),
        (True, [described(tags=["no-replay"]), review()]),
        (False, [described(tags=["no-replay", "no-phi"], business_type="Healthcare")]),
        (False, [traits(baa_signed_on="2026-05-01")]),
        (True, [traits(baa_signed_on="2026-05-01"), review()]),
        (True, [traits(baa_signed_on="2026-05-01"), described(tags=["no-phi"])]),
        (False, [described(business_type="Healthcare"), review()]),
    ],
)
def test_replay_is_feasible(feasible: bool, events: list[Event]) -> None:
    """A review releases a policy; with health data the agreement must be signed, too."""
    assert of("replay.feasible", *events) is feasible


def test_after_errors_of_an_ai_company_comes_what_its_models_do() -> None:
    """Logs or AI observability fill one step of the customer path; the tag says which is offered."""
    used = ["product_analytics", "session_replay", "error_tracking"]
    told = [*reports(**dict.fromkeys(used, 9)), traits(primary_use_case="cx")]
    assert of("use_case.next_product", *told, described(tags=["AI"])) == "ai_observability"
    assert of("use_case.next_product", *told, described(tags=[])) == "logs"


@pytest.mark.parametrize(
    ("maturity", "values"),
    [
        (5, {"batch_exports": 1, "batch_export_destinations": ["Snowflake"], "external_schemas": 0}),
        (4, {"external_schemas": 1, "destinations": ["HubSpot"]}),
        (3, {"destinations": ["Slack"]}),
        (3, {"batch_exports": 1, "batch_export_destinations": ["S3"]}),
        (2, {"batch_exports": 0, "external_schemas": 0, "destinations": []}),
        (UNKNOWN, {}),
    ],
)
def test_data_maturity(maturity: object, values: dict[str, object]) -> None:
    """The furthest stage decides; settings that were never reported are not known."""
    assert of("use_case.maturity", *reports(product_analytics=9), traits(**values)) == maturity


@pytest.mark.parametrize(
    ("archetype", "fields"),
    [
        ("ai_native_early", {"tags": ["ML"], "employees": 50}),
        ("ai_native_scaled", {"tags": ["ai"], "employees": 5000}),
        ("cloud_native_early", {"tags": [], "employees": 50}),
        ("cloud_native_scaled", {"tags": [], "employees": 51}),
        ("cloud_native_scaled", {"tags": [], "employees": 1000}),
        ("cloud_native_enterprise", {"tags": [], "employees": 1001}),
        (UNKNOWN, {"tags": []}),
        (UNKNOWN, {"employees": 20}),
    ],
)
def test_archetypes(archetype: object, fields: dict[str, object]) -> None:
    """Size and tag; without either nothing is said."""
    assert of("use_case.archetype", described(**fields)) == archetype


def test_headcount_stands_in_for_employees() -> None:
    """Where the profile has no size."""
    assert of("use_case.archetype", described(tags=[]), traits(headcount=51)) == "cloud_native_scaled"


def test_products_of_the_use_case() -> None:
    """The path, and what belongs beside it."""
    found = of("use_case.products", *reports(product_analytics=9), traits(primary_use_case="pi"))
    assert found == {
        "product_analytics", "session_replay", "surveys", "experiments", "workflows", "group_analytics", "ai_evals",
    }  # fmt: skip


def test_buyers_are_known_by_title_else_by_family() -> None:
    """A product manager buys product intelligence, an engineer without a title releases and observability."""
    titled = crm.PersonDescribed(org_id=ORG, at=at(), person_id="a", title="Senior PM")
    assert of("buyers.known", titled) == {"pi", "cx"}
    assert of("buyers.known", person("b", "engineering")) == {"release", "observability"}
    assert of("buyers.known") == frozenset()


def test_active_people_of_ai_are_known_by_their_titles() -> None:
    """An engineer whose title nobody told might be one."""
    titled = crm.PersonDescribed(org_id=ORG, at=at(ago(2)), person_id="p0", title="ML Engineer")
    look = look_at(account_after(*people("engineering"), titled))
    assert look.fact("team.ai") == 1
    chief = crm.PersonDescribed(org_id=ORG, at=at(ago(2)), person_id="p0", title="CTO")
    assert look_at(account_after(*people("leadership"), chief)).fact("team.ai") == 0
    assert look_at(account_after(*people("engineering", "engineering"), titled)).fact("team.ai") >= 1  # type: ignore[operator]  # a count


def test_teams_with_nobody_active() -> None:
    """Of the three that decide; one active engineer leaves two."""
    assert of("team.absent", *people("engineering", "data")) == {"product", "growth"}
    assert of("team.absent", *people("engineering", "design", "marketing")) == frozenset()
    assert of("team.absent") is UNKNOWN


@pytest.mark.parametrize(("tags", "ai"), [(["LLM"], True), (["ml"], True), (["aim"], False), ([], False)])
def test_a_company_of_ai_is_tagged(tags: list[str], ai: bool) -> None:
    """By the whole tag, whatever its case."""
    assert of("company.ai", described(tags=tags)) is ai


def test_a_bundle_misses_what_is_not_in_use() -> None:
    """Two of three are in use: the third is missing; of one there is no bundle to speak of."""
    assert of("bundle.ship_fast_missing", *reports(feature_flags=9, error_tracking=9)) == {"experiments"}
    assert of("bundle.ship_fast_missing", *reports(feature_flags=9)) is None
    assert of("bundle.early_growth_missing", *reports(web_analytics=9, surveys=9)) == {"session_replay"}
