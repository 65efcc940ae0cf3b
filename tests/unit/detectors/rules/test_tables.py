"""Rows of a table: columns filled in, types kept, faults that say what would be valid."""

import pytest

from signals.detectors.rules.tables import TableFault, row_of

TEMPLATES = {
    "path": {
        "kind": "level",
        "when": "<x> and not <y>",
        "rank": "<rank>",
        "params": {"within": {"value": "30 d"}},
        "examples": [{"fires": "<title>", "story": "<story>"}],
    }
}


def test_a_row_fills_its_template() -> None:
    """Alone a column keeps its type, inside a text it is written; what the row says itself goes first."""
    row = {
        "template": "path", "id": "path_a", "params": {"k": 1}, "kind": "edge",
        "with": {"x": "uses.a", "y": "uses.b", "rank": 3, "title": "A, not B", "story": [{"on": 1}]},
    }  # fmt: skip
    assert row_of(row, TEMPLATES) == {
        "id": "path_a", "kind": "edge", "when": "uses.a and not uses.b", "rank": 3,
        "params": {"within": {"value": "30 d"}, "k": 1},
        "examples": [{"fires": "A, not B", "story": [{"on": 1}]}],
    }  # fmt: skip
    assert row_of({"id": "plain"}, TEMPLATES) == {"id": "plain"}


@pytest.mark.parametrize(
    ("row", "problem", "valid"),
    [
        ({"template": "pth"}, "no template pth", "path"),
        ({"template": "path", "with": {"x": "a"}}, "the column y is missing", "x"),
        ({"template": "path", "with": ["a"]}, "with is no mapping", "column: value"),
        (
            {"template": "path", "with": {"x": 1, "y": 2, "rank": 3, "title": "", "story": [], "zz": 1}},
            "the template path has no column zz",
            "rank, story, title, x, y",
        ),
    ],
)
def test_faults(row: dict[str, object], problem: str, valid: str) -> None:
    """A row that does not fit says which column, and which there are."""
    with pytest.raises(TableFault) as fault:
        row_of(row, TEMPLATES)
    assert (fault.value.problem, fault.value.valid) == (problem, valid)
