"""What a sink has sent, in memory."""

from datetime import UTC, datetime

import pytest

from signals.sinks.contract import Sent
from signals.streams.sent_log import SentMemory, sent_key

AT = datetime(2026, 3, 1, tzinfo=UTC)


def sent(signal: str, destination: str, seq: int = 1) -> Sent:
    """Return one record."""
    return Sent(signal_id=signal, seq=seq, sink="slack", destination=destination, ref={"ts": "1.0"}, at=AT, band="b")


def test_it_is_a_mapping_that_gives_back_what_it_was_given() -> None:
    """Signals and destinations apart, also where a destination has a slash."""
    memory = SentMemory()
    ones = [sent("s1", "#a"), sent("s1", "#a/b"), sent("s2", "task")]
    for one in ones:
        memory[one.key] = one

    assert list(memory.values()) == ones
    assert list(memory) == [one.key for one in ones]
    assert [sent_key(one) for one in ones] == [b"s1/#a", b"s1/#a/b", b"s2/task"]
    assert memory.get(("s1", "#a/b")) == ones[1]
    assert memory.get(("s3", "#a")) is None
    assert ("s2", "task") in memory


def test_the_last_one_counts_and_a_forgotten_one_is_gone() -> None:
    """As on the topic."""
    memory = SentMemory()
    memory["s1", "#a"] = sent("s1", "#a")
    memory["s1", "#a"] = sent("s1", "#a", seq=2)
    assert (memory["s1", "#a"].seq, len(memory)) == (2, 1)

    assert memory.pop(("s1", "#a"), None) == sent("s1", "#a", seq=2)

    assert memory.pop(("s1", "#a"), None) is None
    with pytest.raises(KeyError):
        memory["s1", "#a"]
