"""What is said once for everyone: an incident, a launch of ours, and where a quantile begins, among several accounts.

The records go through the decoder, the merge and the engine as in production (``replay``).
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import msgspec

from signals.backtest.replay import Replayed, replay
from signals.domain.events.described import TraitsReported
from signals.domain.events.incidents import IncidentDeclared, IncidentResolved
from signals.domain.events.kinds import TOPIC_OF, AnyEvent, kind_of
from signals.domain.events.market import LaunchAnnounced
from signals.domain.traits.trait import RawTrait
from signals.engine.catalogue import Catalogue
from signals.ingest.decode import RecordDecoder
from signals.ingest.lines import LineReader
from support.guarded import CROSS_SELL, MONDAY, at, customer, opportunity_on, reports
from support.packaged import POLICY, catalogue
from support.timeline import catalogue_of

PARTITIONS = 4
HITS, FITS = "incident_affects_account", "launch_fit"


def said(*events: AnyEvent) -> list[bytes]:
    """Return lines of events; what is addressed to everyone goes on the broadcast topic."""
    return [
        msgspec.json.encode({
            "topic": "broadcast" if event.org_id == "*" else TOPIC_OF[kind_of(event)],
            "key": event.org_id, "value": event, "received_at": event.at,
        })
        for event in events
    ]  # fmt: skip


def told_to(org_id: str, events: Iterable[AnyEvent]) -> list[bytes]:
    """Return lines of another account's events, as this account's."""
    return said(*(msgspec.structs.replace(event, org_id=org_id) for event in events))


def traits(org_id: str, day: date, hour: float = 5, **values: RawTrait) -> list[bytes]:
    """Return a line that reports traits."""
    return said(TraitsReported(org_id=org_id, at=at(day, hour), traits=values))


def played(lines: Sequence[bytes], until: date, rules: Catalogue | None = None) -> Replayed:
    """Play a history, in the order of its times, to the end of a day."""
    ordered = sorted(lines, key=lambda line: msgspec.json.decode(line)["received_at"])
    return replay(
        LineReader(PARTITIONS).read(ordered), decoder=RecordDecoder(PARTITIONS),
        catalogue=rules or catalogue().around({CROSS_SELL, HITS, FITS}), policy=POLICY, until=at(until, 24),
    )  # fmt: skip


def opened(result: Replayed, rule: str) -> dict[str, date]:
    """Return the accounts of which a rule spoke, and since when."""
    return {one.org_id: one.at.date() for one in result.transitions if one.rule == rule and one.change == "opened"}


def company(day: date) -> list[bytes]:
    """Return accounts in two regions that a suggestion waits for at noon of a day, and one that begins that day."""
    lines: list[bytes] = []
    for org_id in ("eu", "us", "erased"):
        lines += told_to(org_id, [*customer(), *opportunity_on(day)])
        lines += traits(org_id, day - timedelta(days=9), cloud_region="US" if org_id == "us" else "EU")
    return lines + told_to("late", customer(day)) + traits("late", day, 9, cloud_region="EU")


def incident(day: date, hour: float, **ends: Any) -> list[bytes]:
    """Return an incident of the gravest but one, for who is in the EU and analyses."""
    began = IncidentDeclared(
        org_id="*", at=at(day, hour), incident_id="q", severity=1, components=["queries"], regions=["EU"]
    )
    return said(began, *(IncidentResolved(org_id="*", at=one, incident_id="q") for one in ends.values()))


def test_an_incident_reaches_who_it_concerns_and_holds_back_suggestions_to_them() -> None:
    """In the EU the suggestion of noon is held by G2; in the US nothing happened, and it goes out."""
    result = played(company(MONDAY) + incident(MONDAY, 11), MONDAY)
    assert opened(result, HITS) == {"eu": MONDAY, "erased": MONDAY}
    assert opened(result, CROSS_SELL) == {"us": MONDAY}
    held = {(one.org_id, one.guard) for one in result.suppressions if one.rule == CROSS_SELL}
    assert held == {("eu", "G2"), ("erased", "G2")}
    assert result.accounts["late"].incidents.known, (
        "it was there two hours before, though nothing is known of its usage"
    )


def test_its_end_is_said_once_too_and_the_suggestion_follows_a_week_later() -> None:
    """Resolved on Tuesday: the incident's signals end then, and what G2 held goes out the Tuesday after."""
    tuesday = MONDAY + timedelta(days=1)
    lines = company(MONDAY) + incident(MONDAY, 11, over=at(tuesday, 15))
    for org_id in ("eu", "us", "erased"):
        lines += told_to(org_id, reports(MONDAY, MONDAY + timedelta(days=9)))
    result = played(lines, MONDAY + timedelta(days=9))
    ended = {(one.org_id, one.at) for one in result.transitions if one.rule == HITS and one.change == "resolved"}
    assert ended == {("eu", at(tuesday, 15)), ("erased", at(tuesday, 15))}
    assert opened(result, CROSS_SELL)["eu"] == tuesday + timedelta(days=7)


