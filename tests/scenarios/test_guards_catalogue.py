"""The tests of catalogue 2.1 and 2.2 about incidents, money, talks, deals, sanctions, use cases and recordings.

Those about the calendar, tickets, the champion and the renewal stand in ``test_guards.py``; ``support/guarded.py`` says
what the findings are.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

import pytest

from signals.backtest.examples import ORG
from signals.domain.events.billing import CreditBalanceReported, CreditsConsumed, PaymentFailed, SpendReported
from signals.domain.events.crm import (
    AccountDescribed,
    ContractSigned,
    CustomerAsked,
    NoteAdded,
    OpportunityChanged,
    PersonDescribed,
    TouchLogged,
)
from signals.domain.events.described import ActivityLogged, TraitsReported
from signals.domain.events.feedback import FlagCleared
from signals.domain.events.incidents import IncidentDeclared, IncidentResolved
from signals.domain.events.kinds import AnyEvent
from signals.domain.events.leads import TaskChanged
from signals.domain.events.market import PriceChanged
from signals.domain.events.usage import UsageReported, UserActed
from support.guarded import (
    CROSS_SELL,
    EXPANSION,
    LONG_AGO,
    MONDAY,
    NEW_YEAR,
    at,
    customer,
    forecast_on,
    happens,
    opportunity_on,
    reports,
)

REPLAY, SURVEYS, ERRORS = "path_pi_replay", "path_pi_surveys", "error_tracking_usage_opp"


def after(days: float) -> date:
    """Return a day counted from the Monday that is asked about."""
    return MONDAY + timedelta(days=days)


def traits(day: date = MONDAY, hour: float = 8, **values: object) -> AnyEvent:
    """Return properties of the account, reported on a day."""
    return TraitsReported(org_id=ORG, at=at(day, hour), traits=values)  # type: ignore[arg-type]  # as JSON has them


def tagged(*tags: str, day: date = MONDAY, hour: float = 8) -> AnyEvent:
    """Return the account with these tags."""
    return AccountDescribed(org_id=ORG, at=at(day, hour), tags=list(tags))


def closed(rule: str, day: date) -> AnyEvent:
    """Return the owner's word that a signal is done with."""
    return FlagCleared(org_id=ORG, at=at(day), signal=rule, by="dana")


def pitched(
    *events: AnyEvent, until: date = MONDAY, rule: str = CROSS_SELL, beside: Sequence[str] = ()
) -> tuple[list[date], list[str]]:
    """Return when the Monday's finding was told and what held it, in an account with these events beside."""
    finding = opportunity_on(MONDAY) if rule == CROSS_SELL else forecast_on(MONDAY)
    later = reports(MONDAY, until - timedelta(days=1)) if until > MONDAY else []
    outcome = happens([*customer(), *events, *finding, *later], until=until, rule=rule, beside=beside)
    return outcome.told, outcome.held_by


# -- G2: incidents ---------------------------------------------------------------------------------------------------


def _incident(severity: int, *components: str, regions: Sequence[str] = (), listed: bool = False) -> AnyEvent:
    return IncidentDeclared(
        org_id=ORG, at=at(MONDAY, 9), incident_id="i1", severity=severity, components=list(components),
        regions=list(regions), listed=listed,
    )  # fmt: skip


def _resolved(day: date, hour: float = 10) -> AnyEvent:
    return IncidentResolved(org_id=ORG, at=at(day, hour), incident_id="i1")


@pytest.mark.parametrize(
    ("incident", "region", "held"),
    [
        (_incident(3, "billing"), "EU", []),
        (_incident(3, "billing", listed=True), "EU", ["G2"]),
        (_incident(4, listed=True), "EU", []),
        (_incident(2, "ingestion"), "EU", ["G2"]),
        (_incident(2, "error_tracking"), "EU", []),
        (_incident(1, "ingestion", regions=["EU"]), "EU", ["G2"]),
        (_incident(1, "ingestion", regions=["EU"]), "US", []),
        (_incident(1, "ingestion", regions=["EU"]), None, []),
    ],
)
@pytest.mark.parametrize("rule", [CROSS_SELL, EXPANSION])
def test_an_incident_pauses_whom_it_affects(incident: AnyEvent, region: str | None, held: list[str], rule: str) -> None:
    """A minor one only who is named; SEV1 on ingestion in the EU an EU customer who sends events, and no US one."""
    told, held_by = pitched(traits(cloud_region=region), incident, *reports(after(-9), after(-1)), rule=rule)
    assert (told, held_by) == ([] if held else [MONDAY], held)


