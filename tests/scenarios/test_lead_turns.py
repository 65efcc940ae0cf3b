"""From a form to the person whose turn it is: engine, summary, the role's table, and the engine again."""

from datetime import UTC, datetime, timedelta
from itertools import count
from zoneinfo import ZoneInfo

import pytest

from signals.domain.account.state import Account
from signals.domain.events.crm import AccountDescribed, OwnerAssigned
from signals.domain.events.described import TraitsReported
from signals.domain.events.kinds import TOPIC_OF, AnyEvent, kind_of
from signals.domain.events.leads import LeadSubmitted
from signals.domain.signal import Position, Transition
from signals.domain.summary import summary_of
from signals.domain.update import Arrival
from signals.engine.catalogue import Catalogue
from signals.engine.step import step
from signals.settings.load import load_configuration, parse_settings
from signals.streams.report import Summaries, encode_summary
from signals.wiring.catalogue import catalogue_of
from signals.wiring.policy import policy_of, turn_terms_of

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
SETTINGS = parse_settings(
    "assignment:\n  members:\n"
    "  - {user: ann, role: TAE, territories: [US West]}\n"
    "  - {user: bob, role: TAE}\n"
    "  - {user: tam, role: TAM}\n",
    "signals.yaml",
)
POLICY, TERMS = policy_of(SETTINGS), turn_terms_of(SETTINGS)
ZONE = ZoneInfo("UTC")


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    """Return the shipped rules."""
    return catalogue_of(load_configuration(None, {}))


class Town:
    """Several accounts and the role beside them."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue, self.accounts, self.table = catalogue, dict[str, Account](), Summaries()
        self.offsets = count()

    def send(self, *events: AnyEvent) -> list[Transition]:
        """Apply events; whatever is to be summarised is."""
        said: list[Transition] = []
        for event in events:
            place = Position(1, TOPIC_OF[kind_of(event)], 0, next(self.offsets))
            stepped = step(
                self.accounts.get(event.org_id), event.org_id, (Arrival(place, event.at, event),), until=None,
                catalogue=self.catalogue, policy=POLICY,
            )  # fmt: skip
            self.accounts[event.org_id] = stepped.account
            if stepped.leads_moved:
                summary = summary_of(stepped.account, ZONE, POLICY.routing.teams)
                self.table.take(event.org_id.encode(), encode_summary(summary))
            said += stepped.transitions
        return said

    def form(self, name: str, minute: int, state: str | None = None) -> list[Transition]:
        """Somebody of a company in the USA asks for a demo."""
        at = NOON + timedelta(minutes=minute)
        return self.send(
            AccountDescribed(org_id=name, at=at, name=name, country="USA", tags=[]),
            TraitsReported(org_id=name, at=at, traits={"us_state": state}),
            LeadSubmitted(org_id=name, at=at, source="demo_form", qualified_as="sales"),
        )

    def turn(self) -> list[Transition]:
        """The role looks at its table; what it says goes back to the accounts."""
        return self.send(*self.table.turns(ZONE, TERMS).events)


def test_each_form_goes_to_whose_turn_it_is(catalogue: Catalogue) -> None:
    """A US state nobody told is Territory 1: not Ann's. Each is called once, and nothing waits in the end."""
    town = Town(catalogue)
    opened = [*town.form("one", 1), *town.form("two", 2), *town.form("three", 3, "Oregon")]
    assert {one.owner.name for one in opened if one.rule == "nb_demo_form"} == {"tae_round_robin"}

    passed = town.turn()

    assert [(one.org_id, one.owner.name, one.owner.role, one.notify) for one in passed] == [
        ("one", "bob", "TAE", True), ("two", "bob", "TAE", True), ("three", "ann", "TAE", True),
    ]  # fmt: skip
    assert town.turn() == []
    assert not any(one.waiting for one in town.table.accounts.values())
    assert [one.assigned["tae_round_robin"].to for one in town.table.accounts.values()] == ["bob", "bob", "ann"]


def test_an_account_with_an_owner_waits_for_nobody(catalogue: Catalogue) -> None:
    """The lead is the owner's."""
    town = Town(catalogue)
    town.send(OwnerAssigned(org_id="one", at=NOON, owner="dana", role="TAM"))
    opened = town.form("one", 1)

    assert [one.owner.name for one in opened if one.rule == "nb_demo_form"] == ["dana"]
    assert town.turn() == []
