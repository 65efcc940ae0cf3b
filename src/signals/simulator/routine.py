"""What billing and the CRM report of an account as a matter of routine: profile, spend, invoices, credit, talks."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Literal

from msgspec import UNSET, structs

from signals.domain.events.base import Event
from signals.domain.events.billing import (
    CreditBalanceReported,
    CreditsConsumed,
    CreditsGranted,
    InvoiceIssued,
    InvoicePaid,
    RevenueReported,
    SpendReported,
    SubscriptionChanged,
    TrialSet,
)
from signals.domain.events.crm import (
    AccountDescribed,
    ChampionNamed,
    ChannelLinked,
    ContractSigned,
    HealthScored,
    OrganizationCreated,
    OwnerAssigned,
    PersonDescribed,
    TicketOpened,
    TicketSolved,
    TouchLogged,
)
from signals.domain.events.described import ActivityLogged, TraitsReported
from signals.domain.events.usage import UserSignedUp
from signals.domain.traits.trait import RawTrait
from signals.simulator.calendar import months_later
from signals.simulator.draft import Contract, Draft

Score = Literal["poor", "fair", "good"]
CENT = Decimal("0.01")
KNOWN_HOUR = 18.0
ICP_SCORE = 5
ENRICHED: dict[str, RawTrait] = {"industry": "Software", "signup_role": "engineering"}
ANSWERED_WITHIN = timedelta(minutes=40)
PARTNERS = 3
# The CRM learns of most organizations in the evening, after their first usage report: what they used from the start
# is then not news (product_first_use). Those known before use are told at 05:00.


class Routine:
    """The billing and CRM side of one account, day by day, in order; a fresh one starts the story again."""

    def __init__(self, draft: Draft, rng: Random) -> None:
        self.draft, self.rng = draft, rng
        self.talk_on = draft.created
        self.ticket_on = draft.created + 3 + rng.randrange(12)
        self.tickets = 0
        self.talks = 0
        self.waiting = False
        """The last word was ours."""

    def on(self, day: int) -> Iterator[Event]:
        """Yield the day's events, not sorted; called once for each day from the account's first on."""
        draft = self.draft
        day_date = draft.calendar.date_of(day)
        if day == draft.created:
            yield from self._first_day(day, day_date)
        for number, member in enumerate(draft.people):
            if max(member.described, draft.created) == day:
                # Half a minute apart, so that no delay on the way changes their order.
                yield PersonDescribed(
                    org_id=draft.org_id, at=draft.at(day, KNOWN_HOUR + 0.06 + number / 100), person_id=member.person_id,
                    family=member.family,
                )  # fmt: skip
        yield from self._money(day, day_date)
        if draft.contract is not None and draft.contract.credit is not None:
            yield from self._credit(draft.contract, day, day_date)
        if draft.ended is None or day < draft.ended:
            yield from self._talks(day, day_date)

    # -- the first day -------------------------------------------------------------------------------------------

    def _first_day(self, day: int, day_date: date) -> Iterator[Event]:
        draft, org = self.draft, self.draft.org_id
        hour = 5.0 if draft.known_before_use else KNOWN_HOUR
        yield OrganizationCreated(org_id=org, at=draft.at(day, hour), name=draft.name)
        yield SubscriptionChanged(
            org_id=org, at=draft.at(day, hour + 0.02), id=draft.moment_id("subscription"), status=draft.status,
            interval="month" if draft.contract is None else "year", items=dict(draft.subscription),
        )  # fmt: skip
        yield AccountDescribed(
            org_id=org, at=draft.at(day, hour + 0.04), name=draft.name,
            company_type=draft.company_type if draft.describes_company_type else UNSET,
            employees=draft.employees, country=draft.country, segments=list(draft.segments), tags=list(draft.tags),
            icp_score=ICP_SCORE, crm_url=f"https://crm.example.com/accounts/{org}",
            usage_url=f"https://usage.example.com/organizations/{org}",
        )  # fmt: skip
        yield OwnerAssigned(org_id=org, at=draft.at(day, hour + 0.06), owner=draft.owner, role=draft.role)
        yield from self._looked_after(day, hour + 0.1)
        if draft.champion is not None:
            yield ChampionNamed(org_id=org, at=draft.at(day, KNOWN_HOUR + 0.2), person_id=draft.champion)
        if draft.channel is not None:
            at = draft.at(day, KNOWN_HOUR + 0.25)
            yield ChannelLinked(org_id=org, at=at, channel=draft.channel, live=draft.channel_live)
        if draft.status == "trialing":
            yield TrialSet(org_id=org, at=draft.at(day, hour + 0.08), until=day_date + timedelta(days=28))
        if draft.known_before_use:
            for number, member in enumerate(draft.people):
                yield UserSignedUp(
                    org_id=org, at=draft.at(day, 4 + number / 100), person_id=member.person_id,
                    first_of_organization=number == 0,
                )  # fmt: skip
        if draft.archetype == "startup":
            yield CreditsGranted(
                org_id=org, at=draft.at(day, KNOWN_HOUR + 0.3), id=draft.moment_id("startup"),
                grant_id=f"grant_{org[4:]}", amount=Decimal(50000), reason="startup", effective_on=day_date,
                expires_on=months_later(day_date, 12),
            )  # fmt: skip
        if draft.contract is not None:
            yield from self._contract_known(draft.contract, day)

    def _looked_after(self, day: int, hour: float) -> Iterator[Event]:
        """What a CRM in order knows: enrichment of all, and that the setup of an owned account was checked."""
        draft, org = self.draft, self.draft.org_id
        if draft.owner is not None:
            yield ActivityLogged(org_id=org, at=draft.at(day, hour), activity="health_check", by=draft.owner)
        yield TraitsReported(org_id=org, at=draft.at(day, hour), traits=ENRICHED)

    def _contract_known(self, contract: Contract, day: int) -> Iterator[Event]:
        draft, org = self.draft, self.draft.org_id
        starts_on = months_later(draft.calendar.start, -contract.months_ago)
        yield ContractSigned(
            org_id=org, at=draft.at(day, KNOWN_HOUR + 0.3), contract_id=contract.contract_id, starts_on=starts_on,
            term_months=contract.term_months, credit=contract.credit, billing=contract.billing,
        )  # fmt: skip
        if contract.credit is None:
            return
        granted = contract.credit
        if contract.billing == "yearly":
            granted = (contract.credit * 12 / contract.term_months).quantize(CENT)
        yield CreditsGranted(
            org_id=org, at=draft.at(day, KNOWN_HOUR + 0.32), id=draft.moment_id("grant"),
            grant_id=f"grant_{contract.contract_id}", amount=granted, effective_on=starts_on,
            expires_on=months_later(starts_on, contract.term_months),
        )  # fmt: skip
        first = draft.calendar.date_of(day).replace(day=1)
        for ago in (3, 2, 1):
            yield CreditsConsumed(
                org_id=org, at=draft.at(day, KNOWN_HOUR + 0.4 - ago / 100), month=months_later(first, -ago),
                amount=contract.burn_of(-ago),
            )  # fmt: skip

    # -- money ---------------------------------------------------------------------------------------------------

    def _spend(self, day: int) -> tuple[Decimal, Decimal]:
        draft = self.draft
        since = max((first for first in draft.spend if first <= day), default=None)
        if since is not None:
            return draft.spend[since]
        mrr = (draft.mrr * (100 + self.rng.randrange(-2, 3)) / 100).quantize(CENT)
        return mrr, (mrr * (100 + self.rng.randrange(0, 7)) / 100).quantize(CENT)

    def _money(self, day: int, day_date: date) -> Iterator[Event]:
        draft, org = self.draft, self.draft.org_id
        if draft.ended is not None and day > draft.ended:
            return
        first_day = day == draft.created
        if first_day or day in draft.spend or day_date.day in (1, 15):
            mrr, forecast = self._spend(day)
            paying = months_later(draft.calendar.date_of(draft.created), -draft.paying_months)
            yield SpendReported(
                org_id=org, at=draft.at(day, KNOWN_HOUR + 0.35), mrr=mrr, forecasted_mrr=forecast,
                paying_since=paying if draft.mrr > 0 else UNSET,
            )  # fmt: skip
        if draft.mrr == 0:
            return
        if first_day:
            for ago in (2, 1) if draft.paying_months else ():
                month = months_later(day_date.replace(day=1), -ago)
                yield RevenueReported(org_id=org, at=draft.at(day, 18.5 - ago / 100), month=month, amount=draft.mrr)
        elif day_date.day == 1:
            last = months_later(day_date, -1)
            yield RevenueReported(org_id=org, at=draft.at(day, 3), month=last, amount=self._month_revenue(day, last))
        if day in draft.revenue:
            month = day_date.replace(day=1)
            yield RevenueReported(org_id=org, at=draft.at(day, 12), month=month, amount=draft.revenue[day])
        if draft.monthly and day > draft.created:
            yield from self._monthly_invoice(day, day_date)

    def _month_revenue(self, day: int, month: date) -> Decimal:
        """Return the final revenue of the month before *day*: what was last reported within it, or the usual."""
        first = self.draft.calendar.number(month)
        planned = [number for number in self.draft.revenue if first <= number < day]
        return self.draft.revenue[max(planned)] if planned else self.draft.mrr

    def _monthly_invoice(self, day: int, day_date: date) -> Iterator[Event]:
        draft, org = self.draft, self.draft.org_id
        if day_date.day not in (2, 4) or day - draft.created < 5:
            return
        month = months_later(day_date.replace(day=1), -1)
        invoice_id = f"in_{org[4:]}_{month:%Y%m}"
        if day_date.day == 2:
            yield InvoiceIssued(
                org_id=org, at=draft.at(day, 4), id=draft.moment_id("issued", invoice_id), invoice_id=invoice_id,
                amount=draft.mrr, plan="payg", period_start=month, period_end=day_date.replace(day=1),
            )  # fmt: skip
        else:
            yield InvoicePaid(
                org_id=org, at=draft.at(day, 4 + self.rng.random()), id=draft.moment_id("paid", invoice_id),
                invoice_id=invoice_id, amount=draft.mrr,
            )  # fmt: skip

    def _credit(self, contract: Contract, day: int, day_date: date) -> Iterator[Event]:
        """Yield the month's consumption on its first day after, the balance weekly; grants that plots have planned."""
        draft, org = self.draft, self.draft.org_id
        month = self._month_index(day)
        if day_date.day == 1 and day > draft.created:
            yield CreditsConsumed(
                org_id=org, at=draft.at(day, 2), month=months_later(day_date, -1), amount=contract.burn_of(month - 1)
            )
        if day in contract.grants:
            yield CreditsGranted(
                org_id=org, at=draft.at(day, 10), id=draft.moment_id("grant", str(day)),
                grant_id=f"grant_{contract.contract_id}_{day}", amount=contract.grants[day], effective_on=day_date,
            )  # fmt: skip
        if day == draft.created or day_date.day == 1 or day_date.weekday() == 0 or day in contract.grants:
            at = draft.at(day, 10.2 if day != draft.created else KNOWN_HOUR + 0.45)
            yield CreditBalanceReported(org_id=org, at=at, balance=self._balance(contract, day), as_of=day_date)

    def _month_index(self, day: int) -> int:
        start, now = self.draft.calendar.start, self.draft.calendar.date_of(day)
        return 12 * (now.year - start.year) + now.month - start.month

    def _balance(self, contract: Contract, day: int) -> Decimal:
        """Return the credit left at the start of a day."""
        credit = contract.credit or Decimal(0)
        months_before = contract.months_ago
        if contract.billing == "yearly":
            credit = (credit * 12 / contract.term_months).quantize(CENT)
            months_before %= 12
        index = self._month_index(day)
        used = sum((contract.burn_of(month) for month in range(-months_before, index)), Decimal(0))
        day_date = self.draft.calendar.date_of(day)
        following = months_later(day_date.replace(day=1), 1)
        length = (following - day_date.replace(day=1)).days
        used += contract.burn_of(index) * (day_date.day - 1) / length
        used -= sum((amount for first, amount in contract.grants.items() if first <= day), Decimal(0))
        return max(credit - used, Decimal(0)).quantize(CENT)

    # -- talks ---------------------------------------------------------------------------------------------------

    def _talks(self, day: int, day_date: date) -> Iterator[Event]:
        draft, org, rng = self.draft, self.draft.org_id, self.rng
        if day_date.weekday() == 0 and draft.owner is not None:
            usual: Score = "good" if rng.random() < 0.7 else "fair"
            score: Score = "poor" if day in draft.poor_weeks else usual
            yield HealthScored(org_id=org, at=draft.at(day, 8), week=day_date, score=score)
        silent = any(first <= day <= last for first, last in draft.silences)
        if day >= self.talk_on and draft.owner is not None:
            # At most five days between two words: far from the fourteen that would be a warning.
            self.talk_on = day + 3 + rng.randrange(3)
            if not silent:
                chat = draft.channel is not None
                # On the first day before the CRM tells of a contract: it was in touch before.
                at = draft.at(day, (16 if day == draft.created else 19) + rng.random())
                touch = TouchLogged(
                    org_id=org, at=at, medium="chat" if chat else "email", direction=self._direction(rng.randrange(3)),
                    person_id=self._partner(day), shared_channel=chat,
                )  # fmt: skip
                yield touch
                if touch.direction == "inbound":
                    yield structs.replace(touch, at=at + ANSWERED_WITHIN, direction="outbound")
        if day >= self.ticket_on:
            self.ticket_on = day + 14 + rng.randrange(10)
            self.tickets += 1
            ticket = f"t_{org[4:]}_{self.tickets}"
            yield TicketOpened(org_id=org, at=draft.at(day, 11), ticket_id=ticket, priority="normal")
            yield TicketSolved(org_id=org, at=draft.at(day, 16), ticket_id=ticket)

    def _direction(self, drawn: int) -> Literal["inbound", "both", "outbound"]:
        """Return who speaks: a word of ours is answered at the next talk, so nobody falls silent by chance."""
        usual: tuple[Literal["inbound", "both", "outbound"], ...] = ("inbound", "both", "outbound")
        direction = "both" if self.waiting else usual[drawn]
        self.waiting = direction == "outbound"
        return direction

    def _partner(self, day: int) -> str | None:
        """Return whom we talk with: the champion and two others in turn, so that no one person carries the account."""
        draft = self.draft
        there = [member.person_id for member in draft.people if member.is_there(day) and member.described <= day]
        partners = sorted(there, key=lambda person: person != draft.champion)[:PARTNERS]
        self.talks += 1
        return partners[self.talks % len(partners)] if partners else draft.champion