@pytest.mark.parametrize(("severity", "released"), [(0, 9), (1, 9), (2, 2)])
def test_a_grave_incident_pauses_for_a_week_after_its_end(severity: int, released: int) -> None:
    """Resolved on the second day: SEV2 lets go then, SEV0 and SEV1 seven days later."""
    told, held_by = pitched(_incident(severity, "platform"), _resolved(after(2)), until=after(10))
    assert (told, held_by[0]) == ([after(released)], "G2")


# -- G3, G5, G6, G9: trouble and money -------------------------------------------------------------------------------


def _measured(first: int, last: int, identifies: int) -> list[AnyEvent]:
    days = [after(number) for number in range(first, last + 1)]
    return [
        UsageReported(
            org_id=ORG, at=at(day + timedelta(days=1), 2), day=day, volumes={"product_analytics": 900},
            measures={"sessions": 1000, "identify_events": identifies},
        )
        for day in days
    ]  # fmt: skip


def _implementation(*events: AnyEvent, until: date, rule: str = CROSS_SELL) -> tuple[list[date], list[str], str]:
    finding = (
        PersonDescribed(org_id=ORG, at=at(MONDAY), person_id="mara", family="marketing"),
        *(forecast_on(MONDAY) if rule == EXPANSION else ()),
    )
    outcome = happens(
        [*customer(), *events, *finding], until=until, rule=rule,
        beside=("identify_every_page", "replay_enabled_not_viewed"),
    )  # fmt: skip
    return outcome.told, outcome.held_by, " ".join(outcome.notes) if outcome.told else ""


def test_severe_trouble_of_the_implementation_comes_first() -> None:
    """Identified more than once a session: paused until that signal ends."""
    severe = [*_measured(-35, -1, 1501), *_measured(0, 3, 0)]
    assert _implementation(*severe, until=after(3))[:2] == ([after(1)], ["G3"])


def test_trouble_that_is_not_severe_holds_nothing() -> None:
    """Recordings that nobody watches are a signal of their own and no reason to wait."""
    unwatched = traits(after(-40), replay_enabled=True)
    assert _implementation(unwatched, *_measured(-35, -1, 900), until=MONDAY)[:2] == ([MONDAY], [])


def test_severe_trouble_is_a_remark_on_expansion() -> None:
    """More of the same is told, with the advice to wait."""
    told, held, notes = _implementation(*_measured(-35, -1, 1501), until=MONDAY, rule=EXPANSION)
    assert (told, held) == ([MONDAY], [])
    assert "G3: the implementation needs attention (identify every page): do not pitch yet" in notes


def test_announced_budget_constraints_pause_until_the_tag_goes() -> None:
    """G5 reads the tag of the CRM."""
    told, held_by = pitched(tagged("budget"), tagged(day=after(4), hour=12), until=after(5))
    assert (told, held_by) == ([after(4)], ["G5"])


def test_a_dated_note_of_a_budget_freeze_pauses_until_its_last_day() -> None:
    """The day after it the finding goes out."""
    note = NoteAdded(org_id=ORG, at=at(MONDAY, 8), category="budget", from_on=MONDAY, until_on=after(3))
    assert pitched(note, until=after(5)) == ([after(4)], ["G5"])


@pytest.mark.parametrize("text", ["Honestly, this is too expensive", "They announced a budget freeze"])
def test_a_complaint_about_the_price_pauses_until_the_owner_closes_it(text: str) -> None:
    """G6 lets go with the owner's word."""
    said = NoteAdded(org_id=ORG, at=at(MONDAY, 8), category="call", text=text)
    done = closed("price_complaint_or_reduction", after(3))
    assert pitched(said, done, until=after(4)) == ([after(3)], ["G6"])


def test_a_data_engineer_who_takes_over_pauses_until_the_owner_closes_it() -> None:
    """G9 lets go with the owner's word, although the engineer is still there."""
    taken = traits(customer_owner_family="data")
    assert pitched(taken, closed("data_engineer_takeover", after(3)), until=after(4)) == ([after(3)], ["G9"])


@pytest.mark.parametrize(
    ("event", "said"),
    [
        (tagged("budget"), "G5: budget constraints are announced: do not pitch yet"),
        (
            NoteAdded(org_id=ORG, at=at(MONDAY, 8), category="call", text="too expensive"),
            "G6: they find the price too high: do not pitch yet",
        ),
        (traits(customer_owner_family="data"), "G9: a data engineer took over: do not pitch yet"),
    ],
)
def test_money_worries_are_a_remark_on_expansion(event: AnyEvent, said: str) -> None:
    """GX-E is told with the reason, never silent."""
    outcome = happens([*customer(), event, *forecast_on(MONDAY)], until=MONDAY, rule=EXPANSION, beside=())
    assert outcome.told == [MONDAY]
    assert said in outcome.notes


