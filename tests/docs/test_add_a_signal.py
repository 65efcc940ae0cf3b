"""The walk of docs/add-a-signal.md, as a reader does it: the files it shows are written, its commands run, in order."""

import os
import re
import subprocess
import sys
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "add-a-signal.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
NAMED = re.compile(r"# (\S+\.yaml)\n")


def test_the_walk_leads_where_the_page_says(tmp_path: Path) -> None:
    """Each command prints what is shown below it; the mistake of step 3 gives the message shown."""
    blocks = BLOCK.findall(PAGE.read_text())
    printed, compared = "", 0
    for language, text in blocks:
        if language == "yaml" and (named := NAMED.match(text)):
            file = tmp_path / named[1]
            file.parent.mkdir(exist_ok=True)
            file.write_text(text.removeprefix(named[0]))
        elif language == "json":
            (tmp_path / "story.jsonl").write_text(text)
        elif language == "sh":
            _story(tmp_path, blocks)
            printed = run(text, tmp_path)
        elif language == "text":
            if text.startswith("error: "):
                printed = mistaken(tmp_path)
            assert text.strip().partition(", ...")[0] in printed, printed
            compared += 1
    assert compared == 5


def _story(folder: Path, blocks: list[tuple[str, str]]) -> None:
    """Write the story before the command that reads it, wherever it stands on the page."""
    (folder / "story.jsonl").write_text(next(text for language, text in blocks if language == "json"))


def run(script: str, folder: Path, *, code: int = 0) -> str:
    """Run a block; return what it printed, on both outputs."""
    here = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SIGNALS_")}
    done = subprocess.run(
        ["/bin/sh", "-eu", "-c", script], cwd=folder, env={**kept, "PATH": here}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == code, done.stderr
    return done.stdout + done.stderr


def mistaken(folder: Path) -> str:
    """Make the mistake the page tells of, and put it right again."""
    pack = folder / "my-signals" / "seats.yaml"
    right = pack.read_text()
    pack.write_text(right.replace("people.members >=", "people.member >=", 1))
    said = run("signals check", folder, code=2)
    pack.write_text(right)
    return said
