"""The tests of catalogue 2.1 and 2.2 about the calendar, tickets, the champion, the renewal and one pitch at a time.

The other guards' stand in ``test_guards_catalogue.py``; ``support/guarded.py`` says what the findings are.
"""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from signals.backtest.examples import ORG
from signals.domain.events.billing import BillingLimitHit, ProductActivated, SpendReported
from signals.domain.events.crm import (
    AccountDescribed,
    ChampionChanged,
    ChampionNamed,
    HealthScored,
    OpportunityChanged,
    PersonDescribed,
    TicketOpened,
    TicketSolved,
    TouchLogged,
)
from signals.domain.events.feedback import FlagCleared
from signals.domain.events.kinds import AnyEvent
from signals.domain.events.usage import UserActed
from support.guarded import (
    CROSS_SELL,
    EXPANSION,
    MONDAY,
    NEW_YEAR,
    asked_on,
    at,
    customer,
    forecast_on,
    happens,
    opportunity_on,
    reports,
)

# -- G4 and G10: the calendar of an account --------------------------------------------------------------------------


def test_a_monthly_customer_is_left_alone_for_thirty_days() -> None:
    """Start day is day 1: on day 30 the finding is held, on day 31 it goes out."""
    day_30, day_31 = NEW_YEAR + timedelta(days=29), NEW_YEAR + timedelta(days=30)
    events = customer(NEW_YEAR) + opportunity_on(day_30, NEW_YEAR) + reports(day_30, day_31)

    held = happens(events, until=day_30)
    assert (held.told, held.held_by) == ([], ["G4"])
    assert happens(events, until=day_31).told == [day_31]


def test_a_finding_of_day_31_is_not_held() -> None:
    """Nothing is held from day 31 on."""
    day_31 = NEW_YEAR + timedelta(days=30)
    outcome = happens(customer(NEW_YEAR) + opportunity_on(day_31, NEW_YEAR), until=day_31)
    assert (outcome.told, outcome.held_by) == ([day_31], [])


def test_a_request_of_the_customer_opens_the_first_days() -> None:
    """On day 5 the customer asks for the product: G4 does not hold it."""
    day_5 = NEW_YEAR + timedelta(days=4)
    events = customer(NEW_YEAR) + opportunity_on(day_5, NEW_YEAR) + asked_on(day_5)
    assert happens(events, until=day_5).told == [day_5]


@pytest.mark.parametrize(
    ("day", "guard"),
    [
        (date(2026, 1, 31), "G10"),
        (date(2026, 2, 28), "G10"),
        (date(2026, 3, 1), None),
        (date(2026, 6, 30), None),
        (date(2026, 7, 1), "G10"),
        (date(2026, 9, 30), "G10"),
        (date(2026, 10, 1), "G10"),
    ],
)
def test_an_annual_contract_has_its_months(day: date, guard: str | None) -> None:
    """Contract from 1 January: cross-sell goes out in months 3 to 6 only (2.2)."""
    outcome = happens(customer(NEW_YEAR, annual=True) + opportunity_on(day, NEW_YEAR), until=day)
    assert outcome.held_by == ([guard] if guard else [])
    assert outcome.told == ([] if guard else [day])


@pytest.mark.parametrize("day", [date(2026, 2, 28), date(2026, 7, 1), date(2026, 10, 1)])
def test_the_months_do_not_bind_a_monthly_customer(day: date) -> None:
    """Without an annual contract only G4 looks at the calendar."""
    assert happens(customer(NEW_YEAR) + opportunity_on(day, NEW_YEAR), until=day).told == [day]


def test_a_held_finding_goes_out_when_its_month_comes() -> None:
    """Held in month 2, delivered with the first day of month 3 because it still holds."""
    outcome = happens(
        customer(NEW_YEAR, annual=True) + opportunity_on(date(2026, 2, 20), NEW_YEAR)
        + reports(date(2026, 2, 20), date(2026, 3, 1)),
        until=date(2026, 3, 2),
    )  # fmt: skip
    assert outcome.told == [date(2026, 3, 1)]


def test_a_request_in_the_adoption_months_goes_out_with_a_note() -> None:
    """Annual, day 5, asked for by the customer: allowed, with the note about adoption."""
    day_5 = NEW_YEAR + timedelta(days=4)
    outcome = happens(customer(NEW_YEAR, annual=True) + opportunity_on(day_5, NEW_YEAR) + asked_on(day_5), until=day_5)
    assert outcome.told == [day_5]
    assert "G10: adoption focus" in outcome.notes


