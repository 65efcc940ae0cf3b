"""Plots of guards: a growth finding at a moment when it must be kept back."""

from signals.domain.events.crm import OpportunityChanged, TicketOpened, TicketSolved
from signals.simulator.draft import Contract, Draft, Member
from signals.simulator.plots.churn import champion_left

RULE = "web_analytics_opp_marketing"


def _marketer(draft: Draft, day: int) -> None:
    draft.employees = 160
    draft.avoided.add("web analytics viewed")
    draft.people.append(Member(draft.person(len(draft.people)), "marketing", described=day))


def open_ticket(draft: Draft, day: int) -> None:
    """An urgent ticket is open when the opportunity appears (G1); solved on the fifth day, released a week later."""
    _marketer(draft, day)
    ticket = f"t_{draft.org_id[4:]}_urgent"
    opened = TicketOpened(org_id=draft.org_id, at=draft.at(day - 1, 10), ticket_id=ticket, priority="urgent")
    draft.script(day - 1, opened)
    draft.script(day + 5, TicketSolved(org_id=draft.org_id, at=draft.at(day + 5, 10), ticket_id=ticket))
    draft.plant(RULE, day, "an urgent ticket is open (G1)", expect="held", until=day + 12)
    draft.plant(RULE, day + 12, "seven days after the ticket was solved")


def contract_window(draft: Draft, day: int) -> None:
    """The opportunity appears in the eleventh month of a contract (G10)."""
    draft.monthly = False
    draft.contract = Contract(f"of_{draft.org_id[4:]}", 10, 24, None)
    _marketer(draft, min(day, 25))
    draft.plant(RULE, min(day, 25), "contract month 11 (G10)", expect="held")
    draft.allow((RULE,), draft.calendar.number(draft.calendar.start), "allowed again from month 3 of the second year")


def negotiating(draft: Draft, day: int) -> None:
    """A renewal opportunity in the commercial stage is open (G11), then won."""
    _marketer(draft, day)
    opportunity = f"opp_{draft.org_id[4:]}"
    for when, is_open in ((day - 3, True), (day + 12, False)):
        draft.script(
            when,
            OpportunityChanged(
                org_id=draft.org_id, at=draft.at(when, 10), opportunity_id=opportunity, type="renewal",
                stage="Commercial & Legal Review" if is_open else "Closed Won", open=is_open,
            ),
        )  # fmt: skip
    draft.plant(RULE, day, "a renewal is being negotiated (G11)", expect="held", until=day + 12)
    draft.plant(RULE, day + 12, "the renewal is signed")


def champion_gone(draft: Draft, day: int) -> None:
    """The champion has left when the opportunity appears (G8); a replacement is named eighteen days later."""
    champion_left(draft, day - 2)
    _marketer(draft, day)
    draft.plant(RULE, day, "the champion left (G8)", expect="held", until=day + 16)
    draft.plant(RULE, day + 16, "a replacement is recorded")


def second_pitch(draft: Draft, day: int) -> None:
    """Two opportunities within a week: the second waits its thirty days (G13)."""
    _marketer(draft, day)
    draft.describes_company_type = True
    draft.group_types = [(0, 2), (day + 6, 0)]
    draft.plant(RULE, day, "the first of two pitches")
    draft.plant("b2b_group_analytics_opp", day + 6, "one pitch at a time (G13)", expect="held")
    draft.allow(("b2b_group_analytics_opp",), day + 29, "thirty days after the first")


def new_customer(draft: Draft, day: int) -> None:
    """A customer since the start with the opportunity in its second week (G4); from day 31 on it may be told."""
    del day
    draft.paying_months = 0
    _marketer(draft, 12)
    draft.plant(RULE, 12, "within the first 30 days (G4)", expect="held", until=30)
    draft.plant(RULE, 30, "day 31")