def test_an_account_that_comes_after_it_never_hears_of_it() -> None:
    """Nor does one that was erased before and has not been heard of since; its position is noted all the same."""
    erased = msgspec.json.encode({
        "topic": "feedback", "key": "erased", "received_at": at(MONDAY, 13),
        "value": {"kind": "erase_requested", "org_id": "erased", "at": at(MONDAY, 13), "by": "ann"},
    })  # fmt: skip
    result = played([*company(MONDAY), erased, *incident(MONDAY, 14), *incident(MONDAY, 3)], MONDAY)
    known = {org_id: list(account.incidents.known) for org_id, account in result.accounts.items()}
    assert known == {"eu": ["q"], "us": ["q"], "erased": [], "late": ["q"]}
    assert result.accounts["late"].incidents.known["q"].started_at == at(MONDAY, 14)
    assert result.accounts["erased"].life.positions["broadcast:0"] == (1, 1)
    assert result.erased == 1


def test_a_launch_of_ours_is_told_once_and_each_account_sees_whether_it_fits() -> None:
    """It is for who uses analytics; of the fourth account no usage is known."""
    day = MONDAY + timedelta(days=7)
    lines = company(MONDAY)
    lines += said(LaunchAnnounced(
        org_id="*", at=at(MONDAY, 18), product="surveys", launched_on=day, fits=["product_analytics"]
    ))  # fmt: skip
    result = played(lines, day, catalogue().around({FITS}))
    assert opened(result, FITS) == {"eu": MONDAY, "us": MONDAY, "erased": MONDAY}, "a word a week before"
    assert all(account.market.launches.keys() == {"surveys"} for account in result.accounts.values())


def test_a_broadcast_that_is_too_late_is_one_dead_letter_for_each_partition() -> None:
    """And it changes no account. Late it is when a newer one stood before it: alone it would be merged by its time."""
    lines = company(MONDAY)
    old = IncidentDeclared(org_id="*", at=at(MONDAY - timedelta(days=30)), incident_id="old", severity=0)
    line = msgspec.json.decode(said(old)[0]) | {"received_at": at(MONDAY, 20)}
    result = played([*lines, *incident(MONDAY, 11), msgspec.json.encode(line)], MONDAY)
    partitions = {record.partition for record in LineReader(PARTITIONS).read(lines)}
    assert [one.reason for one in result.dead] == ["too_late"] * len(partitions)
    assert len(partitions) > 1
    assert {name for account in result.accounts.values() for name in account.incidents.known} == {"q"}


def test_a_quantile_is_a_dated_broadcast_that_rules_compare_with(tmp_path: Path) -> None:
    """Who is in the top tenth is decided by each account's own score; a newer cut moves it, also downwards."""
    pack = """
family: lead
defaults: {source: test, stage: live, severity: notice}
rules:
- {id: top, title: top, kind: level, when: profile.icp_score >= traits.icp_top_decile_from,
   text: {headline: "in the top tenth, as of {changed.icp_top_decile_from}"}}
"""
    lines: list[bytes] = []
    for org_id, score in (("eu", 17), ("us", 16)):
        lines += told_to(org_id, customer())
        described = {"kind": "account_described", "org_id": org_id, "at": at(MONDAY, 6), "icp_score": score}
        lines.append(msgspec.json.encode(
            {"topic": "crm", "key": org_id, "received_at": at(MONDAY, 6), "value": described}
        ))  # fmt: skip
    rules = catalogue_of(pack, tmp_path)
    assert opened(played(lines, MONDAY, rules), "top") == {}, "no cut is known"

    lines += traits("*", MONDAY, 7, icp_top_decile_from="17")
    assert opened(played(lines, MONDAY, rules), "top") == {"eu": MONDAY}

    tuesday = MONDAY + timedelta(days=1)
    lines += traits("*", tuesday, 7, icp_top_decile_from="16")
    assert opened(played(lines, tuesday, rules), "top") == {"eu": MONDAY, "us": tuesday}
