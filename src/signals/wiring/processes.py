"""Child processes that do not outlive their parent, and a parent that knows how each of them ended.

Three ways out are covered: the parent ends its children in order (terminate, wait, kill); a child that ends by itself
is told to the caller; and a parent that was killed leaves no child, because each child reads a pipe whose other end
only the parent holds and ends when that closes (``follow_parent``).
"""

import asyncio
import contextlib
import gc
import os
import signal
import threading
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from signals.domain.errors import SignalsError

STOP_GRACE = timedelta(seconds=15)
# A role flushes, commits and leaves its groups in 1 to 5 s; a delivery under way may take a call's time-out more.
# Shorter cuts that in half (it is repeated after the next start); longer makes Ctrl-C look broken.

PARENT_PIPE = "SIGNALS_PARENT_PIPE"
"""Environment variable: number of the file descriptor that closes when the parent ends."""
ANNOUNCE = "SIGNALS_ANNOUNCE"
"""Environment variable: number of the file descriptor for the one line that says the child is up."""

PARENT_GONE = 70
"""Exit code of a child that did not end within ``STOP_GRACE`` after its parent was gone."""


class ChildFailed(SignalsError):
    """A child ended before it said that it is up, or did not say so in time."""


@dataclass
class Child:
    """One running child process."""

    name: str
    process: asyncio.subprocess.Process
    parent_end: int
    """Write end of the parent pipe; closing it asks the child to end."""
    said: str = ""
    """The line it announced itself with, such as an address."""
    restarts: int = 0

    @property
    def running(self) -> bool:
        """True until the process has ended."""
        return self.process.returncode is None


@dataclass
class Group:
    """The children of this process. Use as ``async with Group() as group``: leaving it ends every child.

    Parameters
    ----------
    grace
        How long a child may take to end after SIGTERM before SIGKILL.
    """

    grace: timedelta = STOP_GRACE
    children: dict[str, Child] = field(default_factory=dict)

    async def __aenter__(self) -> "Group":
        """Return the empty group."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """End every child, whatever happened."""
        await asyncio.shield(self.stop())

    async def start(
        self,
        name: str,
        argv: Sequence[str],
        *,
        environ: Mapping[str, str],
        up_within: timedelta,
        stdout: int | None = None,
    ) -> Child:
        """Start one child in a session of its own and wait until it announces itself.

        Raises
        ------
        ChildFailed
            It ended first, or said nothing within *up_within*; it has been ended then.
        """
        parent_read, parent_write = os.pipe()
        said_read, said_write = os.pipe()
        try:
            process = await asyncio.create_subprocess_exec(
                *argv,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=stdout,
                env={**environ, PARENT_PIPE: str(parent_read), ANNOUNCE: str(said_write)},
                pass_fds=(parent_read, said_write),
                start_new_session=True,  # Ctrl-C reaches the parent only, which ends the children in order
            )
        finally:
            os.close(parent_read)
            os.close(said_write)
        child = self.children[name] = Child(name, process, parent_write)
        try:
            child.said = await _first_line(said_read, up_within)
        except TimeoutError:
            await self._end(child)
            raise ChildFailed(f"{name} said nothing within {up_within.total_seconds():g} s") from None
        if not child.said:
            await self._end(child)
            raise ChildFailed(f"{name} ended while it started ({describe_exit(process.returncode)})")
        return child

    async def ended(self) -> Child:
        """Wait until any child ends and return it; the caller decides what that means."""
        waits = {asyncio.create_task(child.process.wait()): child for child in self.children.values()}
        try:
            done, _ = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            return waits[done.pop()]
        finally:
            for task in waits:
                task.cancel()

    async def stop(self, *names: str) -> None:
        """End the named children (all when none is named) together: SIGTERM, wait, SIGKILL."""
        chosen = [child for name, child in self.children.items() if not names or name in names]
        await asyncio.gather(*(self._end(child) for child in chosen))

    async def _end(self, child: Child) -> None:
        _signal(child, signal.SIGTERM)
        with contextlib.suppress(OSError):
            os.close(child.parent_end)
        try:
            await asyncio.wait_for(child.process.wait(), self.grace.total_seconds())
        except TimeoutError:
            pass
        finally:
            _signal(child, signal.SIGKILL)  # also what the child may have started itself
            await child.process.wait()
            if self.children.get(child.name) is child:
                del self.children[child.name]


def _signal(child: Child, number: signal.Signals) -> None:
    """Send a signal to the child's whole session."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.process.pid, number)


async def _first_line(descriptor: int, within: timedelta) -> str:
    """Return the first line from a pipe, empty when it closed before."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(descriptor))
    try:
        return (await asyncio.wait_for(reader.readline(), within.total_seconds())).decode().strip()
    finally:
        transport.close()


def describe_exit(code: int | None) -> str:
    """Return an exit code in words.

    >>> describe_exit(-9)
    'killed by SIGKILL'
    """
    if code is None:
        return "still running"
    if code < 0:
        return f"killed by {signal.Signals(-code).name}"
    return f"exit code {code}"


def announce(line: str, environ: Mapping[str, str] = os.environ) -> None:
    """Tell the parent that this process is up; called once, does nothing without a parent of ours."""
    if (descriptor := environ.get(ANNOUNCE)) is not None:
        with contextlib.suppress(OSError):
            os.write(int(descriptor), line.encode() + b"\n")
            os.close(int(descriptor))


def follow_parent(environ: Mapping[str, str] = os.environ) -> None:
    """End this process when its parent is gone: SIGTERM to itself, and after ``STOP_GRACE`` the hard way.

    Called once at the start of a child; does nothing without a parent of ours.
    """
    if (descriptor := environ.get(PARENT_PIPE)) is None:
        return

    def watch() -> None:
        with contextlib.suppress(OSError):
            os.read(int(descriptor), 1)
        os.kill(os.getpid(), signal.SIGTERM)
        timer = threading.Timer(STOP_GRACE.total_seconds(), os._exit, (PARENT_GONE,))
        timer.daemon = True
        timer.start()

    threading.Thread(target=watch, name="follow-parent", daemon=True).start()


YOUNG_OBJECTS = 50_000
# New objects after which the collector looks for cycles. Python's 700 made it look seven times per fetch of 5,000
# records, none of which can be in a cycle: a seventh of ingest's time. Cycles come from tasks and exceptions, some
# hundred bytes each, so 50,000 objects are some MB more.


def settle_collector() -> None:
    """Let the garbage collector look seldom at what is new, and never at what the start left; called once by a role."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS, 20, 20)


@contextlib.asynccontextmanager
async def stop_on_signals() -> AsyncIterator[asyncio.Event]:
    """Give an event that SIGINT and SIGTERM set, in place of the exception Ctrl-C would raise anywhere."""
    loop, asked = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, asked.set)
    try:
        yield asked
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)
