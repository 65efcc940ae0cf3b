"""Companies and tasks, against a small HubSpot that remembers."""

import json
from collections.abc import AsyncIterator

import pytest

from signals.domain.errors import Permanent, Transient
from signals.domain.reasons import Change, FailReason, Severity
from signals.domain.signal import Evidence, Position
from signals.engine.erasing import entry, farewell
from signals.sinks.hubspot.config import HubspotConfig
from signals.sinks.hubspot.mapping import BODY_LIMIT, company_upsert, task_create
from signals.sinks.hubspot.sink import LIMIT_WINDOW, HubspotSink
from signals.sinks.task import build_task
from support.cards import APPEARANCE, NOW, delivery, resolved, step, transition, unknown_owner
from support.fake_server import Fault
from support.hand_clock import HandClock
from support.hubspot_fake import COMPANY_KEY, STAMP, TASK_KEY, HubspotFake
from support.sink_peers import hubspot_sink

OPENED = transition()


@pytest.fixture
async def hubspot() -> AsyncIterator[HubspotFake]:
    """A HubSpot that is fine."""
    fake = HubspotFake()
    async with fake.running():
        yield fake


@pytest.fixture
async def sink(hubspot: HubspotFake) -> AsyncIterator[HubspotSink]:
    """A started sink that writes to it."""
    made = hubspot_sink(hubspot.url, HandClock())
    await made.start()
    yield made
    await made.stop()


async def test_an_opening_makes_one_task_at_its_company(sink: HubspotSink, hubspot: HubspotFake) -> None:
    """Company by organization id, task with the signal's id, subject, due date, priority and owner."""
    sent = await sink.send(delivery(OPENED, "crm"), None)

    ((company_id, company),) = hubspot.companies.items()
    ((task_id, task),) = hubspot.tasks.items()
    assert company == {COMPANY_KEY: "org_acme", "name": "Acme"}
    assert task["company"] == company_id
    assert sent.ref == {"company": company_id, "task": task_id}
    properties = task["properties"]
    assert properties[TASK_KEY] == OPENED.signal_id
    assert properties["hs_task_subject"] == "Acme: usage fell by 38 % in four weeks"
    assert (properties["hs_task_status"], properties["hs_task_priority"]) == ("NOT_STARTED", "HIGH")
    assert properties["hubspot_owner_id"] == "9001"
    assert properties["hs_timestamp"] == "1768899900000"


async def test_two_signals_of_one_account_share_the_company(sink: HubspotSink, hubspot: HubspotFake) -> None:
    """One company, two tasks."""
    await sink.send(delivery(OPENED, "crm"), None)
    await sink.send(delivery(transition(rule="ew_few_active_users"), "crm"), None)

    assert (len(hubspot.companies), len(hubspot.tasks)) == (1, 2)


async def test_an_escalation_updates_the_task_and_a_resolve_completes_it(
    sink: HubspotSink, hubspot: HubspotFake
) -> None:
    """The same task through its whole life."""
    sent = await sink.send(delivery(OPENED, "crm"), None)
    raised = step(OPENED, Change.ESCALATED, severity=Severity.CRITICAL, headline="Acme: usage fell by 55 %")
    sent = await sink.send(delivery(raised, "crm"), sent)
    (task,) = hubspot.tasks.values()
    assert task["properties"]["hs_task_subject"] == "Acme: usage fell by 55 %"

    await sink.send(delivery(resolved(raised), "crm"), sent)

    assert task["properties"]["hs_task_status"] == "COMPLETED"
    assert "Resolved after 6 days" in task["properties"]["hs_task_body"]
    assert len(hubspot.tasks) == 1


async def test_an_erased_signal_leaves_a_completed_task_without_words(sink: HubspotSink, hubspot: HubspotFake) -> None:
    """Its id and that of the account stay, so that a person can tell what was taken back."""
    sent = await sink.send(delivery(OPENED, "crm"), None)
    last, _ = farewell(entry(OPENED.signal_id, ()), OPENED.org_id, NOW, Position(1, "feedback", 0, 4))

    await sink.send(delivery(last, "crm"), sent)

    (task,) = hubspot.tasks.values()
    assert task["properties"]["hs_task_status"] == "COMPLETED"
    assert task["properties"]["hs_task_subject"] == f"{OPENED.org_id}: erased on request"
    said = json.dumps(task)
    assert "Erased on request" in said
    assert not [word for word in ("Acme", "38 %", "usage fell") if word in said]


async def test_an_update_leaves_owner_and_due_date_to_people(sink: HubspotSink, hubspot: HubspotFake) -> None:
    """Whoever took the task over keeps it."""
    sent = await sink.send(delivery(OPENED, "crm"), None)
    (task,) = hubspot.tasks.values()
    task["properties"] |= {"hubspot_owner_id": "42", "hs_timestamp": "1"}

    await sink.send(delivery(step(OPENED, Change.UPDATED), "crm"), sent)

    assert (task["properties"]["hubspot_owner_id"], task["properties"]["hs_timestamp"]) == ("42", "1")


async def test_a_deleted_task_comes_back_only_while_its_signal_is_open(sink: HubspotSink, hubspot: HubspotFake) -> None:
    """An open signal needs its task; a resolved one does not."""
    sent = await sink.send(delivery(OPENED, "crm"), None)
    hubspot.tasks.clear()
    again = step(OPENED, Change.UPDATED)
    sent = await sink.send(delivery(again, "crm"), sent)
    assert len(hubspot.tasks) == 1

    hubspot.tasks.clear()
    after = await sink.send(delivery(resolved(again), "crm"), sent)
    assert hubspot.tasks == {}
    assert "task" not in after.ref


