"""What decode says about one record."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from signals.domain.events.usage import UsageReported
from signals.domain.reasons import DeadReason
from signals.ingest.decode import DecodeLimits, RecordDecoder
from signals.ingest.record import RECEIVED_AT, WAIVE, Accepted, Control, RawRecord, Rejected
from signals.ingest.sources.stripe import StripeSource
from signals.streams.deadletter import FORMAT_HEADER
from signals.streams.topics import partition_for
from support.records import PARTITIONS, START, raw, usage_report

DECODER = RecordDecoder(PARTITIONS)
START_MS = int(START.timestamp() * 1000)


def test_a_valid_event_is_accepted_with_its_time_and_account() -> None:
    """A canonical event on its topic, partition and key becomes one accepted record."""
    decoded = DECODER.decode(raw(usage_report(), offset=7))
    assert isinstance(decoded, Accepted)
    assert (decoded.org_id, decoded.at, decoded.offset, decoded.waive_too_late) == ("acme", START, 7, False)
    assert isinstance(decoded.events[0], UsageReported)


@pytest.mark.parametrize(
    ("record", "reason", "words"),
    [
        (raw(b"x" * 1_000_001), DeadReason.TOO_LARGE, ["1000001 bytes", "at most 1000000"]),
        (raw(None), DeadReason.UNDECODABLE, ["null"]),
        (raw(b""), DeadReason.UNDECODABLE, ["truncated"]),
        (raw(b"{"), DeadReason.UNDECODABLE, ["truncated"]),
        (raw(b"{\xff}"), DeadReason.UNDECODABLE, ["byte 1 (ff)", "UTF-8"]),
        (raw(b'{"kind":"ticket_solved","other":"\xff"}'), DeadReason.UNDECODABLE, ["UTF-8"]),
        (
            raw(b'{"kind":"usage_reported","x":' + b"[" * 50_000 + b"]" * 50_000 + b"}"),
            DeadReason.UNDECODABLE,
            ["deep"],
        ),
        (raw([]), DeadReason.INVALID, ["object", "array"]),
        (raw({}), DeadReason.INVALID, ["kind", "usage_reported, user_acted"]),
        (raw(usage_report(kind="usage_reportd")), DeadReason.UNKNOWN_KIND, ["'usage_reportd'", "'usage_reported'"]),
        (raw(usage_report(kind="zzz")), DeadReason.UNKNOWN_KIND, ["'zzz'", "user_signed_up"]),
        (raw(usage_report(), topic="billing"), DeadReason.WRONG_TOPIC, ["topic usage", "billing"]),
        (raw(usage_report(day="2026-02-30")), DeadReason.INVALID, ["$.day", '"2026-02-30"']),
        (raw(usage_report(volumes={"a": "x"})), DeadReason.INVALID, ["$.volumes[...]", "int", "str"]),
        (raw(usage_report(group_types=-1)), DeadReason.INVALID, ["$.group_types", ">= 0", "found -1"]),
        (raw(usage_report(at="2026-03-02T09:00:00")), DeadReason.INVALID, ["$.at", "timezone"]),
        (raw(usage_report(at="1999-12-31T00:00:00Z")), DeadReason.INVALID, ["2000"]),
        (raw(usage_report(), key=None), DeadReason.MISSING_KEY, ["organization id"]),
        (raw(usage_report(), key=b""), DeadReason.MISSING_KEY, ["organization id"]),
        (raw(usage_report(), key=b"\xff\xfe"), DeadReason.INVALID, ["key", "UTF-8"]),
        (raw(usage_report(), key=b"other"), DeadReason.FOREIGN_ACCOUNT, ["'acme'", "'other'"]),
        (raw(usage_report(), partition=5), DeadReason.WRONG_PARTITION, ["partition 5", "on 4"]),
    ],
)
def test_what_cannot_be_used_is_rejected_with_its_reason_and_what_would_be_valid(
    record: Any, reason: Any, words: Any
) -> None:
    """Each check has its own reason, and the message says the place, what was found and what would be valid."""
    decoded = DECODER.decode(record)
    assert isinstance(decoded, Rejected)
    assert decoded.reason is reason
    for word in words:
        assert word in decoded.message
    assert decoded.record is record


def test_checks_come_in_order_so_the_first_fault_is_named() -> None:
    """A record with every fault is named by its bytes first, then kind, topic, field, key, account, partition."""
    faults = [
        (raw(b"{", key=None), DeadReason.UNDECODABLE),
        (raw(usage_report(kind="zzz", day=1), key=None, topic="crm"), DeadReason.UNKNOWN_KIND),
        (raw(usage_report(day=1), key=None, topic="crm"), DeadReason.WRONG_TOPIC),
        (raw(usage_report(day=1), key=None), DeadReason.INVALID),
        (raw(usage_report(at="2050-01-01T00:00:00Z"), key=None, timestamp_ms=START_MS), DeadReason.MISSING_KEY),
        (
            raw(usage_report(at="2050-01-01T00:00:00Z"), key=b"b", partition=9, timestamp_ms=0),
            DeadReason.FOREIGN_ACCOUNT,
        ),
        (raw(usage_report(at="2050-01-01T00:00:00Z"), partition=9, timestamp_ms=0), DeadReason.WRONG_PARTITION),
        (raw(usage_report(at="2050-01-01T00:00:00Z"), timestamp_ms=0), DeadReason.FUTURE),
    ]
    assert [DECODER.decode(record).reason for record, _ in faults] == [reason for _, reason in faults]  # type: ignore[union-attr]  # all are rejected


@pytest.mark.parametrize(
    ("seconds", "refused"), [(-1, False), (300, False), (300.001, True)], ids=["past", "at the limit", "beyond"]
)
def test_future_is_judged_against_the_records_own_arrival(seconds: Any, refused: Any) -> None:
    """An event up to the tolerated five minutes after its arrival passes; a millisecond more does not."""
    at = (START + timedelta(seconds=seconds)).isoformat()
    decoded = DECODER.decode(raw(usage_report(at=at), timestamp_ms=START_MS))
    assert isinstance(decoded, Rejected) is refused


def test_the_arrival_header_stands_before_kafkas_timestamp() -> None:
    """A history written today says by header when its events really arrived."""
    headers = ((RECEIVED_AT, b"2026-03-02T08:00:00Z"),)
    decoded = DECODER.decode(raw(usage_report(), headers=headers, timestamp_ms=START_MS))
    assert isinstance(decoded, Rejected)
    assert decoded.reason is DeadReason.FUTURE
    assert "1:00:00 after the record's arrival" in decoded.message


@pytest.mark.parametrize("text", [b"yesterday", b"2026-03-02T08:00:00", b"\xff"])
def test_an_arrival_header_that_is_no_instant_is_named(text: Any) -> None:
    """A wrong header is not taken for 'arrival not known'."""
    decoded = DECODER.decode(raw(usage_report(), headers=((RECEIVED_AT, text),)))
    assert isinstance(decoded, Rejected)
    assert (decoded.reason, RECEIVED_AT in decoded.message) == (DeadReason.INVALID, True)


def test_without_any_arrival_nothing_is_future() -> None:
    """A record of a file without received_at has no clock to be judged by."""
    assert isinstance(DECODER.decode(raw(usage_report(at="2090-01-01T00:00:00Z"))), Accepted)


def test_leave_to_be_late_comes_by_header() -> None:
    """A replayed dead letter may waive too_late, and nothing else."""
    waived = DECODER.decode(raw(usage_report(), headers=((WAIVE, b"too_late"),)))
    other = DECODER.decode(raw(usage_report(), headers=((WAIVE, b"future"),)))
    assert isinstance(waived, Accepted)
    assert isinstance(other, Accepted)
    assert (waived.waive_too_late, other.waive_too_late) == (True, False)


@pytest.mark.parametrize("topic", ["usage", "billing", "crm", "feedback"])
def test_time_reached_is_taken_on_any_topic_without_a_key(topic: Any) -> None:
    """The control record belongs to a partition, not to an account."""
    decoded = DECODER.decode(raw({"kind": "time_reached", "at": "2026-03-02T10:00:00+01:00"}, topic=topic, key=None))
    assert isinstance(decoded, Control)
    assert decoded.at.isoformat() == "2026-03-02T09:00:00+00:00"


@pytest.mark.parametrize(
    ("value", "key", "reason"),
    [
        ({"kind": "time_reached", "at": "soon"}, None, DeadReason.INVALID),
        ({"kind": "time_reached"}, None, DeadReason.INVALID),
        ({"at": "2026-03-02T09:00:00Z", "x": "time_reached"}, None, DeadReason.INVALID),
        ({"kind": "time_reached", "at": "2026-03-02T10:00:00Z"}, b"acme", DeadReason.UNKNOWN_KIND),
        ({"kind": "time_reached", "at": "9999-12-31T10:00:00Z"}, None, DeadReason.INVALID),
    ],
)
def test_a_bad_control_record_moves_no_clock(value: Any, key: Any, reason: Any) -> None:
    """A control record with a fault, or with a key, is a dead letter like any other."""
    decoded = DECODER.decode(raw(value, key=key))
    assert isinstance(decoded, Rejected)
    assert decoded.reason is reason


def test_instants_come_out_in_utc() -> None:
    """Ids are made of the text of instants: one history gives one text, whatever zone the source wrote."""
    value = {
        "kind": "payment_failed", "org_id": "acme", "at": "2026-03-02T10:00:00+01:00", "invoice_id": "in_1",
        "attempt": 1, "amount": "12.50", "next_attempt_at": "2026-03-05T10:00:00+01:00",
    }  # fmt: skip
    decoded = DECODER.decode(raw(value, topic="billing"))
    assert isinstance(decoded, Accepted)
    assert decoded.events[0].at.isoformat() == "2026-03-02T09:00:00+00:00"
    assert decoded.events[0].next_attempt_at.isoformat() == "2026-03-05T09:00:00+00:00"  # type: ignore[attr-defined]


def test_unknown_fields_are_dropped_and_do_not_fail_an_event() -> None:
    """A newer producer may send more than we know."""
    decoded = DECODER.decode(raw(usage_report(colour="red")))
    assert isinstance(decoded, Accepted)
    assert b"colour" not in msgspec.json.encode(decoded.events[0])


def test_an_event_too_large_for_a_message_is_refused_here() -> None:
    """A record is never split, so one that fits no message would stop the member for ever."""
    decoder = RecordDecoder(PARTITIONS, limits=DecodeLimits(max_event_bytes=1000))
    report = usage_report(volumes={f"product {n}": 1 for n in range(100)})
    decoded = decoder.decode(raw(report))
    assert isinstance(decoded, Rejected)
    assert decoded.reason is DeadReason.TOO_LARGE
    assert isinstance(decoder.decode(raw(usage_report())), Accepted)


def test_a_fault_of_ours_is_a_dead_letter_that_says_where() -> None:
    """One record that finds a bug does not stop the partition."""

    def broken(value: Any, topic: Any, key: Any) -> Any:
        raise KeyError("oops")

    decoded = RecordDecoder(PARTITIONS, {"usage": broken}).decode(raw(usage_report()))
    assert isinstance(decoded, Rejected)
    assert (decoded.reason, "KeyError in broken" in decoded.message) == (DeadReason.FAILED, True)


def test_a_dead_letter_of_detect_is_canonical_whatever_the_topic_carries() -> None:
    """Its header says so; the same bytes without it are a payload the topic's own format cannot read."""
    source = StripeSource()
    decoder = RecordDecoder(PARTITIONS, {"billing": source})
    value = b'{"kind":"invoice_paid","org_id":"acme","at":"2026-03-02T09:00:00Z","invoice_id":"in_1","amount":"5"}'
    record = RawRecord(
        "billing", partition_for("acme", PARTITIONS), 0, b"acme", value, ((FORMAT_HEADER, b"canonical"),)
    )

    assert isinstance(decoder.decode(record), Accepted)
    assert isinstance(decoder.decode(msgspec.structs.replace(record, headers=())), Rejected)
