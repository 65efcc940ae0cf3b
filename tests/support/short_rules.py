"""Short rules for tests of the engine, and the two champion events they mostly read."""

from pathlib import Path

from signals.domain.events.crm import ChampionChanged, ChampionNamed, OwnerAssigned, TicketOpened
from signals.engine.policy import Policy
from support.timeline import Timeline, catalogue_of

GONE = """
- id: gone
  title: The champion is gone
  kind: level
  when: champion.change == "left"
  text: {headline: "the champion left"}
"""
"""Holds from ``left`` to ``named``."""

CAME = """
- id: came
  title: A ticket came
  kind: edge
  on: [ticket_opened]
  key: event.ticket_id
  expires_after: 3 d
  text: {headline: "a ticket came"}
"""


def with_fields(rule: str, *fields: str) -> str:
    """Return the rule with more fields."""
    return rule.replace("  text:", "".join(f"  {field}\n" for field in fields) + "  text:", 1)


def pack_of(rules: str, family: str = "churn_risk") -> str:
    """Return a pack of live rules."""
    return f"family: {family}\ndefaults: {{source: test, stage: live, severity: notice}}\nrules:\n{rules}"


def line_of(rules: str, folder: Path, family: str = "churn_risk", policy: Policy | None = None) -> Timeline:
    """Return an account of day 0 that these rules look at."""
    line = Timeline(catalogue_of(pack_of(rules, family), folder), policy)
    line.created()
    return line


def left(line: Timeline, day: float, person: str = "ann", hour: float = 12) -> ChampionChanged:
    """The champion leaves."""
    return ChampionChanged(org_id="acme", at=line.at(day, hour), person_id=person, how="left")


def named(line: Timeline, day: float, person: str = "bob", hour: float = 12) -> ChampionNamed:
    """Somebody is named champion."""
    return ChampionNamed(org_id="acme", at=line.at(day, hour), person_id=person)


def ticket(line: Timeline, day: float, name: str = "t1", hour: float = 12, priority: str = "normal") -> TicketOpened:
    """A ticket is opened."""
    return TicketOpened(org_id="acme", at=line.at(day, hour), ticket_id=name, priority=priority)  # type: ignore[arg-type]  # tests name real ones


def owned(line: Timeline, day: float, owner: str | None) -> OwnerAssigned:
    """Somebody owns the account from now on."""
    return OwnerAssigned(org_id="acme", at=line.at(day), owner=owner, role="CSM")