# -- G12: talks ------------------------------------------------------------------------------------------------------


def _talk(days_ago: int, hour: float = 12) -> AnyEvent:
    return TouchLogged(org_id=ORG, at=at(after(-days_ago), hour), medium="call", direction="both")


def _path(day: date = MONDAY, before: str = "surveys", now: Sequence[str] = ("product_analytics",)) -> list[AnyEvent]:
    """Return reports that show other products in use from a day on."""
    first = day - timedelta(days=45)
    days = [first + timedelta(days=number) for number in range((day - first).days)]
    return [
        UsageReported(
            org_id=ORG, at=at(one + timedelta(days=1), 2), day=one,
            volumes=dict.fromkeys(now if one == days[-1] else [before], 900),
        )
        for one in days
    ]  # fmt: skip


def test_where_nobody_talks_with_us_the_pathway_waits_for_a_talk() -> None:
    """Managed, no contact in 30 days, product analytics only."""
    events = [*customer(), _talk(31), *_path(), *reports(MONDAY, after(1)), _talk(-2)]
    outcome = happens(events, until=after(2), rule=REPLAY, beside=())
    assert (outcome.held_by, outcome.told) == (["G12"], [after(2)])


@pytest.mark.parametrize(
    ("owner", "talks", "held"),
    [
        ("dana", [_talk(31)], ["G12"]),
        ("dana", [_talk(30)], []),
        ("dana", [], []),
        (None, [_talk(31)], []),
    ],
)
def test_a_relationship_is_asked_for_where_there_can_be_one(
    owner: str | None, talks: list[AnyEvent], held: list[str]
) -> None:
    """Not of an account nobody owns, and not where no touch was ever logged: there is no feed of them."""
    outcome = happens([*customer(owner=owner), *talks, *opportunity_on(MONDAY)], until=MONDAY, beside=())
    assert (outcome.held_by, outcome.told) == (held, [] if held else [MONDAY])


def test_an_open_lead_is_how_we_get_them_to_talk() -> None:
    """Managed, no contact in 30 days, and somebody has the lead: told, with the word to coordinate."""
    lead = TaskChanged(org_id=ORG, at=at(MONDAY, 8), task_id="l1", task="lead", assigned_to="sam")
    outcome = happens([*customer(), _talk(31), lead, *opportunity_on(MONDAY)], until=MONDAY, beside=())
    assert (outcome.held_by, outcome.told) == ([], [MONDAY])
    assert "G15: a lead is open: coordinate with who has it" in outcome.notes


def test_a_small_customer_who_never_talked_with_us_is_no_case_for_it() -> None:
    """Unmanaged, MRR 300, 60 employees, a fitting company, two products, no contact ever."""
    events = [
        *customer(owner=None),
        AccountDescribed(org_id=ORG, at=at(after(-40)), employees=60, company_type="B2B"),
        *_path(now=("product_analytics", "session_replay")),
        SpendReported(org_id=ORG, at=at(MONDAY), mrr=Decimal(300)),
    ]
    outcome = happens(events, until=MONDAY, rule="multi_product_signal_warmbound", beside=())
    assert (outcome.held_by, outcome.told) == ([], [MONDAY])


# -- G14 to G16: courtesy and deals ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "news",
    [
        traits(last_funding_on=MONDAY.isoformat()),
        NoteAdded(org_id=ORG, at=at(MONDAY, 8), category="acquisition", from_on=MONDAY),
    ],
)
@pytest.mark.parametrize("rule", [CROSS_SELL, EXPANSION])
def test_after_an_announcement_pitches_wait_for_three_weeks(news: AnyEvent, rule: str) -> None:
    """Days 0 to 20; on day 21 they go out."""
    assert pitched(news, until=after(22), rule=rule) == ([after(21)], ["G14"])


def test_the_congratulation_goes_out_the_same_day() -> None:
    """Funding today: the task to congratulate is told today."""
    events = [*customer(), traits(last_funding_on=MONDAY.isoformat())]
    assert happens(events, until=MONDAY, rule="customer_fundraise", beside=()).told == [MONDAY]


