"""A Kafka-protocol broker of our own, in memory, in a child process: the mock cluster inside librdkafka.

For one machine and for trying out. It speaks the real protocol to any client on loopback (groups, idempotent and
transactional producers), but it keeps about 5 MB per partition and then drops the oldest without a word, forgets
everything when it stops, and refuses CreateTopics: the topics are made here, with the partitions we want, before
anybody asks for them. A topic nobody declared is made on first use with 4 partitions, which is librdkafka's number.

The child ends when its standard input closes, so it dies with its parent however that one goes.

``python -m signals.streams.local_broker [TOPIC=PARTITIONS ...]`` prints the address and serves until standard input
closes.
"""

import asyncio
import ctypes
import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import Self

from aiokafka import AIOKafkaConsumer, TopicPartition

START_TIMEOUT_S = 20.0
# A cold Python takes under a second; on a loaded two-core machine ten were seen. Beyond this something is wrong.
STOP_TIMEOUT_S = 5.0
REBALANCE_DELAY_MS = 100
# What a group waits for further members before its first assignment. librdkafka's own 3 s would be felt at each start.
PARENT_CHECK_S = 1.0

_PRODUCER = 0  # rd_kafka_type_t
_ERROR_BYTES = 512


class LocalBrokerError(Exception):
    """The embedded broker did not start, or did not do what it was told."""


class LogTruncated(Exception):
    """The embedded broker has dropped records. Nothing computed after that can be trusted; start again with less."""


