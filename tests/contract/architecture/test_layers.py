"""The house: imports only to the left, small files, no drawers for odds and ends, no clock below the edge."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

SRC = Path(__file__).parents[3] / "src" / "signals"
FILES = sorted(SRC.rglob("*.py"))

LAYERS: tuple[tuple[str, ...], ...] = (
    ("learning",),
    ("domain",),
    ("detectors",),
    ("engine",),
    ("sinks", "telemetry"),
    ("streams",),
    ("ingest",),
    ("backtest", "simulator", "schemas"),
    ("settings",),
    ("wiring",),
    ("commands",),
    ("cli",),
    ("__main__",),
)
"""A package may import those of earlier rows and itself; two of one row do not know each other."""

RANK = {name: rank for rank, row in enumerate(LAYERS) for name in row}

PURE_ROWS = 4
"""learning, domain, detectors, engine: no async, no clock, no I/O, no logging, no metrics."""

MOST_LINES = 400
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "misc"}
IMPURE_MODULES = {
    "asyncio", "logging", "time", "socket", "random", "subprocess", "threading", "prometheus_client", "aiohttp",
    "aiokafka", "faust", "confluent_kafka", "slack_sdk", "rich", "click", "os", "sys",
}  # fmt: skip
CLOCKS = {"now", "utcnow", "today"}


def layer_of(path: Path) -> str:
    """Return the package (or module) right below ``signals``."""
    return path.relative_to(SRC).parts[0].removesuffix(".py")


@cache
def tree_of(path: Path) -> ast.Module:
    """Return the parsed file."""
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """Yield (line, dotted module) of every import, wherever it stands."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: relative import"
            yield node.lineno, node.module or ""


def pure_files() -> list[Path]:
    """Return the files below the edge."""
    return [path for path in FILES if RANK.get(layer_of(path), 99) < PURE_ROWS]


def wrong_imports(path: Path) -> list[str]:
    """Return the imports of *path* that point to the right, or sideways."""
    own = layer_of(path)
    found = []
    for line, module in imports(path):
        parts = module.split(".")
        if parts[0] != "signals" or len(parts) == 1 or own == "__init__":
            continue
        other = parts[1]
        if other != own and RANK[other] >= RANK[own]:
            found.append(f"{path.relative_to(SRC)}:{line} imports {module}")
    return found


def test_every_package_has_its_place() -> None:
    """A new package must be given a row before anything may import it."""
    assert {layer_of(path) for path in FILES} - {"__init__"} <= set(RANK)


def test_imports_point_to_the_left() -> None:
    """No file imports from its own row's neighbours or from a later row."""
    assert [problem for path in FILES for problem in wrong_imports(path)] == []


def test_the_check_sees_a_wrong_import(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of the domain that imports the streams is found: the check can fail."""
    monkeypatch.setattr(f"{__name__}.SRC", tmp_path)
    file = tmp_path / "domain" / "x.py"
    file.parent.mkdir()
    file.write_text("from signals.streams.topics import Topics\n")

    assert wrong_imports(file) == ["domain/x.py:1 imports signals.streams.topics"]


def test_no_file_is_long() -> None:
    """No source file has more than 400 lines."""
    lengths = {path.relative_to(SRC): len(path.read_text().splitlines()) for path in FILES}

    assert {path: length for path, length in lengths.items() if length > MOST_LINES} == {}


def test_every_init_is_a_docstring() -> None:
    """Packages say what they promise and re-export nothing."""
    for path in FILES:
        if path.name == "__init__.py":
            body = tree_of(path).body
            assert len(body) == 1, path
            assert isinstance(body[0], ast.Expr), path
            assert ast.get_docstring(tree_of(path)), path


def test_no_drawers_for_odds_and_ends() -> None:
    """No module or package is called utils, helpers, common or manager."""
    names = {part.removesuffix(".py") for path in FILES for part in path.relative_to(SRC).parts}

    assert names & FORBIDDEN_NAMES == set()


@pytest.mark.parametrize("path", pure_files(), ids=lambda path: str(path.relative_to(SRC)))
def test_below_the_edge_everything_is_pure(path: Path) -> None:
    """Domain, detectors and engine have no async, no clock, no logging, no I/O modules."""
    problems = [f"imports {module}" for _, module in imports(path) if module.split(".")[0] in IMPURE_MODULES]
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.AsyncFunctionDef | ast.Await | ast.AsyncFor | ast.AsyncWith):
            problems.append(f"line {node.lineno}: async")
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CLOCKS:
            owner = ast.unparse(node.func.value)
            if owner in {"datetime", "date", "datetime.datetime", "datetime.date"}:
                problems.append(f"line {node.lineno}: reads the clock with {owner}.{node.func.attr}()")

    assert problems == []
