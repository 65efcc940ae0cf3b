"""The whole installation as a user starts it: it works, it ends, and it leaves nothing running."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

pytestmark = [
    pytest.mark.timeout(240),
    pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs /proc to see what is left running"),
]

SIGNALS = Path(sys.executable).parent / "signals"
WITHIN_S = 90.0
SUMMARY = (
    "events in",
    "signals",
    "transitions",
    "held back",
    "dead letters",
    "deliveries",
    "throughput",
    "event to card",
)


class Started:
    """One command with a mark in its environment, which every process it starts inherits."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.mark = f"TEST_MARK_{uuid4().hex}"
        self.output = folder / f"{self.mark}.out"
        environ = {name: value for name, value in os.environ.items() if not name.startswith("SIGNALS_")}
        with self.output.open("wb") as out:
            self.process = subprocess.Popen(
                [SIGNALS, *arguments], stdout=out, stderr=subprocess.STDOUT, cwd=folder, env=environ | {self.mark: "1"}
            )

    @property
    def text(self) -> str:
        """What it has printed so far."""
        return self.output.read_text(errors="replace")

    def until(self, pattern: str) -> re.Match[str]:
        """Wait until *pattern* is printed and return the match."""
        found: list[re.Match[str]] = []

        def printed() -> bool:
            found.extend(re.finditer(pattern, self.text))
            return bool(found) or self.process.poll() is not None

        wait_for(printed, f"{pattern!r} in the output")
        assert found, f"ended without {pattern!r}:\n{self.text[-2000:]}"
        return found[0]

    def left(self) -> list[int]:
        """Return the processes that carry the mark."""
        pids = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    if self.mark.encode() in (entry / "environ").read_bytes():
                        pids.append(int(entry.name))
                except OSError:
                    continue
        return pids


def wait_for(condition: Callable[[], bool], what: str) -> None:
    """Poll another process's doing until *condition* holds or the deadline fails the test."""
    deadline = time.monotonic() + WITHIN_S
    while not condition():
        assert time.monotonic() < deadline, f"waited {WITHIN_S:g} s for {what}"
        time.sleep(0.05)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Started]]:
    """Start commands; whatever a failing test leaves is killed, by its mark."""
    running: list[Started] = []

    def begin(*arguments: str) -> Started:
        running.append(Started(tmp_path, *arguments))
        return running[-1]

    yield begin
    for one in running:
        for pid in one.left():
            os.kill(pid, signal.SIGKILL)
        one.process.wait()


def get(url: str) -> str:
    """Return the text of a page on this machine."""
    with urllib.request.urlopen(url, timeout=10) as response:  # noqa: S310 - an address our own process printed
        text: str = response.read().decode()
        return text


def test_the_demo_shows_the_main_job_and_ends(start: Callable[..., Started]) -> None:
    """Cards, CRM writes, both addresses, progress and every row of the summary; exit 0; nothing left."""
    demo = start("demo", "--preset", "tiny", "--seconds", "8")

    metrics = demo.until(r"metrics at (http://\S+)")[1]
    assert "signals_build_info" in get(metrics)
    assert demo.process.wait(WITHIN_S) == 0

    assert re.search(r"topics at 127\.0\.0\.1:\d+", demo.text)
    assert "[slack #" in demo.text
    assert "why am I seeing this" in demo.text
    assert "CRM task created" in demo.text
    assert re.search(r"-- +\d+ s  telling", demo.text)
    assert [row for row in SUMMARY if not re.search(rf"^{row} ", demo.text, re.MULTILINE)] == []
    assert demo.left() == []


@pytest.mark.parametrize(
    ("how", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 130), (signal.SIGKILL, -9)], ids=["ctrl-c", "term", "kill"]
)
def test_a_demo_that_is_stopped_leaves_nothing(start: Callable[..., Started], how: signal.Signals, code: int) -> None:
    """Ctrl-C in the middle, SIGTERM, even SIGKILL: broker and roles are gone soon after."""
    demo = start("demo", "--preset", "tiny", "--seconds", "60")
    demo.until(r"metrics at")
    assert len(demo.left()) == 5  # itself, the broker, three roles

    demo.process.send_signal(how)

    assert demo.process.wait(WITHIN_S) == code
    wait_for(lambda: demo.left() == [], "the children to end")


def test_a_demo_stopped_while_it_starts_leaves_nothing(start: Callable[..., Started]) -> None:
    """Ctrl-C before the roles are up ends what was started so far."""
    demo = start("demo", "--preset", "tiny", "--seconds", "60")
    wait_for(lambda: len(demo.left()) >= 3, "the first children")

    demo.process.send_signal(signal.SIGINT)

    assert demo.process.wait(WITHIN_S) == 130
    wait_for(lambda: demo.left() == [], "the children to end")


def test_kcat_reads_the_topics_of_the_demo(start: Callable[..., Started]) -> None:
    """A Kafka client that is not ours lists the topics and reads JSON transitions from signal-events."""
    if (kcat := shutil.which("kcat")) is None:
        pytest.skip("kcat is not installed")
    demo = start("demo", "--preset", "tiny", "--seconds", "12")
    bootstrap = demo.until(r"kcat -L -b (\S+)")[1]
    demo.until(r"CRM task created")

    listed = subprocess.run([kcat, "-L", "-b", bootstrap], capture_output=True, text=True, check=True).stdout
    read = subprocess.run(
        [kcat, "-C", "-q", "-e", "-b", bootstrap, "-t", "signal-events"], capture_output=True, text=True, check=True
    ).stdout

    assert 'topic "usage.events.v1" with 16 partitions' in listed
    assert json.loads(read.splitlines()[0])["change"] == "opened"


def test_up_serves_and_a_second_shell_finds_its_broker(start: Callable[..., Started], tmp_path: Path) -> None:
    """``signals up`` is ready, takes events of another process, starts a killed role again, and ends on Ctrl-C."""
    (tmp_path / "signals.yaml").write_text("http: {port: 0}\n")
    event = {"kind": "usage_guessed", "org_id": "acme", "at": "2026-01-01T00:00:00Z"}
    (tmp_path / "events.jsonl").write_text(json.dumps({"topic": "usage", "key": "acme", "value": event}) + "\n")
    up = start("up")
    metrics = up.until(r"metrics  (http://\S+)")[1]
    bootstrap = up.until(r"export SIGNALS_KAFKA=(\S+)")[1]
    environ = os.environ | {"SIGNALS_KAFKA": bootstrap}

    def run(*arguments: str) -> str:
        return subprocess.run(
            [SIGNALS, *arguments], cwd=tmp_path, env=environ, capture_output=True, text=True, check=True
        ).stdout

    assert "1 records: usage 1" in run("produce", "events.jsonl")
    wait_for(lambda: 'signals_dead_letters_total{reason="unknown_kind"' in get(metrics), "the dead letter's count")
    assert "unknown_kind" in run("deadletter", "list")
    wait_for(lambda: "ready" in get(metrics.replace("/metrics", "/readyz")), "readiness")

    (ingest,) = [pid for pid in up.left() if b"ingest" in Path(f"/proc/{pid}/cmdline").read_bytes()]
    os.kill(ingest, signal.SIGKILL)
    wait_for(lambda: 'signals_child_restarts_total{child="ingest",role="up"} 1.0' in get(metrics), "the restart")

    up.process.send_signal(signal.SIGINT)
    assert up.process.wait(WITHIN_S) == 130
    assert up.text.rstrip().endswith("stopped; nothing is left running")
    wait_for(lambda: up.left() == [], "the children to end")