def _deal(product: str | None, stage: str = "Demo", *, day: date = MONDAY, hour: float = 8) -> AnyEvent:
    return OpportunityChanged(
        org_id=ORG, at=at(day, hour), opportunity_id="o1", type="cross_sell", stage=stage,
        open=not stage.startswith("Closed"), product=product,
    )  # fmt: skip


def test_an_open_deal_for_the_product_is_coordinated_not_doubled() -> None:
    """Paused while it is open; won, it is no reason any more."""
    won = _deal("web_analytics", "Closed Won", day=after(3), hour=12)
    assert pitched(_deal("web_analytics"), won, until=after(4)) == ([after(3)], ["G15"])


@pytest.mark.parametrize("rule", [CROSS_SELL, EXPANSION])
def test_an_open_deal_for_another_product_is_a_remark(rule: str) -> None:
    """Told, with the word to coordinate; expansion is never silent for it."""
    finding = opportunity_on(MONDAY) if rule == CROSS_SELL else forecast_on(MONDAY)
    outcome = happens([*customer(), _deal("surveys"), *finding], until=MONDAY, rule=rule, beside=())
    assert outcome.told == [MONDAY]
    assert "G15: an opportunity is open: coordinate" in outcome.notes


@pytest.mark.parametrize(("lost", "told", "held"), [(-89, after(1), ["G16"]), (-90, MONDAY, [])])
def test_a_lost_deal_holds_its_product_for_90_days(lost: int, told: date, held: list[str]) -> None:
    """To the hour; an edit of the lost opportunity does not begin them anew."""
    events = [_deal("web_analytics", "Closed Lost", day=after(lost), hour=12)]
    events.append(_deal("web_analytics", "Closed Lost", day=after(-5)))
    assert pitched(*events, until=after(2)) == ([told], held)


def test_a_lost_deal_for_another_product_holds_nothing() -> None:
    """It is the product that was declined."""
    assert pitched(_deal("surveys", "Closed Lost", day=after(-5))) == ([MONDAY], [])


# -- G17: sanctions --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("country", "held"), [("Cuba", ["G17"]), ("Russia", ["G17"]), ("Germany", [])])
@pytest.mark.parametrize("rule", [CROSS_SELL, EXPANSION])
def test_nothing_is_sold_to_a_sanctioned_country(country: str, held: list[str], rule: str) -> None:
    """Banned and russia: no pitch, ever."""
    told, held_by = pitched(traits(billing_country=country), until=after(1), rule=rule)
    assert (told, held_by) == ([] if held else [MONDAY], held)


def test_a_lead_from_a_sanctioned_country_is_held_and_its_payment_is_not() -> None:
    """Families that sell are held; what they owe is told all the same."""
    events = [
        *customer(owner=None),
        AccountDescribed(org_id=ORG, at=at(MONDAY, 7), employees=51, country="USA"),
        UsageReported(
            org_id=ORG, at=at(MONDAY, 2), day=after(-1), volumes={"product_analytics": 100}, members=8
        ),
        traits(geoip_country="Cuba"),
        SpendReported(org_id=ORG, at=at(MONDAY), mrr=Decimal(500), paying_since=after(-100)),
        PaymentFailed(org_id=ORG, at=at(MONDAY), invoice_id="in_1", attempt=1, amount=Decimal(120)),
    ]  # fmt: skip
    lead = happens(events, until=MONDAY, rule="plg_mrr_500_1667", beside=())
    payment = happens(events, until=MONDAY, rule="payg_payment_failed", beside=())
    assert (lead.told, lead.held_by) == ([], ["G17"])
    assert (payment.told, payment.held_by) == ([MONDAY], [])


def test_a_watched_country_waits_for_the_legal_team() -> None:
    """Held until a clearance is recorded; a banned one is held all the same."""
    cleared = traits(after(3), 12, sanctions_cleared_on=after(3).isoformat())
    assert pitched(traits(billing_country="Serbia"), cleared, until=after(4)) == ([after(3)], ["G17"])
    assert pitched(traits(billing_country="Cuba"), cleared, until=after(4)) == ([], ["G17"])


def test_a_request_does_not_open_a_sanctioned_country() -> None:
    """G17 applies before all others, whoever asks."""
    asked = CustomerAsked(org_id=ORG, at=at(MONDAY, 8), about="any")
    assert pitched(traits(billing_country="Cuba"), asked) == ([], ["G17"])


# -- G18 and G19: the first use case, embedded providers -------------------------------------------------------------