async def test_a_resolve_whose_opening_never_arrived_makes_no_task(sink: HubspotSink, hubspot: HubspotFake) -> None:
    """There is nothing to complete; one look, for an opening that was given up may have arrived."""
    await sink.send(delivery(resolved(OPENED), "crm"), None)
    assert hubspot.tasks == {}
    assert [method for method, _, _ in hubspot.requests] == ["GET"]


def result(org_id: str) -> dict[str, object]:
    """A company as HubSpot answers it."""
    properties = {COMPANY_KEY: org_id}
    return {"id": f"id-{org_id}", "new": False, "properties": properties, "createdAt": STAMP, "updatedAt": STAMP}


async def test_the_company_is_taken_by_its_key_not_by_its_place(sink: HubspotSink, hubspot: HubspotFake) -> None:
    """HubSpot does not promise an order."""
    hubspot.upsert_results = [result("org_other"), result("org_acme")]

    sent = await sink.send(delivery(OPENED, "crm"), None)

    assert sent.ref["company"] == "id-org_acme"


@pytest.mark.parametrize("results", [[], [result("org_other")]])
async def test_a_success_without_our_company_is_a_failure(
    sink: HubspotSink, hubspot: HubspotFake, results: list[dict[str, object]]
) -> None:
    """A 200 with nothing in it has written nothing we know of."""
    hubspot.upsert_results = results

    with pytest.raises(Transient, match="without the company"):
        await sink.send(delivery(OPENED, "crm"), None)
    assert hubspot.tasks == {}


async def test_a_company_that_hubspot_refuses_beside_a_success_is_permanent(
    sink: HubspotSink, hubspot: HubspotFake
) -> None:
    """HTTP 207: the batch went through, our company did not."""
    hubspot.upsert_results, hubspot.upsert_errors = [], [{"category": "VALIDATION_ERROR", "message": "bad"}]

    with pytest.raises(Permanent, match="refused") as caught:
        await sink.send(delivery(OPENED, "crm"), None)
    assert caught.value.reason is FailReason.REJECTED


def test_text_in_a_task_is_escaped() -> None:
    """HubSpot shows the body as HTML."""
    task = build_task(transition(why_now="<img src=x onerror=alert(1)> & co"), APPEARANCE)
    body = task_create(task, "1", HubspotConfig())["properties"]["hs_task_body"]

    assert "&lt;img src=x onerror=alert(1)&gt; &amp; co" in body
    assert "<img" not in body


def test_an_endless_body_stays_within_hubspots_limit() -> None:
    """Cut, not refused."""
    facts = tuple(Evidence(name=f"n{i}", label="&" * 400, value="1") for i in range(60))
    body = task_create(build_task(transition(evidence=facts), APPEARANCE), "1", HubspotConfig())["properties"]
    assert len(body["hs_task_body"]) <= BODY_LIMIT + 7


def test_every_property_is_a_string() -> None:
    """HubSpot refuses numbers."""
    task = build_task(unknown_owner(), APPEARANCE)
    for body in (company_upsert(task, HubspotConfig())["inputs"][0], task_create(task, "1", HubspotConfig())):
        assert all(isinstance(value, str) for value in body["properties"].values())


def test_a_nameless_account_does_not_rename_its_company() -> None:
    """What HubSpot knows better stays."""
    assert "name" not in json.dumps(company_upsert(build_task(unknown_owner(), APPEARANCE), HubspotConfig()))


@pytest.mark.parametrize(("weekday", "expected"), [(0, 1), (3, 4), (4, 7), (5, 7), (6, 7)])
def test_tasks_are_due_on_working_days(weekday: int, expected: int) -> None:
    """A warning is due a day later; from Friday on that is Monday. Days counted from Monday, 19 January."""
    opened = step(OPENED, Change.OPENED, at=OPENED.at.replace(day=19 + weekday))
    assert build_task(opened, APPEARANCE).due.day == 19 + expected


@pytest.mark.parametrize(("headers", "pause_s"), [({"Retry-After": "37"}, 37), ({}, LIMIT_WINDOW.total_seconds())])
async def test_a_limit_holds_every_call(hubspot: HubspotFake, headers: dict[str, str], pause_s: float) -> None:
    """HubSpot limits the whole app: whoever calls next would only be refused, too, and be counted."""
    clock = HandClock()
    made = hubspot_sink(hubspot.url, clock)
    await made.start()
    hubspot.faults.append(Fault(429, headers))
    with pytest.raises(Transient):
        await made.send(delivery(OPENED, "crm"), None)

    await made.send(delivery(transition(org_id="org_other"), "crm"), None)

    assert clock.seconds >= pause_s
    assert len(hubspot.tasks) == 1
    await made.stop()


async def test_calls_are_spaced(hubspot: HubspotFake) -> None:
    """A backlog of tasks stays within a hundred calls in ten seconds."""
    clock = HandClock()
    made = hubspot_sink(hubspot.url, clock)
    await made.start()
    for number in range(50):
        await made.send(delivery(transition(org_id=f"org_{number}"), "crm"), None)
    assert clock.seconds >= 9
    await made.stop()
