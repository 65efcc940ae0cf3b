"""Turns of ordinary life on accounts without a plot: people come and go, owners change, deals and notes are logged.

None of it is a signal: newcomers are engineers and product people where such people already view experiments and use
flags, at least five people stay, and an opportunity is never a renewal in its commercial stage.
"""

from decimal import Decimal

from signals.domain.events.billing import CreditsGranted
from signals.domain.events.crm import Family, NoteAdded, OpportunityChanged, OwnerAssigned, PersonLeft
from signals.domain.events.described import ActivityLogged
from signals.domain.events.usage import UserSignedUp
from signals.simulator.archetypes import OWNERS
from signals.simulator.draft import Draft, Member

NEWCOMERS: tuple[Family, ...] = ("engineering", "product", "design", "data")
SPACING = 45
"""Days: about how often an account takes a turn of one kind."""


def take_turns(draft: Draft) -> None:
    """Write a few turns into an account; which and when is its own chance."""
    days = draft.calendar.days
    for first in range(draft.created + 5, days - 5, SPACING):
        _join(draft, first + draft.rng.randrange(SPACING))
        if draft.owner is not None:
            _deal(draft, first + draft.rng.randrange(SPACING))
    if draft.owner is None:
        return
    if draft.rng.random() < 0.5:
        _leave(draft, draft.created + 10 + draft.rng.randrange(max(days - draft.created - 10, 1)))
    if draft.rng.random() < 0.4:
        _handover(draft, draft.created + 10 + draft.rng.randrange(max(days - draft.created - 10, 1)))
    if draft.contract is None and draft.rng.random() < 0.3:
        _promo(draft, draft.created + 10 + draft.rng.randrange(max(days - draft.created - 10, 1)))


def _join(draft: Draft, day: int) -> None:
    if day >= draft.calendar.days:
        return
    family = NEWCOMERS[draft.rng.randrange(len(NEWCOMERS))]
    person = Member(draft.person(len(draft.people)), family, described=day)
    if day > draft.created:
        person.absent.append((0, day))
    draft.people.append(person)
    draft.script(day, UserSignedUp(org_id=draft.org_id, at=draft.at(day, 9), person_id=person.person_id, role=family))


def _leave(draft: Draft, day: int) -> None:
    leaving = draft.people[0]
    leaving.absent.append((day, draft.calendar.days))
    draft.script(day, PersonLeft(org_id=draft.org_id, at=draft.at(day, 17), person_id=leaving.person_id))


def _handover(draft: Draft, day: int) -> None:
    others = [owner for owner in OWNERS if owner != draft.owner]
    following = others[draft.rng.randrange(len(others))]
    draft.script(
        day, OwnerAssigned(org_id=draft.org_id, at=draft.at(day, 10), owner=following, role=draft.role)
    )  # fmt: skip
    for hour, activity in ((10.6, "owner_introduced"), (10.7, "account_plan_updated")):
        draft.script(
            day, ActivityLogged(org_id=draft.org_id, at=draft.at(day, hour), activity=activity, by=following)
        )  # fmt: skip
    text = "Introduced in the shared channel; open items are in the plan."
    draft.script(day, NoteAdded(org_id=draft.org_id, at=draft.at(day, 10.5), category="handover", text=text))


def _deal(draft: Draft, day: int) -> None:
    opportunity = f"opp_{draft.org_id[4:]}_{day}"
    stages = (
        ("Discovery", True),
        ("Trial", True),
        ("Closed Won" if draft.rng.random() < 0.5 else "Closed Lost", False),
    )
    for number, (stage, is_open) in enumerate(stages):
        when = day + 9 * number
        draft.script(
            when,
            OpportunityChanged(
                org_id=draft.org_id, at=draft.at(when, 12), opportunity_id=opportunity, type="existing", stage=stage,
                open=is_open, amount=Decimal(6000),
            ),
        )  # fmt: skip


def _promo(draft: Draft, day: int) -> None:
    draft.script(
        day,
        CreditsGranted(
            org_id=draft.org_id, at=draft.at(day, 11), id=draft.moment_id("promo", str(day)),
            grant_id=f"promo_{draft.org_id[4:]}", amount=Decimal(200), reason="one_time",
        ),
    )  # fmt: skip
