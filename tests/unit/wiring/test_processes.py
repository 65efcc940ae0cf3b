"""Child processes: they end in order, they tell how they ended, and they do not outlive their parent."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from signals.wiring.processes import ChildFailed, Group

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc to see processes")

SOON = timedelta(seconds=20)

POLITE = """
import signal, time
from signals.wiring.processes import announce, follow_parent
follow_parent()
announce("up")
try:
    signal.pause()
except BaseException:
    pass
"""
STUBBORN = """
import signal, time, os
from signals.wiring.processes import announce
signal.signal(signal.SIGTERM, signal.SIG_IGN)
announce(str(os.getpid()))
time.sleep(600)
"""
PARENT = """
import asyncio, os, sys
from datetime import timedelta
from signals.wiring.processes import Group
async def main():
    async with Group() as group:
        child = await group.start("child", [sys.executable, "-c", sys.argv[1]], environ=os.environ,
                                  up_within=timedelta(seconds=20))
        print(child.process.pid, flush=True)
        await asyncio.Event().wait()
asyncio.run(main())
"""


def python(code: str) -> list[str]:
    """Return the command that runs *code*."""
    return [sys.executable, "-c", code]


def alive(pid: int) -> bool:
    """Tell whether a process runs; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


@pytest.fixture
def pids() -> Iterator[list[int]]:
    """Collect process ids; whatever still runs at the end is killed, so that a failing test leaves nothing."""
    seen: list[int] = []
    yield seen
    for pid in seen:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


async def test_leaving_the_group_ends_every_child(pids: list[int]) -> None:
    """A child that listens to SIGTERM is gone when the group is left."""
    async with Group() as group:
        child = await group.start("polite", python(POLITE), environ=os.environ, up_within=SOON)
        pids.append(child.process.pid)
        assert (child.said, alive(child.process.pid)) == ("up", True)

    assert not alive(pids[0])


async def test_a_child_that_ignores_sigterm_is_killed(pids: list[int]) -> None:
    """After the grace SIGKILL ends what SIGTERM did not."""
    async with Group(grace=timedelta(milliseconds=100)) as group:
        child = await group.start("stubborn", python(STUBBORN), environ=os.environ, up_within=SOON)
        pids.append(child.process.pid)

    assert child.process.returncode == -signal.SIGKILL


async def test_a_child_that_ends_while_it_starts_is_told() -> None:
    """An exit before the announcement names the child and its exit code."""
    async with Group() as group:
        with pytest.raises(ChildFailed, match=r"ingest ended while it started \(exit code 3\)"):
            await group.start("ingest", python("raise SystemExit(3)"), environ=os.environ, up_within=SOON)

        assert group.children == {}


async def test_a_silent_child_is_ended(pids: list[int]) -> None:
    """No announcement in time is a failure, and the child does not stay."""
    async with Group(grace=timedelta(milliseconds=50)) as group:
        with pytest.raises(ChildFailed, match=r"detect said nothing within 0\.1 s"):
            await group.start(
                "detect", python("import time; time.sleep(600)"), environ=os.environ,
                up_within=timedelta(milliseconds=100),
            )  # fmt: skip

        assert group.children == {}


async def test_the_first_child_to_end_is_returned() -> None:
    """``ended`` gives the child that died, with how it died."""
    async with Group() as group:
        await group.start("polite", python(POLITE), environ=os.environ, up_within=SOON)
        victim = await group.start("victim", python(POLITE), environ=os.environ, up_within=SOON)
        os.kill(victim.process.pid, signal.SIGKILL)

        ended = await asyncio.wait_for(group.ended(), 20)

        assert (ended.name, ended.process.returncode) == ("victim", -signal.SIGKILL)


def test_a_killed_parent_leaves_no_child(pids: list[int]) -> None:
    """SIGKILL of the parent, which can clean nothing up, ends the child all the same."""
    parent = subprocess.Popen([*python(PARENT), POLITE], stdout=subprocess.PIPE, text=True)
    pids.append(parent.pid)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    pids.append(child)
    assert alive(child)

    parent.kill()
    parent.wait()
    parent.stdout.close()

    deadline = time.monotonic() + 20
    while alive(child) and time.monotonic() < deadline:
        time.sleep(0.02)  # the child's end is another process's doing: there is nothing to wait on
    assert not alive(child)
