"""A three-broker Apache Kafka of the harness's own, through ``deploy/kafka/cluster.py``."""

import asyncio
import json
import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

SCRIPT = Path(__file__).parents[3] / "deploy/kafka/cluster.py"

Command = Literal["start", "stop", "kill", "pause", "resume"]


STARTS = 3
# Seen once in some thirty runs: a broker killed and started at once ended while it started.


class ClusterError(Exception):
    """The cluster did not do what it was told."""


@dataclass(frozen=True)
class Door:
    """Where one client reaches one broker: the port it is told, and the port the broker listens on."""

    broker: int
    advertised: int
    listens: int


class Cluster:
    """The brokers, by number from 1.

    Parameters
    ----------
    state
        Folder for data and logs; gone after ``down``.
    brokers
        How many.
    through
        Clients that get doors of their own.
    """

    def __init__(self, state: Path, brokers: int, through: Iterable[str]) -> None:
        self.numbers = tuple(range(1, brokers + 1))
        self._through = tuple(through)
        self._state = state
        self._environment = os.environ | {"KAFKA_STATE": str(state)}
        self.bootstrap = ""
        """Addresses without anything in between."""

    async def up(self) -> None:
        """Start all brokers and return when they answer; once more, on other ports, when that fails."""
        names = [part for name in self._through for part in ("--through", name)]
        arguments = ("up", "--brokers", str(len(self.numbers)), *names)
        try:
            self.bootstrap = await self._run(*arguments)
        except ClusterError:
            await self.down()  # somebody took a port between the look and the start
            self.bootstrap = await self._run(*arguments)

    async def down(self) -> None:
        """Stop all brokers and remove their data."""
        await self._run("down", "--delete")

    async def do(self, command: Command, number: int) -> None:
        """Do one thing to one broker; ``start`` returns when it answers.

        A broker that ends while it starts (its old self still registered, its port not free yet) is started again, as
        whatever supervises it would.
        """
        for again in range(STARTS if command == "start" else 1, 0, -1):
            try:
                await self._run(command, str(number))
            except ClusterError:
                if again == 1:
                    raise
            else:
                return

    def doors(self, name: str) -> tuple[Door, ...]:
        """Return the doors of one client, one per broker."""
        layout = json.loads((self._state / "cluster.json").read_text())
        return tuple(
            Door(int(number), ports["through"][name]["advertised"], ports["through"][name]["listens"])
            for number, ports in layout.items()
        )

    async def _run(self, *arguments: str) -> str:
        process = await asyncio.create_subprocess_exec(
            sys.executable, SCRIPT, *arguments, env=self._environment, stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        said, complaint = await process.communicate()
        if process.returncode != 0:
            raise ClusterError(f"{' '.join(arguments)}: {complaint.decode().strip()[-500:]}")
        return said.decode().strip()
