"""YAML that knows its lines and changes nobody's words."""

from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import BaseModel, ConfigDict, ValidationError

from signals.detectors.rules.yaml_lines import load_yaml, read_yaml
from signals.domain.errors import ConfigError, PackError

TEXT = """\
on: yes
at: 10:30
rules:
- id: one
  share: 0.30
  day: 2026-03-01
- id: two
  nothing:
  many: 1_000
  quoted: "12.50"
  flag: true
"""


def test_words_stay_words_and_fractions_exact() -> None:
    """No hidden booleans, base-60 numbers, dates or floats."""
    data, _ = load_yaml(TEXT, "pack.yaml")

    assert data == {
        "on": "yes",
        "at": "10:30",
        "rules": [
            {"id": "one", "share": Decimal("0.30"), "day": "2026-03-01"},
            {"id": "two", "nothing": None, "many": 1000, "quoted": "12.50", "flag": True},
        ],
    }


def test_every_key_has_its_line() -> None:
    """Keys and list elements are found by path; the deepest part written counts."""
    _, lines = load_yaml(TEXT, "pack.yaml")

    assert lines.where(("rules", 1, "many")) == "pack.yaml:9"
    assert lines.where(("rules", 1)) == "pack.yaml:7"
    assert lines.where(("rules", 1, "absent")) == "pack.yaml:7"
    assert lines.where() == "pack.yaml:1"
    assert lines["rules",] == 3
    assert len(lines) == 14


def test_pydantic_faults_get_their_line() -> None:
    """The path of a fault leads to the file, past names of union members."""

    class Rule(BaseModel):
        model_config = ConfigDict(extra="forbid")
        id: str
        many: int | list[int] = 0

    data, lines = load_yaml("- id: one\n- many: [x]\n  other: 1\n", "f.yaml")
    found = []
    for index, rule in enumerate(data):  # type: ignore[arg-type, var-annotated]
        try:
            Rule.model_validate(rule)
        except ValidationError as error:
            found += [where for where, _, _ in lines.problems(error, (index,))]

    assert set(found) == {"f.yaml:2", "f.yaml:3"}


@pytest.mark.parametrize(
    ("text", "where", "problem"),
    [
        ("a: 1\nb: [1\n", "f:2", "not YAML"),
        ("a: 1\na: 2\n", "f:2", "the key 'a' twice"),
        ("a: &x 1\nb: *x\n", "f:1", "an alias"),
        ("a: {<<: {b: 1}}\n", "f:1", "a merge key"),
        ("a: !!python/name:os.system\n", "f:1", "the tag"),
        ("? [a]\n: 1\n", "f:1", "a key that is not a text"),
        ("a: 1\n---\nb: 2\n", "f:2", "not YAML"),
        ("a: 1\nb: \x07\n", "f:2", "not YAML"),
        ("a: 1\nb: " + "[" * 100_000, "f:2", "nested too deeply"),
        ("- " * 100_000, "f:1", "nested too deeply"),
    ],
)
def test_bad_yaml_says_where(text: str, where: str, problem: str) -> None:
    """Each fault is an error with file and line."""
    with pytest.raises(PackError) as caught:
        load_yaml(text, "f")

    assert caught.value.where == where
    assert problem in caught.value.problem


def test_settings_choose_their_error(tmp_path: Path) -> None:
    """Another caller gets its own kind of error; an empty file is no data."""
    path = tmp_path / "signals.yaml"
    path.write_bytes(b"\xff\xfe\xfa")

    with pytest.raises(ConfigError) as caught:
        read_yaml(path, error=ConfigError)

    assert not isinstance(caught.value, PackError)
    path.write_text("")
    assert read_yaml(path)[0] is None
