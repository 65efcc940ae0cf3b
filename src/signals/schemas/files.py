"""The committed files: write them, and check that they are fresh and good for users of the last release."""

import json
import shutil
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path
from typing import Any

from signals.domain.errors import ConfigError
from signals.schemas.asyncapi import asyncapi_document
from signals.schemas.compatibility import incompatibilities
from signals.schemas.documents import contracts, schema_of
from signals.schemas.events_page import events_page
from signals.schemas.signals_page import signals_page

FOLDER = Path("schemas")
EXAMPLES = FOLDER / "event-examples.json"
RELEASED = FOLDER / "released"
"""The schemas of the last release: what users rely on."""


def generated(root: Path) -> dict[Path, str]:
    """Return every generated file below *root*, by relative path.

    Raises
    ------
    ConfigError
        The examples are missing or wrong.
    PackError
        A rule pack is wrong.
    """
    try:
        examples = json.loads((root / EXAMPLES).read_text(encoding="utf-8"))
        page = events_page(examples)
    except (OSError, ValueError) as error:
        raise ConfigError(
            str(root / EXAMPLES), str(error), "one valid example per kind; run it in the repository"
        ) from None
    files = {FOLDER / f"{contract.name}.json": _json(schema_of(contract)) for contract in contracts()}
    files[FOLDER / "asyncapi.json"] = _json(asyncapi_document(version("signals")))
    files[Path("docs/events.md")] = page
    files[Path("docs/signals.md")] = signals_page()
    return files


def write(root: Path) -> list[Path]:
    """Write what differs and return it."""
    changed = []
    for path, text in generated(root).items():
        file = root / path
        if not file.is_file() or file.read_text(encoding="utf-8") != text:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
            changed.append(path)
    return changed


def stale(root: Path) -> list[Path]:
    """Return the generated files that are not as the models say."""
    return [
        path
        for path, text in generated(root).items()
        if not (root / path).is_file() or (root / path).read_text(encoding="utf-8") != text
    ]


def breaking(root: Path) -> list[str]:
    """Return what the models break for users of the last release, one sentence each."""
    found = []
    for contract in contracts():
        file = root / RELEASED / f"{contract.name}.json"
        if file.is_file():
            old = json.loads(file.read_text(encoding="utf-8"))
            found += [
                f"{contract.name}{item}" for item in incompatibilities(old, schema_of(contract), contract.direction)
            ]
    gone = {file.stem for file in (root / RELEASED).glob("*.json")} - {contract.name for contract in contracts()}
    return found + [f"{name}: the contract was removed" for name in sorted(gone)]


def release(root: Path) -> None:
    """Make today's schemas the ones that later changes are checked against. Called when a version is tagged.

    Raises
    ------
    ConfigError
        They break users of the release before.
    """
    if problems := breaking(root):
        raise ConfigError(str(RELEASED), "\n".join(problems), "a compatible change, or a new topic version")
    write(root)
    (root / RELEASED).mkdir(parents=True, exist_ok=True)
    for contract in contracts():
        shutil.copyfile(root / FOLDER / f"{contract.name}.json", root / RELEASED / f"{contract.name}.json")


def report(names: Iterable[object]) -> str:
    """Return names one a line, indented."""
    return "".join(f"\n  {name}" for name in names)


def _json(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"