def test_no_request_opens_the_last_months() -> None:
    """Asked for on 1 October: month 10 stays closed."""
    day = date(2026, 10, 1)
    outcome = happens(customer(NEW_YEAR, annual=True) + opportunity_on(day, NEW_YEAR) + asked_on(day), until=day)
    assert (outcome.told, outcome.held_by) == ([], ["G10"])


@pytest.mark.parametrize(
    ("day", "told"), [(date(2026, 4, 15), True), (date(2026, 8, 15), True), (date(2026, 10, 15), False)]
)
def test_more_of_the_same_product_pauses_in_the_last_months_only(day: date, told: bool) -> None:
    """GX-E: month 4 fires, months 1 to 9 never hold, month 10 pauses."""
    outcome = happens(customer(NEW_YEAR, annual=True) + forecast_on(day), until=day, rule=EXPANSION)
    assert outcome.told == ([day] if told else [])
    assert outcome.held_by == ([] if told else ["G10"])


# -- G1, G7, G8, G11: not now ----------------------------------------------------------------------------------------


def _tickets(day: date, hours: tuple[float, ...]) -> list[AnyEvent]:
    return [TicketOpened(org_id=ORG, at=at(day, hour), ticket_id=f"t{number}") for number, hour in enumerate(hours)]


@pytest.mark.parametrize(
    ("hours", "held"), [((1, 2), []), ((-12, 1, 11.5), ["G1"]), ((-12.1, 1, 11.9), ["G1"]), ((-13, 1, 11.5), [])]
)
def test_a_storm_is_three_tickets_in_24_hours(hours: tuple[float, ...], held: list[str]) -> None:
    """Two normal tickets let it pass; three opened within 24 hours hold it, over 24 hours do not."""
    outcome = happens(customer() + _tickets(MONDAY, hours) + opportunity_on(MONDAY), until=MONDAY)
    assert outcome.held_by == held


def test_an_urgent_ticket_holds_until_a_week_after_it_was_solved() -> None:
    """Solved on the fifth day at ten: released seven days later, to the hour."""
    events = [
        *customer(),
        TicketOpened(org_id=ORG, at=at(MONDAY, 9), ticket_id="t1", priority="urgent"),
        *opportunity_on(MONDAY),
        TicketSolved(org_id=ORG, at=at(MONDAY + timedelta(days=5), 10), ticket_id="t1"),
        *reports(MONDAY, MONDAY + timedelta(days=14)),
    ]
    outcome = happens(events, until=MONDAY + timedelta(days=14))
    opened = [one.at for one in outcome.transitions if one.rule == CROSS_SELL]
    assert outcome.held_by[0] == "G1"
    assert opened == [at(MONDAY + timedelta(days=12), 10)]


def test_a_request_never_opens_an_urgent_ticket() -> None:
    """G1 stays shut whatever the customer asks for."""
    urgent = TicketOpened(org_id=ORG, at=at(MONDAY, 9), ticket_id="t1", priority="urgent")
    outcome = happens([*customer(), urgent, *opportunity_on(MONDAY), *asked_on(MONDAY)], until=MONDAY)
    assert (outcome.told, outcome.held_by) == ([], ["G1"])


def _weeks(*daily: int) -> list[AnyEvent]:
    """Return weeks of reports that end on the Sunday before ``MONDAY``."""
    events: list[AnyEvent] = []
    for number, units in enumerate(reversed(daily)):
        last = MONDAY - timedelta(days=1 + 7 * number)
        events += reports(last - timedelta(days=6), last, units)
    return events


FOUR_DROPS, THREE_DROPS = (100, 98, 95, 90, 88), (98, 98, 95, 90, 88)


@pytest.mark.parametrize(("weeks", "held"), [(FOUR_DROPS, ["G7"]), (THREE_DROPS, [])])
def test_four_weeks_of_decline_pause_cross_sell(weeks: tuple[int, ...], held: list[str]) -> None:
    """Four drops in a row pause GX-C, three do not."""
    marketer = PersonDescribed(org_id=ORG, at=at(MONDAY), person_id="mara", family="marketing")
    outcome = happens([*customer(), *_weeks(*weeks), marketer], until=MONDAY)
    assert outcome.held_by == held
    assert outcome.told == ([] if held else [MONDAY])


def test_four_weeks_of_decline_are_a_remark_on_expansion() -> None:
    """GX-E delivers with the reason and the advice not to pitch yet."""
    outcome = happens([*customer(), *_weeks(*FOUR_DROPS), *forecast_on(MONDAY)], until=MONDAY, rule=EXPANSION)
    assert outcome.told == [MONDAY]
    assert any(note.startswith("G7:") and "do not pitch yet" in note for note in outcome.notes)