def _people(count: int) -> list[AnyEvent]:
    """Return active people of the product team, seen on the day before."""
    return [
        event
        for number in range(count)
        for event in (
            PersonDescribed(org_id=ORG, at=at(after(-3), 9), person_id=f"p{number}", family="product"),
            UserActed(org_id=ORG, at=at(after(-1), 9), person_id=f"p{number}", action="dashboard viewed"),
        )
    ]


def _growing(people: int, *products: str) -> list[AnyEvent]:
    """Return a product-intelligence account that has begun with these products and alerts on events of its own."""
    return [
        *customer(),
        traits(after(-3), primary_use_case="pi", sdks=["web"], alerts=3, alerts_on_custom_events=2),
        *_people(people),
        *_path(before="batch_exports", now=products),
    ]


def test_while_the_first_use_case_is_young_its_own_path_goes_on() -> None:
    """Three active people, product analytics only: recordings are of the path, error tracking of another one."""
    events = _growing(3, "product_analytics")
    replay = happens(events, until=MONDAY, rule=REPLAY, beside=())
    errors = happens(events, until=MONDAY, rule=ERRORS, beside=())
    assert (replay.told, replay.held_by) == ([MONDAY], [])
    assert (errors.told, errors.held_by) == ([], ["G18"])


@pytest.mark.parametrize("rule", [SURVEYS, ERRORS])
def test_once_it_is_solid_other_use_cases_may_follow(rule: str) -> None:
    """Five active people and a second product on the path: both pass."""
    outcome = happens(_growing(5, "product_analytics", "session_replay"), until=MONDAY, rule=rule, beside=())
    assert (outcome.told, outcome.held_by) == ([MONDAY], [])


def test_four_people_or_one_product_are_not_solid() -> None:
    """Both are asked for."""
    for events in (_growing(4, "product_analytics", "session_replay"), _growing(5, "product_analytics")):
        assert happens(events, until=MONDAY, rule=ERRORS, beside=()).held_by == ["G18"]


def test_the_owner_may_call_it_solid() -> None:
    """The owner's tick releases what was held."""
    events = [*_growing(3, "product_analytics"), traits(after(2), 12, use_case_solid=True), *reports(MONDAY, after(1))]
    outcome = happens(events, until=after(2), rule=ERRORS, beside=())
    assert (outcome.told, outcome.held_by) == ([after(2)], ["G18"])


def test_the_customers_request_goes_out_with_the_remark() -> None:
    """Three actives, asked for by the customer: told, with the note."""
    asked = CustomerAsked(org_id=ORG, at=at(after(-1)), about="error_tracking")
    outcome = happens([*_growing(3, "product_analytics"), asked], until=MONDAY, rule=ERRORS, beside=())
    assert (outcome.told, outcome.held_by) == ([MONDAY], [])
    assert "G18: first use case not solid" in outcome.notes


def test_an_embedded_provider_holds_its_product_until_the_owner_clears_it() -> None:
    """And no other product."""
    embedded, free = traits(embedded_products=["web_analytics"]), traits(after(3), 12, embedded_products=[])
    assert pitched(embedded, free, until=after(4)) == ([after(3)], ["G19"])
    assert pitched(traits(embedded_products=["surveys"])) == ([MONDAY], [])


# -- G20: recordings -------------------------------------------------------------------------------------------------


def _reviewed(days: int = -4) -> AnyEvent:
    return ActivityLogged(org_id=ORG, at=at(after(days)), activity="replay_privacy_review")


def _business(kind: str) -> AnyEvent:
    return AccountDescribed(org_id=ORG, at=at(after(-9)), business_type=kind)


SIGNED = traits(after(-8), baa_signed_on="2026-01-01")


@pytest.mark.parametrize(
    ("events", "held"),
    [
        ([_business("Healthcare")], ["G20"]),
        ([_business("Healthcare"), _reviewed()], ["G20"]),
        ([_business("Healthcare"), SIGNED], ["G20"]),
        ([_business("Healthcare"), _reviewed(), SIGNED], []),
        ([_business("Healthcare"), tagged("no-phi", day=after(-8))], []),
        ([SIGNED], ["G20"]),
        ([tagged("no-replay", day=after(-8))], ["G20"]),
        ([tagged("no-replay", day=after(-8)), _reviewed()], []),
        ([tagged("no-replay", "no-phi", day=after(-8))], ["G20"]),
        ([_business("Retail")], []),
    ],
)
def test_recordings_are_offered_where_they_are_feasible(events: list[AnyEvent], held: list[str]) -> None:
    """Health data wants a review and a signed agreement, a policy against recording a review."""
    outcome = happens([*customer(), *events, *_path()], until=MONDAY, rule=REPLAY, beside=())
    assert (outcome.held_by, outcome.told) == (held, [] if held else [MONDAY])


