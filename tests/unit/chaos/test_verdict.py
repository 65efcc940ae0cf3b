"""The verdict of the chaos harness: each way of being wrong is seen, and a repeat is not one of them."""

import pytest

from support.chaos.verdict import compare_values

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


def test_nothing_expected_is_not_clean() -> None:
    """A run in which nothing was due proves nothing."""
    assert not compare_values({}, []).clean
