"""The network that can be cut."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from support.chaos.cluster import Door
from support.chaos.links import HOST, Links


@pytest.fixture
async def port() -> AsyncIterator[int]:
    """The advertised port of a link to a server that sends back what it gets."""

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(100):
            writer.write(data)
        writer.close()

    server = await asyncio.start_server(echo, HOST, 0)
    probe = await asyncio.start_server(echo, HOST, 0)
    free = probe.sockets[0].getsockname()[1]
    probe.close()
    await probe.wait_closed()
    links = Links([Door(1, free, server.sockets[0].getsockname()[1])])
    await links.start()
    _running[free] = links
    yield free
    await links.stop()
    server.close()


_running: dict[int, Links] = {}


async def _says(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, text: bytes) -> bytes:
    writer.write(text)
    return await asyncio.wait_for(reader.read(100), 5)


async def test_what_was_sent_into_silence_arrives_once_it_is_mended(port: int) -> None:
    """A lost route keeps connections: nothing comes while it is cut, and nothing is missing afterwards."""
    reader, writer = await asyncio.open_connection(HOST, port)
    assert await _says(reader, writer, b"one") == b"one"

    _running[port].cut("silent", [1])
    writer.write(b"two")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(reader.read(100), 0.2)
    _running[port].mend()

    assert await asyncio.wait_for(reader.read(100), 5) == b"two"
    writer.close()


async def test_a_refused_link_breaks_what_is_open_and_what_comes(port: int) -> None:
    """Both the standing connection and a new one end without an answer; mended, a new one works."""
    reader, writer = await asyncio.open_connection(HOST, port)
    assert await _says(reader, writer, b"one") == b"one"

    _running[port].cut("refused", [1])
    with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
        await asyncio.wait_for(reader.readexactly(1), 5)
    late, other = await asyncio.open_connection(HOST, port)
    with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
        await asyncio.wait_for(late.readexactly(1), 5)
    _running[port].mend()

    reader, writer = await asyncio.open_connection(HOST, port)
    assert await _says(reader, writer, b"again") == b"again"
    other.close()
    writer.close()