def test_where_recordings_are_not_feasible_other_products_are() -> None:
    """G20 asks only where a recording is offered."""
    assert pitched(_business("Healthcare"), tagged("no-replay")) == ([MONDAY], [])


def test_a_recorded_review_lets_the_offer_out() -> None:
    """Healthcare with a signed agreement: held until the review is on record."""
    events = [*customer(), _business("Healthcare"), SIGNED, *_path(), _reviewed(2), *reports(MONDAY, after(1))]
    outcome = happens(events, until=after(2), rule=REPLAY, beside=())
    assert (outcome.held_by, outcome.told) == (["G20"], [after(2)])


# -- profiles --------------------------------------------------------------------------------------------------------

MONTH_11 = date(2026, 11, 16)


def test_a_trial_that_ends_is_told_whatever_guards_say() -> None:
    """A trial that ends on day 60: told on day 53, in month 11 of the contract."""
    start = MONTH_11 - timedelta(days=53)
    trial = OpportunityChanged(
        org_id=ORG, at=at(start), opportunity_id="o1", type="cross_sell", stage="Trial", open=True,
        product="session_replay", trial_option="credits", trial_started_on=start,
        trial_ends_on=start + timedelta(days=60), trial_followup_booked=True, trial_criteria=True,
    )  # fmt: skip
    events = [*customer(NEW_YEAR, annual=True), trial]
    assert happens(events, until=MONTH_11, rule="cross_sell_trial_expiring", beside=()).told == [MONTH_11]


@pytest.mark.parametrize(("used", "held"), [("surveys", []), ("product_analytics", ["G10"])])
def test_a_lower_price_is_their_due_where_they_use_it(used: str, held: list[str]) -> None:
    """In month 11: told for a product in use, held for one that is not."""
    cut = PriceChanged(
        org_id=ORG, at=at(MONTH_11), product="surveys", effective_on=MONTH_11, typical_units=3000,
        old_prices={"0": Decimal(0), "1000": Decimal("0.10")}, new_prices={"0": Decimal(0), "1000": Decimal("0.05")},
    )  # fmt: skip
    volumes = _path(MONTH_11, before=used, now=(used,))
    outcome = happens(
        [*customer(NEW_YEAR, annual=True), *volumes, cut], until=MONTH_11, rule="posthog_price_change_fit", beside=()
    )
    assert (outcome.told, outcome.held_by) == ([] if held else [MONTH_11], held)


def test_a_pathway_waits_in_month_11() -> None:
    """Too late for another product."""
    outcome = happens([*customer(NEW_YEAR, annual=True), *_path(MONTH_11)], until=MONTH_11, rule=REPLAY, beside=())
    assert (outcome.told, outcome.held_by) == ([], ["G10"])


@pytest.mark.parametrize(("segments", "held"), [(["AM Managed"], []), (["AM Managed", "Churn Risk"], ["G11"])])
def test_credit_that_ends_is_told_in_month_11_unless_the_account_is_at_risk(
    segments: list[str], held: list[str]
) -> None:
    """Renewal-led: no contract window and no open renewal holds it, a churn risk does."""
    signed = ContractSigned(
        org_id=ORG, at=at(NEW_YEAR, 9), contract_id="c1", starts_on=NEW_YEAR, term_months=12, credit=Decimal(36000)
    )
    used = [
        CreditsConsumed(org_id=ORG, at=at(date(2026, month + 1, 1)), month=date(2026, month, 1), amount=Decimal(3100))
        for month in (8, 9, 10)
    ]
    left = CreditBalanceReported(org_id=ORG, at=at(MONTH_11), balance=Decimal(3100), as_of=MONTH_11)
    described = AccountDescribed(org_id=ORG, at=at(MONTH_11, 7), segments=segments)
    renewal = OpportunityChanged(
        org_id=ORG,
        at=at(MONTH_11, 8),
        opportunity_id="r1",
        type="renewal",
        stage="Commercial & Legal Review",
        open=True,
    )
    outcome = happens(
        [*customer(LONG_AGO), signed, *used, described, renewal, left], until=MONTH_11,
        rule="credit_boundary_expansion", beside=(),
    )  # fmt: skip
    assert (outcome.told, outcome.held_by) == ([] if held else [MONTH_11], held)