def test_a_champion_who_left_pauses_until_a_replacement_is_named() -> None:
    """G8 holds, and lets go with the event that records the replacement; somebody else there talks with us."""
    bob = TouchLogged(
        org_id=ORG, at=at(MONDAY - timedelta(days=9)), medium="call", direction="both", person_id="bob"
    )  # fmt: skip
    left = ChampionChanged(org_id=ORG, at=at(MONDAY - timedelta(days=2)), person_id="amy", how="left")
    named = ChampionNamed(org_id=ORG, at=at(MONDAY + timedelta(days=3)), person_id="bob")
    events = [*customer(), bob, left, *opportunity_on(MONDAY), *reports(MONDAY, MONDAY + timedelta(days=2)), named]
    outcome = happens(events, until=MONDAY + timedelta(days=3))
    assert outcome.held_by == ["G8"]
    assert outcome.told == [MONDAY + timedelta(days=3)]


def test_where_nobody_else_talked_with_us_the_flag_has_to_go_too() -> None:
    """With the replacement G8 is silent, and the flag of level A still holds, until a person takes it away."""
    left = ChampionChanged(org_id=ORG, at=at(MONDAY - timedelta(days=2)), person_id="amy", how="left")
    named = ChampionNamed(org_id=ORG, at=at(MONDAY + timedelta(days=1)), person_id="bob")
    cleared = FlagCleared(
        org_id=ORG, at=at(MONDAY + timedelta(days=2)), signal="churn_champion_left_no_backup", by="dana"
    )  # fmt: skip
    events = [*customer(), left, *opportunity_on(MONDAY), *reports(MONDAY, MONDAY + timedelta(days=2)), named]
    assert happens(events, until=MONDAY + timedelta(days=3)).held_by == ["G8", "G11"]
    assert happens([*events, cleared], until=MONDAY + timedelta(days=3)).told == [MONDAY + timedelta(days=2)]


def test_a_champion_in_a_new_role_pauses_nothing() -> None:
    """The early warning is open, the champion is still there."""
    moved = ChampionChanged(org_id=ORG, at=at(MONDAY - timedelta(days=2)), person_id="amy", how="changed_role")
    assert happens([*customer(), moved, *opportunity_on(MONDAY)], until=MONDAY).told == [MONDAY]


def _renewal(stage: str, *, is_open: bool = True, day: date = MONDAY, hour: float = 8) -> AnyEvent:
    return OpportunityChanged(
        org_id=ORG, at=at(day, hour), opportunity_id="o1", type="renewal", stage=stage, open=is_open
    )


@pytest.mark.parametrize(
    ("event", "held"),
    [
        (_renewal("Commercial & Legal Review"), ["G11"]),
        (_renewal("Qualification"), []),
        (_renewal("Commercial & Legal Review", is_open=False), []),
        (AccountDescribed(org_id=ORG, at=at(MONDAY, 8), segments=["AM Managed", "Churn Risk"]), ["G11"]),
        (AccountDescribed(org_id=ORG, at=at(MONDAY, 8), segments=["AM Managed"]), []),
    ],
)
@pytest.mark.parametrize("rule", [CROSS_SELL, EXPANSION])
def test_a_renewal_at_risk_or_under_negotiation_pauses(event: AnyEvent, held: list[str], rule: str) -> None:
    """G11 holds both profiles: an open renewal in the commercial stage, or the churn-risk segment."""
    finding = opportunity_on(MONDAY) if rule == CROSS_SELL else forecast_on(MONDAY)
    assert happens([*customer(), event, *finding], until=MONDAY, rule=rule).held_by == held


def test_a_level_a_flag_comes_before_any_suggestion() -> None:
    """Four poor weeks raise a flag; a cross-sell finding of that day is kept back (evaluation order, 1.0)."""
    mondays = [MONDAY - timedelta(days=7 * number) for number in range(3, -1, -1)]
    scores = [HealthScored(org_id=ORG, at=at(day, 7), week=day, score="poor") for day in mondays]
    outcome = happens([*customer(), *scores, *opportunity_on(MONDAY)], until=MONDAY)
    assert outcome.told == []
    assert len(outcome.held_by) == 1


# -- G13: one at a time ----------------------------------------------------------------------------------------------


