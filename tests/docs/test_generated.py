"""The generated files: fresh, valid, and good for users of the last release."""

import json
import shutil
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from jsonschema.protocols import Validator

from signals.domain.errors import ConfigError
from signals.domain.events.kinds import CLASS_OF, TOPIC_OF
from signals.schemas.documents import contracts, schema_of
from signals.schemas.files import EXAMPLES, RELEASED, breaking, generated, release, stale, write

ROOT = Path(__file__).parents[2]


def examples() -> dict[str, dict[str, Any]]:
    """Return the committed example of every kind."""
    loaded: dict[str, dict[str, Any]] = json.loads((ROOT / EXAMPLES).read_text())
    return loaded


def validator(name: str) -> Validator:
    """Return a validator for one contract that also checks dates."""
    schema = next(schema_of(contract) for contract in contracts() if contract.name == name)
    return jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Provide a copy of what the generator reads and writes."""
    shutil.copytree(ROOT / "schemas", tmp_path / "schemas")
    (tmp_path / "docs").mkdir()
    for page in ("events.md", "signals.md"):
        shutil.copy(ROOT / "docs" / page, tmp_path / "docs" / page)
    return tmp_path


def test_the_committed_files_are_what_the_models_say() -> None:
    """Nobody changed a model or a rule pack without writing schemas/ and the pages again (signals schemas write)."""
    assert stale(ROOT) == []


def test_nothing_breaks_users_of_the_last_release() -> None:
    """The models accept and give what the released schemas promise."""
    assert breaking(ROOT) == []


def test_every_kind_has_an_example() -> None:
    """The examples are exactly the kinds there are."""
    assert set(examples()) == {*CLASS_OF, "time_reached"}


@pytest.mark.parametrize("kind", sorted(TOPIC_OF))
def test_an_example_is_valid_under_its_schema(kind: str) -> None:
    """The JSON Schema of the topic accepts the example, by a validator that is not ours."""
    validator(f"{TOPIC_OF[kind]}.events.v1").validate(examples()[kind])


def test_the_schema_refuses_what_the_decoder_refuses() -> None:
    """A missing field, a wrong type and an unknown kind fail the schema too."""
    check = validator("usage.events.v1")
    good = examples()["usage_reported"]

    bad = [
        {key: value for key, value in good.items() if key != "day"},
        {**good, "members": "many"},
        {**good, "kind": "usage_guessed"},
        {**good, "day": "yesterday"},
    ]

    assert [check.is_valid(item) for item in bad] == [False] * 4
    assert check.is_valid(good)


@pytest.mark.parametrize("contract", contracts(), ids=lambda contract: contract.name)
def test_every_schema_is_itself_valid(contract: Any) -> None:
    """The meta-schema of draft 2020-12 accepts each document."""
    jsonschema.Draft202012Validator.check_schema(schema_of(contract))


def test_the_asyncapi_document_has_no_dangling_reference() -> None:
    """Every ``$ref`` of the AsyncAPI document points at something in it."""
    document = json.loads(generated(ROOT)[Path("schemas/asyncapi.json")])

    def references(node: object) -> list[str]:
        if isinstance(node, dict):
            own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
            return own + [found for value in node.values() for found in references(value)]
        return [found for value in node for found in references(value)] if isinstance(node, list) else []

    def exists(pointer: str) -> bool:
        node: Any = document
        for part in pointer.removeprefix("#/").split("/"):
            node = node.get(part.replace("~1", "/")) if isinstance(node, dict) else None
        return node is not None

    assert references(document)
    assert [ref for ref in references(document) if not exists(ref)] == []


def test_a_changed_file_is_found_and_written_again(repository: Path) -> None:
    """A page edited by hand is stale, and write puts it right."""
    (repository / "docs/events.md").write_text("mine now")

    assert stale(repository) == [Path("docs/events.md")]
    assert write(repository) == [Path("docs/events.md")]
    assert stale(repository) == []


def test_a_release_that_breaks_is_refused(repository: Path) -> None:
    """When the last release had a field that is gone, the check names it and release refuses."""
    file = repository / RELEASED / "signal-events.json"
    schema = json.loads(file.read_text())
    schema["$defs"]["Transition"]["properties"]["mood"] = {"type": "string"}
    file.write_text(json.dumps(schema))

    assert breaking(repository) == ["signal-events.mood: removed"]
    with pytest.raises(ConfigError, match=r"signal-events\.mood: removed"):
        release(repository)


def test_an_example_that_does_not_decode_stops_the_page(repository: Path) -> None:
    """A wrong example is an error with its kind, not a wrong page."""
    data = examples() | {"invoice_paid": {"kind": "invoice_paid", "org_id": "a", "at": "2026-01-01T00:00:00Z"}}
    (repository / EXAMPLES).write_text(json.dumps(data))

    with pytest.raises(ConfigError, match=r"invoice_paid: Object missing required field `invoice_id`"):
        generated(repository)
