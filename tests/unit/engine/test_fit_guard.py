"""The limits of fit: remarks on what is offered, and one pause (catalogue 11.7)."""

from pathlib import Path

import pytest

from signals.detectors.facts.products import PRODUCTS
from signals.domain.events.crm import NoteAdded
from signals.domain.events.described import TraitsReported
from signals.domain.events.kinds import AnyEvent
from signals.engine.fit_guard import LIMITS
from support.short_rules import line_of, ticket
from support.timeline import Timeline

PITCH = """
- id: pitch
  title: A note came
  kind: edge
  on: [ticket_opened]
  key: event.ticket_id
  expires_after: 3 d
  guards: GX-E
  offers: [<offered>]
  text: {headline: "a ticket came"}
"""


def remarks(folder: Path, offered: str, *events: AnyEvent) -> list[str]:
    """Return the remarks of fit on a pitch of a product, after events; ``held`` when it is held back by fit."""
    line = line_of(PITCH.replace("<offered>", offered), folder, "expansion")
    for event in events:
        line.send(event)
    line.send(ticket(line, 40))
    if any(one.guard == "fit" for one in line.suppressions):
        return ["held"]
    said = [one for one in line.transitions if one.rule == "pitch"]
    return [note.removeprefix("fit: ") for one in said for note in one.notes if note.startswith("fit")]


def tools(line: Timeline, *names: str) -> AnyEvent:
    """Return a scan of tools."""
    return TraitsReported(org_id="acme", at=line.at(1), traits={"tools": list(names)})


@pytest.fixture
def clock(tmp_path: Path) -> Timeline:
    """Return a line for its times only."""
    return line_of(PITCH.replace("<offered>", "surveys"), tmp_path, "expansion")


def note(line: Timeline, text: str) -> AnyEvent:
    """Return a note with words."""
    return NoteAdded(org_id="acme", at=line.at(2), category="call", text=text)


@pytest.mark.parametrize(
    ("offered", "words", "remark"),
    [
        ("error_tracking", "They need distributed tracing.", "they need APM"),
        ("logs", "They need APM.", "APM not shipped"),
        ("workflows", "Mostly for lead scoring.", "keep that tool"),
        ("experiments", "It must be warehouse-native.", "no claim of parity"),
        ("batch_exports", "They want it within seconds.", "realtime destinations"),
        ("ai_evals", "They have prompt versioning.", "check what Evals supports"),
        ("marketing_analytics", "Hello.", "beta: no claim of parity"),
    ],
)
def test_words_heard_limit_what_fits(tmp_path: Path, clock: Timeline, offered: str, words: str, remark: str) -> None:
    """Each with its product."""
    (found,) = remarks(tmp_path, offered, note(clock, words))
    assert remark in found


def test_words_do_not_limit_other_products(tmp_path: Path, clock: Timeline) -> None:
    """APM is nothing to a survey."""
    assert remarks(tmp_path, "surveys", note(clock, "They need APM.")) == []


@pytest.mark.parametrize(
    ("offered", "found", "remark"),
    [
        ("session_replay", ("PagerDuty",), "no displacement"),
        ("logs", ("ELK",), "complements it"),
        ("web_analytics", ("GA4", "Google Ads", "Looker"), "never instead"),
        ("workflows", ("Braze",), "keep that tool"),
    ],
)
def test_tools_limit_what_fits(
    tmp_path: Path, clock: Timeline, offered: str, found: tuple[str, ...], remark: str
) -> None:
    """Each with its product."""
    (said,) = remarks(tmp_path, offered, tools(clock, *found))
    assert remark in said


def test_two_of_the_ad_stack_are_no_limit(tmp_path: Path, clock: Timeline) -> None:
    """All three are."""
    assert remarks(tmp_path, "web_analytics", tools(clock, "GA4", "Looker")) == []


@pytest.mark.parametrize(("rows", "held"), [(10**9, True), (10**9 - 1, False)])
def test_no_warehouse_for_a_huge_source(tmp_path: Path, clock: Timeline, rows: int, held: bool) -> None:
    """From a billion rows on, and only the warehouse."""
    told = TraitsReported(org_id="acme", at=clock.at(1), traits={"external_rows": rows})
    assert (remarks(tmp_path, "data_warehouse", told) == ["held"]) is held
    assert remarks(tmp_path, "surveys", told) == []


def test_every_limit_names_products() -> None:
    """A name that is no product is a slip of the pen."""
    assert set().union(*(one.products for one in LIMITS)) <= set(PRODUCTS)