def test_the_second_suggestion_waits_a_month() -> None:
    """One pitch an account in 30 days: the second goes out 30 days after the first, to the hour."""
    second_day = MONDAY + timedelta(days=6)
    last = MONDAY + timedelta(days=31)
    second = SpendReported(org_id=ORG, at=at(second_day, 9), mrr=Decimal(2000), forecasted_mrr=Decimal(4000))
    # She has viewed an experiment: else that opportunity would be due, too, and before the expansion.
    viewed = UserActed(org_id=ORG, at=at(MONDAY, 1), person_id="mara", action="experiment viewed")
    outcome = happens(
        [*customer(), viewed, *opportunity_on(MONDAY), *reports(MONDAY, last), second], until=last, rule=EXPANSION
    )
    opened = [one.at for one in outcome.transitions if one.rule == EXPANSION]
    assert outcome.held_by == ["G13"]
    assert opened == [at(MONDAY + timedelta(days=30))]


def test_of_two_due_at_once_another_product_comes_first() -> None:
    """Growth order (1.0): both wait for the same ticket; released together, the cross-sell one goes out."""
    events = [
        *customer(),
        TicketOpened(org_id=ORG, at=at(MONDAY, 9), ticket_id="t1", priority="high"),
        *forecast_on(MONDAY),
        *opportunity_on(MONDAY),
        TicketSolved(org_id=ORG, at=at(MONDAY, 15), ticket_id="t1"),
        *reports(MONDAY, MONDAY + timedelta(days=7)),
    ]
    until = MONDAY + timedelta(days=8)
    assert happens(events, until=until).told == [MONDAY + timedelta(days=7)]
    other = happens(events, until=until, rule=EXPANSION)
    assert (other.told, other.held_by) == ([], ["G1", "G13"])


def test_what_no_longer_holds_is_not_delivered() -> None:
    """The forecast is ordinary again before the ticket is solved: nothing goes out."""
    events = [
        *customer(),
        TicketOpened(org_id=ORG, at=at(MONDAY, 9), ticket_id="t1", priority="high"),
        *forecast_on(MONDAY),
        SpendReported(org_id=ORG, at=at(MONDAY, 14), mrr=Decimal(2000), forecasted_mrr=Decimal(2100)),
        TicketSolved(org_id=ORG, at=at(MONDAY, 15), ticket_id="t1"),
    ]
    assert happens(events, until=MONDAY + timedelta(days=20), rule=EXPANSION).told == []


# -- exceptions ------------------------------------------------------------------------------------------------------


def test_an_unmanaged_account_of_lead_routing_has_no_first_days() -> None:
    """G4 does not apply to the forecast lead without an owner; with one it is a remark."""
    day_5 = NEW_YEAR + timedelta(days=4)
    unmanaged = happens(customer(NEW_YEAR, owner=None) + forecast_on(day_5), until=day_5, rule=EXPANSION)
    managed = happens(customer(NEW_YEAR) + forecast_on(day_5), until=day_5, rule=EXPANSION)
    assert unmanaged.told == managed.told == [day_5]
    assert not [note for note in unmanaged.notes if note.startswith("G4")]
    assert [note for note in managed.notes if note.startswith("G4")]


def test_a_duty_to_warn_passes_every_guard() -> None:
    """A limit hit goes out in month 11 with an urgent ticket open and the account at risk."""
    day = date(2026, 11, 15)
    events = [
        *customer(NEW_YEAR, annual=True),
        AccountDescribed(org_id=ORG, at=at(day, 7), segments=["Churn Risk"]),
        TicketOpened(org_id=ORG, at=at(day, 8), ticket_id="t1", priority="urgent"),
        BillingLimitHit(org_id=ORG, at=at(day), product="session_replay"),
    ]
    outcome = happens(events, until=day, rule="billing_limit_hit")
    assert (outcome.told, outcome.held_by) == ([day], [])


@pytest.mark.parametrize(("day", "held"), [(date(2026, 1, 12), []), (date(2026, 11, 15), ["G10"])])
def test_a_first_use_counts_as_their_own_request_for_the_first_days_only(day: date, held: list[str]) -> None:
    """A monthly customer's first use in week two is told; in month 11 of an annual contract it waits."""
    events = [
        *customer(NEW_YEAR, annual=bool(held)),
        *reports(max(NEW_YEAR, day - timedelta(days=20)), day - timedelta(days=1)),
        ProductActivated(org_id=ORG, at=at(day), product="surveys"),
    ]
    outcome = happens(events, until=day, rule="product_first_use")
    assert outcome.held_by == held
    assert outcome.told == ([] if held else [day])
