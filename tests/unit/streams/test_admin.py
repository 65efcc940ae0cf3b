"""What topics are made with."""

from datetime import timedelta

from signals.streams.admin import topic_settings
from signals.streams.topics import TopicSpec

SPEC = TopicSpec("t", "delete", timedelta(days=7))


def test_the_copies_a_write_needs_are_the_topics_own() -> None:
    """A broker's default may be 1, with which a write is lost when its only copy is."""
    assert topic_settings(SPEC, 2)["min.insync.replicas"] == "2"


def test_without_a_wish_the_broker_decides() -> None:
    """The embedded broker and single ones keep what they have."""
    assert "min.insync.replicas" not in topic_settings(SPEC)