class LocalBroker:
    """The parent's handle on the child process. Also a context manager.

    Parameters
    ----------
    topics
        Name -> partitions, made before the address is given out.

    Examples
    --------
    >>> with LocalBroker({"t": 2}) as broker:
    ...     broker.bootstrap.startswith("127.0.0.1:")
    True
    """

    def __init__(self, topics: Mapping[str, int] | None = None) -> None:
        self._topics = dict(topics or {})
        self._process: subprocess.Popen[str] | None = None
        self._bootstrap = ""

    @property
    def bootstrap(self) -> str:
        """``host:port`` for clients; only while it runs."""
        if self._process is None:
            raise LocalBrokerError("the embedded broker is not running")
        return self._bootstrap

    @property
    def pid(self) -> int:
        """Process id of the child; only while it runs."""
        if self._process is None:
            raise LocalBrokerError("the embedded broker is not running")
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the child still runs."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> str:
        """Start the child and return its address; blocks for about half a second.

        Raises
        ------
        LocalBrokerError
            It did not say its address within ``START_TIMEOUT_S``.
        """
        if self._process is not None:
            return self._bootstrap
        arguments = [f"{name}={partitions}" for name, partitions in self._topics.items()]
        self._process = subprocess.Popen(  # noqa: S603  # our own module, by this interpreter
            [sys.executable, "-m", "signals.streams.local_broker", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )
        self._bootstrap = self._answer()
        return self._bootstrap

    def create(self, name: str, partitions: int) -> None:
        """Make one more topic. Must come before any client asks for it by name."""
        if self._process is None or self._process.stdin is None:
            raise LocalBrokerError("the embedded broker is not running")
        self._process.stdin.write(f"{name}={partitions}\n")
        self._process.stdin.flush()
        if (answer := self._answer()) != "ok":
            raise LocalBrokerError(f"topic {name}: {answer}")

    def stop(self) -> None:
        """End the child; also without ``start`` and twice."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.stdin is not None:
            process.stdin.close()
        try:
            process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()

    def _answer(self) -> str:
        process = self._process
        if process is None or process.stdout is None:
            raise LocalBrokerError("the embedded broker is not running")
        readable, _, _ = select.select([process.stdout], [], [], START_TIMEOUT_S)
        line = process.stdout.readline().strip() if readable else ""
        if not line:
            self.stop()
            raise LocalBrokerError(f"the embedded broker said nothing within {START_TIMEOUT_S:g} s")
        return line

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


async def watch_log_start(bootstrap: str, topics: Mapping[str, int], *, every_s: float = 1.0) -> None:
    """Return never; look every *every_s* seconds whether the broker has dropped records.

    Run it as a task beside an embedded broker and end the program when it raises.

    Parameters
    ----------
    topics
        Name -> partitions, as they were made.

    Raises
    ------
    LogTruncated
        A partition's log no longer starts at 0.
    """
    partitions = [TopicPartition(topic, number) for topic, count in topics.items() for number in range(count)]
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap)
    await consumer.start()
    try:
        while True:
            for partition, start in (await consumer.beginning_offsets(partitions)).items():
                if start > 0:
                    raise LogTruncated(
                        f"{partition.topic}[{partition.partition}] now starts at offset {start}: the embedded broker "
                        "keeps about 5 MB per partition and has dropped the oldest records. Such volumes need Apache "
                        "Kafka."
                    )
            await asyncio.sleep(every_s)
    finally:
        await consumer.stop()


class _MockCluster:
    """The few functions of librdkafka's mock API that its Python package does not offer, called directly."""

    def __init__(self) -> None:
        from confluent_kafka import cimpl

        # Looking symbols up through the extension module finds the librdkafka it was linked with, on any platform.
        library = ctypes.CDLL(cimpl.__file__)
        library.rd_kafka_conf_new.restype = ctypes.c_void_p
        library.rd_kafka_conf_set.argtypes = [
            ctypes.c_void_p, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_size_t,
        ]  # fmt: skip
        library.rd_kafka_new.restype = ctypes.c_void_p
        library.rd_kafka_new.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t]
        library.rd_kafka_mock_cluster_new.restype = ctypes.c_void_p
        library.rd_kafka_mock_cluster_new.argtypes = [ctypes.c_void_p, ctypes.c_int]
        library.rd_kafka_mock_cluster_bootstraps.restype = ctypes.c_char_p
        library.rd_kafka_mock_cluster_bootstraps.argtypes = [ctypes.c_void_p]
        library.rd_kafka_mock_topic_create.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int, ctypes.c_int]
        library.rd_kafka_mock_group_initial_rebalance_delay_ms.restype = None
        library.rd_kafka_mock_group_initial_rebalance_delay_ms.argtypes = [ctypes.c_void_p, ctypes.c_int32]
        error = ctypes.create_string_buffer(_ERROR_BYTES)
        settings = library.rd_kafka_conf_new()
        # Errors only: as a client this handle has nobody to talk to, and says so as a warning.
        library.rd_kafka_conf_set(ctypes.c_void_p(settings), b"log_level", b"3", error, _ERROR_BYTES)
        handle = library.rd_kafka_new(_PRODUCER, settings, error, _ERROR_BYTES)
        if not handle:
            raise LocalBrokerError(error.value.decode())
        self._library, self._cluster = library, library.rd_kafka_mock_cluster_new(handle, 1)
        if not self._cluster:
            raise LocalBrokerError("librdkafka made no mock cluster")
        library.rd_kafka_mock_group_initial_rebalance_delay_ms(self._cluster, REBALANCE_DELAY_MS)

    @property
    def bootstrap(self) -> str:
        address: bytes = self._library.rd_kafka_mock_cluster_bootstraps(self._cluster)
        return address.decode()

    def create(self, topic: str) -> str:
        """Make ``NAME=PARTITIONS`` and return what was wrong, or nothing."""
        name, _, partitions = topic.rpartition("=")
        if not name or not partitions.isdecimal():
            return f"{topic!r} is not NAME=PARTITIONS"
        code = self._library.rd_kafka_mock_topic_create(self._cluster, name.encode(), int(partitions), 1)
        return f"topic {name}: librdkafka error {code}" if code else ""


def serve(arguments: Iterable[str]) -> None:
    """Be the child: make the topics, print the address, then obey standard input until it closes."""
    # Ctrl-C goes to the whole process group; the broker must outlive the workers that still flush to it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = os.getppid()
    cluster = _MockCluster()
    for argument in arguments:
        if problem := cluster.create(argument):
            raise LocalBrokerError(problem)
    print(cluster.bootstrap, flush=True)  # noqa: T201  # the parent reads it
    while os.getppid() == parent:
        # The look at the parent is for when somebody else holds the other end of the pipe open.
        readable, _, _ = select.select([sys.stdin], [], [], PARENT_CHECK_S)
        if not readable:
            continue
        line = sys.stdin.readline()
        if not line:
            break
        print(cluster.create(line.strip()) or "ok", flush=True)  # noqa: T201  # the parent reads it
    # librdkafka's own threads would keep a normal exit waiting for requests of clients that are still connected.
    os._exit(0)


if __name__ == "__main__":
    serve(sys.argv[1:])
