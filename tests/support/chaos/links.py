"""The network between one worker and the brokers: a forwarder per broker that can be cut.

``silent`` is what a lost route looks like (connections stay, nothing arrives, what was sent arrives once it is
mended); ``refused`` is what a restarted router or firewall looks like (connections break, new ones are refused).
"""

import asyncio
import contextlib
from collections.abc import Iterable
from typing import Literal

from support.chaos.cluster import Door

Cut = Literal["silent", "refused"]

HOST = "127.0.0.1"
CHUNK = 65_536


class Link:
    """One client to one broker."""

    def __init__(self, door: Door) -> None:
        self.door = door
        self._open = asyncio.Event()
        self._open.set()
        self._refusing = False
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    async def start(self) -> None:
        """Listen on the advertised port."""
        self._server = await asyncio.start_server(self._accept, HOST, self.door.advertised)

    async def stop(self) -> None:
        """Break every connection and listen no more."""
        if self._server is not None:
            self._server.close()
        self._open.set()
        self._break()

    def cut(self, how: Cut) -> None:
        """Let nothing through."""
        if how == "silent":
            self._open.clear()
        else:
            self._refusing = True
            self._break()

    def mend(self) -> None:
        """Let everything through again."""
        self._refusing = False
        self._open.set()

    def _break(self) -> None:
        for writer in self._writers:
            writer.transport.abort()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        far: asyncio.StreamWriter | None = None
        try:
            if self._refusing:
                writer.transport.abort()
                return
            await self._open.wait()
            back, far = await asyncio.open_connection(HOST, self.door.listens)
            self._writers.add(far)
            async with asyncio.TaskGroup() as both:
                both.create_task(self._forward(reader, far))
                both.create_task(self._forward(back, writer))
        except* (OSError, EOFError):
            pass  # one side went away, so does the other
        finally:
            for one in (writer, far):
                if one is not None:
                    self._writers.discard(one)
                    one.close()

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(CHUNK):
            await self._open.wait()
            writer.write(data)
            await writer.drain()
        raise EOFError


class Links:
    """All links of one client."""

    def __init__(self, doors: Iterable[Door]) -> None:
        self._links = {door.broker: Link(door) for door in doors}

    @property
    def bootstrap(self) -> str:
        """Return the addresses the client is configured with."""
        return ",".join(f"{HOST}:{link.door.advertised}" for link in self._links.values())

    async def start(self) -> None:
        """Open all."""
        for link in self._links.values():
            await link.start()

    async def stop(self) -> None:
        """Close all."""
        for link in self._links.values():
            await link.stop()

    def cut(self, how: Cut, brokers: Iterable[int]) -> None:
        """Cut the client off from some brokers."""
        for number in brokers:
            self._links[number].cut(how)

    def mend(self) -> None:
        """Connect it to all again."""
        for link in self._links.values():
            with contextlib.suppress(RuntimeError):
                link.mend()
