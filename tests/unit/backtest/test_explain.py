"""Why a signal said what it said, asked by its id."""

from datetime import datetime
from pathlib import Path

import msgspec
import pytest

from signals.backtest.explain import Explained, explain
from signals.backtest.replay import replay
from signals.domain.classes import FieldClass
from signals.engine.policy import Policy, Privacy
from signals.ingest.decode import RecordDecoder
from signals.ingest.lines import read_records
from support.short_rules import pack_of
from support.timeline import catalogue_of

RULE = """
- id: lead_here
  title: A product lead
  kind: level
  each: {in: people, as: one, key: one.id}
  when: one.family == "product"
  text: {headline: "{one.id} is here"}
"""
AT = datetime.fromisoformat("2026-03-02T09:00:00+00:00")


def line(person: str, family: str) -> bytes:
    """Return one person as a line of a file."""
    value = {
        "kind": "person_described", "org_id": "acme", "at": AT.isoformat(), "person_id": person, "family": family,
    }  # fmt: skip
    return msgspec.json.encode({"topic": "crm", "key": "acme", "value": value, "received_at": AT.isoformat()})


@pytest.mark.parametrize("allowed", [frozenset[FieldClass](), frozenset({FieldClass.PERSONAL})])
def test_a_signal_per_person_is_explained_whatever_its_key_is_called(
    tmp_path: Path, allowed: frozenset[FieldClass]
) -> None:
    """The reasons are those of this person and of nobody else, also where a pseudonym stands for the key."""
    catalogue, policy = catalogue_of(pack_of(RULE), tmp_path), Policy(privacy=Privacy(topics=allowed))
    records = list(read_records([line("amy", "product"), line("bob", "sales"), line("cat", "product")], partitions=1))
    said = replay(records, decoder=RecordDecoder(1), catalogue=catalogue, policy=policy).transitions

    found: list[Explained] = []
    for one in said:
        found += explain(records, one.signal_id, decoder=RecordDecoder(1), catalogue=catalogue, policy=policy)

    assert len(found) == 2
    assert [[(reason.text, reason.value) for reason in one.reasons] for one in found] == [
        [("one.family == 'product'", "product")]
    ] * 2
    assert {one.transition.key for one in found} == ({"amy", "cat"} if allowed else {one.key for one in said})
    assert all(one.key.startswith("person-") for one in said) or allowed
