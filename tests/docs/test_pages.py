"""The pages for people: their commands run, their links lead somewhere, their settings are valid."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from signals.cli import main
from signals.settings.load import parse_settings

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])

RUN_BLOCK = re.compile(r"^<!-- run -->\n```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
YAML_SETTINGS = re.compile(r"^```yaml\n# signals\.yaml\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#]+?)(?:#[^)]*)?\)")
COMMAND = re.compile(r"^(?:\$ )?signals ([a-z-]+)", re.MULTILINE)
SHELL_BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)


def blocks(pattern: re.Pattern[str]) -> list[tuple[str, str]]:
    """Return (page, text) of every block that *pattern* finds."""
    return [(str(page.relative_to(ROOT)), text) for page in PAGES for text in pattern.findall(page.read_text())]


def test_the_readme_has_commands_to_run() -> None:
    """At least its first steps and its checks are run here."""
    assert [page for page, _ in blocks(RUN_BLOCK)].count("README.md") >= 2


@pytest.mark.parametrize(("page", "script"), blocks(RUN_BLOCK))
def test_the_commands_of_a_page_run(page: str, script: str, tmp_path: Path) -> None:
    """Every block marked to run does, in a copy of what it reads, and no command in it fails."""
    for name in ("schemas", "docs", "examples"):
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, tmp_path / name)
    here = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SIGNALS_")}

    done = subprocess.run(
        ["/bin/sh", "-eu", "-c", script], cwd=tmp_path, env={**kept, "PATH": here}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert done.stdout


@pytest.mark.parametrize(("page", "text"), blocks(YAML_SETTINGS))
def test_settings_on_a_page_are_valid(page: str, text: str) -> None:
    """A block that begins with ``# signals.yaml`` is a valid file."""
    parse_settings(text, page)


@pytest.mark.parametrize(("page", "script"), blocks(SHELL_BLOCK))
def test_commands_on_a_page_exist(page: str, script: str) -> None:
    """No page names a command that is not there."""
    named = set(COMMAND.findall(script))

    assert named - set(main.commands) == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_of_a_page_lead_somewhere(page: Path) -> None:
    """Every relative link points at a file of the repository."""
    targets = [link for link in LINK.findall(page.read_text()) if "://" not in link]

    assert [link for link in targets if not (page.parent / link).exists()] == []
