"""Prism: holds requests and answers to an OpenAPI document, as a mock or as a proxy in front of a server of ours."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from support.peers import free_port, npm_packages, server
from support.shared import needs_shared

PRISM = "@stoplight/prism-cli@5.16.0"


def hubspot_contract(name: str) -> Path:
    """Return HubSpot's official document *name* from the shared folder; skip when that is not there."""
    return needs_shared("contracts", "hubspot", f"{name}.json")


@contextmanager
def prism_mock(document: Path, folder: Path) -> Iterator[str]:
    """Answer from the document's examples; ``Prefer: code=429`` chooses the answer."""
    with _prism(["mock", "--errors"], document, [], folder) as address:
        yield address


@contextmanager
def prism_proxy(document: Path, upstream: str, folder: Path) -> Iterator[str]:
    """Pass requests to *upstream*; a request or an answer against the document becomes an error."""
    with _prism(["proxy", "--errors"], document, [upstream], folder) as address:
        yield address


@contextmanager
def _prism(mode: list[str], document: Path, arguments: list[str], folder: Path) -> Iterator[str]:
    home = npm_packages(PRISM)
    node = shutil.which("node")
    if node is None:
        pytest.skip("needs node, which is not installed")
    port = free_port()
    index = home / "node_modules" / "@stoplight" / "prism-cli" / "dist" / "index.js"
    command: list[str | Path] = [node, index, *mode, "--host", "127.0.0.1", "-p", str(port), document, *arguments]
    with server(command, port=port, cwd=folder):
        yield f"http://127.0.0.1:{port}"
