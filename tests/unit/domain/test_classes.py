"""The class of every field of every event."""

import pytest

from signals.domain.classes import FIELD_CLASSES, FieldClass, class_of, classes_of
from signals.domain.events.base import Event
from signals.domain.events.crm import AccountDescribed, NoteAdded, OwnerAssigned, PersonDescribed
from signals.domain.events.feedback import SnoozeRequested
from signals.domain.events.kinds import CLASS_OF
from signals.domain.events.usage import UserSignedUp

FIELDS = [(event, field) for event in CLASS_OF.values() for field in event.__struct_fields__]


@pytest.mark.parametrize(("event", "field"), FIELDS, ids=lambda one: one if isinstance(one, str) else one.__name__)
def test_every_field_has_a_class(event: type[Event], field: str) -> None:
    """A new field is not published before somebody has said what it may give away."""
    assert class_of(event, field) in FieldClass


def test_no_class_is_left_of_a_field_that_is_gone() -> None:
    """Neither a field's name nor a ``kind.field``."""
    names = {field for _, field in FIELDS}
    pairs = {f"{event.__struct_config__.tag}.{field}" for event, field in FIELDS}

    assert set(FIELD_CLASSES) - names - pairs == set()


@pytest.mark.parametrize(
    ("event", "field", "expected"),
    [
        (PersonDescribed, "person_id", "personal"),
        (PersonDescribed, "title", "personal"),
        (PersonDescribed, "family", "business"),
        (UserSignedUp, "role", "personal"),
        (OwnerAssigned, "role", "business"),
        (NoteAdded, "text", "free_text"),
        (SnoozeRequested, "reason", "free_text"),
        (SnoozeRequested, "by", "business"),
        (AccountDescribed, "name", "public"),
    ],
)
def test_what_counts_as_what(event: type[Event], field: str, expected: str) -> None:
    """People at the customer are personal, people of ours are not; what somebody types is neither."""
    assert class_of(event, field) == expected


def test_a_name_that_two_kinds_use_is_as_sensitive_as_both() -> None:
    """A rule for several kinds of event does not know which one it will see."""
    assert classes_of("reason") == {FieldClass.FREE_TEXT, FieldClass.BUSINESS}
