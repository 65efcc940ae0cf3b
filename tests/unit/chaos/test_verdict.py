"""The verdict of the chaos harness: each way of being wrong is seen, and a repeat is not one of them."""

import pytest

from support.chaos.run import MUST_HAVE, Outcome, Plan
from support.chaos.verdict import Count, compare_values

EXPECTED = {"a": b'{"seq":1}', "b": b'{"seq":2}'}


@pytest.mark.parametrize(
    ("published", "seen"),
    [
        ([("a", b'{"seq":1}'), ("b", b'{"seq":2}')], (0, 0, 0, 0)),
        ([("a", b'{"seq":1}'), ("b", b'{"seq":2}'), ("a", b'{"seq":1}')], (0, 0, 0, 1)),
        ([("a", b'{"seq":1}')], (1, 0, 0, 0)),
        ([*EXPECTED.items(), ("c", b'{"seq":3}')], (0, 1, 0, 0)),
        ([("a", b'{"seq":1}'), ("b", b'{"seq":9}')], (0, 0, 1, 0)),
        ([*EXPECTED.items(), ("a", b'{"seq":9}')], (0, 0, 1, 1)),
    ],
)
def test_each_way_of_being_wrong_is_seen(published: list[tuple[str, bytes]], seen: tuple[int, ...]) -> None:
    """Lost, extra, wrong, repeated; a repeat with another content is wrong."""
    count = compare_values(EXPECTED, published)

    assert (count.lost, count.extra, count.wrong, count.repeated) == seen
    assert count.clean == (seen[:3] == (0, 0, 0))


@pytest.mark.parametrize(("expected", "drained", "clean"), [(3, True, True), (0, True, False), (3, False, False)])
def test_a_run_without_anything_due_or_without_an_end_is_not_clean(expected: int, drained: bool, clean: bool) -> None:
    """Equal to nothing proves nothing; and what was not drained is not known."""
    counts = {name: Count(expected=expected) for name in MUST_HAVE} | {"suppressions": Count()}

    assert Outcome(Plan(), drained=drained, counts=counts).clean == clean


def test_one_lost_record_is_enough() -> None:
    """Wherever it is missing."""
    counts = {name: Count(expected=3) for name in MUST_HAVE} | {"dead letters": Count(expected=1, lost=1)}

    assert not Outcome(Plan(), drained=True, counts=counts).clean
