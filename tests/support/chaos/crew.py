"""Real ``signals worker`` processes, and what an orchestrator does for them: starts each again whatever it died of."""

import asyncio
import contextlib
import os
import signal
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from random import Random

from signals.wiring.processes import PARENT_PIPE, describe_exit
from support.chaos.links import Links

PROGRAM = (sys.executable, str(Path(__file__).parent / "member.py"))

RESTART_S = (0.3, 2.0)
STOP_GRACE_S = 30.0
# What an orchestrator gives after SIGTERM before SIGKILL; more than a role promises to take.
FAKETIME = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)
CAN_SKEW = FAKETIME is not None
"""Whether clocks can be set wrong here (Debian's libfaketime)."""


class Worker:
    """One place in the installation: its process comes and goes.

    Parameters
    ----------
    role, member
        As ``signals worker`` takes them.
    links
        Its network; started by the caller.
    folder
        For its settings, clock and log.
    settings
        The settings file's text, with ``{bootstrap}`` for its own addresses.
    environ
        Secrets.
    """

    def __init__(
        self,
        role: str,
        member: str,
        links: Links,
        folder: Path,
        settings: str,
        environ: Mapping[str, str],
        random: Random,
    ) -> None:
        self.role, self.member, self.name = role, member, f"{role}-{member}"
        self.links = links
        self.exits: Counter[str] = Counter()
        """How its processes ended, in words."""
        self.starts = 0
        self.log = folder / f"{self.name}.log"
        self._clock = folder / f"{self.name}.clock"
        self._random, self._environ = random, dict(environ)
        self._config = folder / f"{self.name}.yaml"
        self._config.write_text(settings.replace("{bootstrap}", links.bootstrap))
        self._folder = folder
        self._process: asyncio.subprocess.Process | None = None
        self._wanted = False
        self._keeping: asyncio.Task[None] | None = None
        self._parent = os.pipe()
        self.skew(0)

    @property
    def running(self) -> bool:
        """Whether there is a process now."""
        return self._process is not None and self._process.returncode is None

    @property
    def wanted(self) -> bool:
        """Whether it is to run."""
        return self._wanted

    def start(self) -> None:
        """Start it, and start it again each time it ends."""
        self._wanted = True
        if self._keeping is None or self._keeping.done():
            self._keeping = asyncio.create_task(self._keep())

    async def stop(self) -> None:
        """End it in order, for good; by force where that takes too long."""
        self._wanted = False
        keeping, self._keeping = self._keeping, None
        if keeping is not None:
            self.send(signal.SIGCONT)
            self.send(signal.SIGTERM)
            done, _ = await asyncio.wait({keeping}, timeout=STOP_GRACE_S)
            if not done:
                self.exits["had to be killed"] += 1
                self.send(signal.SIGKILL)
            await keeping

    def send(self, what: signal.Signals) -> None:
        """Send a signal to its process, if there is one."""
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(what)

    async def terminate(self) -> None:
        """Ask this process to end, as a deployment does; the next one follows."""
        process = self._process
        self.send(signal.SIGTERM)
        if process is not None:
            try:
                await asyncio.wait_for(process.wait(), STOP_GRACE_S)
            except TimeoutError:
                self.exits["had to be killed"] += 1
                process.kill()

    def skew(self, seconds: int) -> None:
        """Let its wall clock be off by so much; without libfaketime nothing happens."""
        fresh = self._clock.with_suffix(".new")
        fresh.write_text(f"{seconds:+d}\n")
        fresh.replace(self._clock)

    async def _keep(self) -> None:
        while self._wanted:
            self._process = process = await self._spawn()
            self.starts += 1
            code = await process.wait()
            self.exits[describe_exit(code)] += 1
            if self._wanted:
                await asyncio.sleep(self._random.uniform(*RESTART_S))  # an orchestrator's back-off

    async def _spawn(self) -> asyncio.subprocess.Process:
        environ = os.environ | self._environ | {"SIGNALS_MEMBER": self.member, PARENT_PIPE: str(self._parent[0])}
        if CAN_SKEW:
            environ |= {
                "LD_PRELOAD": str(FAKETIME),
                "FAKETIME_TIMESTAMP_FILE": str(self._clock),
                "FAKETIME_CACHE_DURATION": "1",
                # Only the wall clock is ever wrong; time-outs run on the other one.
                "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            }
        with self.log.open("ab") as log:
            return await asyncio.create_subprocess_exec(
                *PROGRAM, "--config", str(self._config), "worker", "--role", self.role, "--http-port", "0",
                stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log, cwd=self._folder, env=environ,
                pass_fds=(self._parent[0],),
            )  # fmt: skip
