"""What is kept of a record nobody could use, and how it goes back."""

import msgspec

from signals.domain.reasons import DeadReason
from signals.domain.signal import Position
from signals.ingest.deadletters import (
    DeadFilter,
    NotReplayable,
    Redelivery,
    as_record,
    as_redelivery,
    dead_letter,
    encode_dead_letter,
    read_letters,
)
from signals.ingest.record import RECEIVED_AT, REPLAYED_FROM, WAIVE, RawRecord, Rejected
from signals.streams.deadletter import MAX_KEPT_BYTES, DeadLetter, bury
from support.records import raw


def letter_of(record: RawRecord, reason: DeadReason = DeadReason.INVALID) -> DeadLetter:
    """Return the dead letter of a refused record, over its bytes."""
    return msgspec.json.decode(
        encode_dead_letter(dead_letter(Rejected(record, reason, "why", "acme"), 3)), type=DeadLetter
    )


def test_the_original_comes_back_byte_for_byte_with_a_header_of_its_place() -> None:
    """Also bytes that are no text."""
    record = raw(b"\x00\xff{", offset=7, headers=(("h", b"\xfe"),), timestamp_ms=1_772_442_000_000)
    again = as_record(letter_of(record), 8, waive_too_late=True)
    assert isinstance(again, RawRecord)
    assert (again.topic, again.key, again.value, again.partition) == ("usage", b"acme", b"\x00\xff{", record.partition)
    assert again.header("h") == b"\xfe"
    assert again.header(REPLAYED_FROM) == f"3:usage:{record.partition}:7".encode()
    assert again.header(WAIVE) == b"too_late"
    assert again.header(RECEIVED_AT) == b"2026-03-02T09:00:00+00:00"


def test_leave_to_be_late_is_not_inherited() -> None:
    """It is given anew with each replay."""
    again = as_record(letter_of(raw({}, headers=((WAIVE, b"too_late"),))), 8)
    assert isinstance(again, RawRecord)
    assert again.header(WAIVE) is None


def test_a_record_from_the_wrong_partition_goes_where_its_key_belongs() -> None:
    """Else it would be refused again."""
    again = as_record(letter_of(raw({}, partition=1)), 8)
    assert isinstance(again, RawRecord)
    assert again.partition == raw({}).partition


def test_a_large_original_is_cut_and_says_so() -> None:
    """A dead letter that cannot be written would stop the member for ever."""
    letter = letter_of(raw(b"x" * 2_000_000), DeadReason.TOO_LARGE)
    assert len(encode_dead_letter(letter)) < 1_000_000
    assert letter.cut_from == 2_000_000
    refused = as_record(letter, 8)
    assert isinstance(refused, NotReplayable)
    assert str(MAX_KEPT_BYTES) in refused.why


def test_letters_are_found_by_reason_topic_account_and_position() -> None:
    """Values that are none of ours are passed over."""
    letters = [letter_of(raw({}, offset=n), reason) for n, reason in enumerate((DeadReason.INVALID, DeadReason.FUTURE))]
    values = [b"junk", *(encode_dead_letter(letter) for letter in letters)]
    assert list(read_letters(values, DeadFilter())) == letters
    assert list(read_letters(values, DeadFilter(reason=DeadReason.FUTURE, topic="usage", org_id="acme"))) == letters[1:]
    assert list(read_letters(values, DeadFilter(position=letters[0].position))) == letters[:1]
    assert list(read_letters(values, DeadFilter(org_id="other"))) == []


def test_a_delivery_goes_back_to_its_sinks_topic() -> None:
    """On the partition it came on, for the sink's memory is there."""
    letter = bury(
        DeadReason.UNDELIVERABLE, "no such channel", Position(0, "deliveries.slack", 3, 7), stage="deliver",
        key=b"acme", value=b"{}",
    )  # fmt: skip
    assert as_redelivery(letter) == Redelivery("slack", 3, b"acme", b"{}")

    cut = bury(
        DeadReason.UNDELIVERABLE, "too large", Position(0, "deliveries.slack", 3, 7), stage="deliver", key=None,
        value=b"x" * 700_000,
    )  # fmt: skip
    assert isinstance(as_redelivery(cut), NotReplayable)
    foreign = bury(DeadReason.UNDELIVERABLE, "?", Position(0, "usage", 3, 7), stage="deliver", key=None, value=b"{}")
    assert isinstance(as_redelivery(foreign), NotReplayable)
