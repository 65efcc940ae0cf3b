"""Settings of what takes more than one account: the lead assignment tracker, and the figures of the report."""

import re
from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, Field, field_validator, model_validator

from signals.detectors.round_robin import MOST_ACCOUNTS, MOST_ARR
from signals.detectors.territories import QUEUES
from signals.domain.events.base import OurRole
from signals.engine.policy import TEAMS
from signals.engine.portfolio.figures import ReportTerms
from signals.settings.section import Positive, Section, Word


def _known_territory(name: str) -> str:
    if name not in QUEUES:
        raise ValueError(f"{name!r} is no territory; valid: {', '.join(QUEUES)}")
    return name


def _a_month(text: str) -> str:
    if re.fullmatch(r"2\d{3}-(0[1-9]|1[0-2])", text) is None:
        raise ValueError(f"{text!r} is no month; valid: year and month such as 2026-07")
    return text


Territory = Annotated[str, AfterValidator(_known_territory)]
Month = Annotated[str, AfterValidator(_a_month)]


class LeaveSettings(Section):
    """Days off of a member."""

    first: date
    """First day off. Of a leave of more than five days leads end two days before."""
    back: date
    """Day of return: leads come again on it."""

    @model_validator(mode="after")
    def _ends_after_it_began(self) -> "LeaveSettings":
        if self.back <= self.first:
            raise ValueError(f"back ({self.back}) must be after first ({self.first})")
        return self


class MemberSettings(Section):
    """One line of the tracker (catalogue 7.3)."""

    user: Word
    """The person's id in the CRM, as owners are named; ``routing.people`` has the Slack user."""
    role: OurRole
    territories: tuple[Territory, ...] = ()
    """Where the member takes leads; none listed: everywhere."""
    priority: Positive = 1
    """For every p leads of each of the others the member gets one."""
    active: bool = True
    joined: date | None = None
    """First day, of somebody new: what the others got in that month before it counts as if it had been theirs."""
    leaves: tuple[LeaveSettings, ...] = ()
    """A leave counts like a late start: on return the member gets no more than their share."""
    adjustments: dict[Month, Annotated[Decimal, Field(ge=0)]] = {}
    """Month -> leads counted on top in it, instead of what a leave or a late start would count."""


class AssignmentSettings(Section):
    """Who gets a lead that was told to a team. Without members the card goes to the team, as ``routing`` names it.

    The role ``report`` has to run: it is the one that sees all accounts.
    """

    teams: dict[Word, OurRole] = dict(TEAMS)
    """Team as rules tag it -> role of the members who take its leads; beside or instead of ours."""
    members: tuple[MemberSettings, ...] = ()
    most_accounts: Positive = MOST_ACCOUNTS
    """Managed accounts from which on a TAM gets no more leads (handbook TL)."""
    most_arr: Annotated[Decimal, Field(gt=0)] = MOST_ARR
    """ARR of a TAM's book, in US dollars, from which on there are no more (handbook TL)."""

    @model_validator(mode="after")
    def _each_member_once(self) -> "AssignmentSettings":
        users = [one.user for one in self.members]
        if twice := sorted({user for user in users if users.count(user) > 1}):
            raise ValueError(f"{', '.join(twice)} stands twice among the members; valid: one line for each person")
        taken = sorted(set(self.teams.values()))
        if idle := sorted({one.role for one in self.members} - set(taken)):
            raise ValueError(f"no team takes leads for the role {', '.join(idle)}; valid: {', '.join(taken)}")
        return self

    @field_validator("teams")
    @classmethod
    def _beside_ours(cls, teams: dict[str, OurRole]) -> dict[str, OurRole]:
        """Naming one team leaves the others as they are."""
        return {**TEAMS, **teams}


class ReportSettings(Section):
    """Numbers of the figures over all accounts (role ``report``, ``signals report``)."""

    managed_arr: Annotated[Decimal, Field(ge=0)] = ReportTerms.managed_arr
    """ARR in US dollars from which an account must have an owner (handbook AA)."""
    book_most: Positive = ReportTerms.book_most
    """Managed accounts a book may have at the start of a quarter (handbook AA)."""
    movers: Positive = ReportTerms.movers
    """How many rises and falls are listed (proposed)."""
    movement: Annotated[Decimal, Field(ge=0)] = ReportTerms.movement
    """Smallest change of a month's revenue that is listed, in US dollars (proposed)."""
