"""Event files, and the examples that come with the project."""

from pathlib import Path
from typing import Any

import pytest

from signals.domain.errors import ConfigError
from signals.domain.reasons import DeadReason
from signals.ingest.decode import RecordDecoder
from signals.ingest.lines import LineReader, read_files, read_records
from signals.ingest.record import RECEIVED_AT, Rejected
from signals.streams.topics import partition_for
from support.records import at_minute

EXAMPLES = Path(__file__).parents[3] / "examples"
PARTITIONS = 8


def read(*lines: str) -> Any:
    """Return the records of some lines."""
    return list(read_records(lines, partitions=PARTITIONS, name="f.jsonl"))


def test_a_record_gets_its_keys_partition_and_the_next_offset_there() -> None:
    """As on fresh topics, so that positions of a replay equal Kafka's."""
    lines = [
        f'{{"topic":"{topic}","key":"{key}","value":{{}}}}' for topic in ("usage", "crm") for key in ("a", "c", "a")
    ]
    records = read(*lines)
    assert [record.partition for record in records] == [partition_for(key, 8) for key in ("a", "c", "a")] * 2
    assert [record.offset for record in records if record.key == b"a"] == [0, 1, 0, 1]


def test_an_objects_bytes_stay_as_they_stand_and_a_text_is_sent_as_it_is() -> None:
    """Bad input is written as a text."""
    one, two, three = read(
        '{"topic":"usage","key":"a","value": {"x" : 1.10}}',
        '{"topic":"usage","key":"a","value":"no \\"json\\""}',
        '{"topic":"usage","key":"a","value":null}',
    )
    assert (one.value, two.value, three.value) == (b'{"x" : 1.10}', b'no "json"', None)


def test_the_arrival_becomes_a_header() -> None:
    """Produced or replayed, the future check sees the same arrival."""
    (record,) = read('{"topic":"usage","key":"a","value":{},"received_at":"2026-03-02T10:00:00+01:00"}')
    assert record.header(RECEIVED_AT) == b"2026-03-02T10:00:00+01:00"


def test_a_closing_line_stands_for_every_partition() -> None:
    """Time is a matter of the partition."""
    records = read('{"topic":"crm","key":null,"value":{"kind":"time_reached","at":"2026-03-02T09:00:00Z"}}')
    assert [record.partition for record in records] == list(range(PARTITIONS))
    assert [record.partition for record in LineReader(3).closing(at_minute(0))] == [0, 1, 2]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("{", "truncated"),
        ('{"topic":"usages","key":"a","value":{}}', "usages"),
        ('{"topic":"usage","value":{}}', "key"),
        ('{"topic":"usage","key":"a","value":{},"recieved_at":"x"}', "recieved_at"),
        ('{"topic":"usage","key":"a","value":{},"partition":8}', "0 to 7"),
    ],
)
def test_a_malformed_line_is_named_by_file_and_number(line: str, words: str) -> None:
    """An empty line is passed over and counts."""
    with pytest.raises(ConfigError, match=words) as refused:
        read("", '{"topic":"usage","key":"a","value":{}}', line)
    assert refused.value.where == "f.jsonl:3"


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    """No traceback for a typing error."""
    with pytest.raises(ConfigError, match="cannot be read"):
        list(read_files([tmp_path / "none.jsonl"], partitions=1))


@pytest.mark.parametrize("name", ["credit_runway", "failed_payment"])
def test_every_line_of_a_story_is_valid(name: str) -> None:
    """Examples are read by people who trust them."""
    decoder = RecordDecoder(PARTITIONS)
    decoded = [decoder.decode(record) for record in read_files([EXAMPLES / f"{name}.jsonl"], partitions=PARTITIONS)]
    assert [one for one in decoded if isinstance(one, Rejected)] == []


def test_the_bad_example_shows_each_reason_once() -> None:
    """The mix is what the dead letter page of the docs shows."""
    decoder = RecordDecoder(PARTITIONS)
    decoded = [decoder.decode(record) for record in read_files([EXAMPLES / "bad_input.jsonl"], partitions=PARTITIONS)]
    reasons = [one.reason for one in decoded if isinstance(one, Rejected)]
    assert reasons == [
        DeadReason.UNDECODABLE, DeadReason.UNKNOWN_KIND, DeadReason.INVALID, DeadReason.WRONG_TOPIC,
        DeadReason.MISSING_KEY, DeadReason.FOREIGN_ACCOUNT, DeadReason.WRONG_PARTITION, DeadReason.FUTURE,
        DeadReason.UNDECODABLE,
    ]  # fmt: skip
