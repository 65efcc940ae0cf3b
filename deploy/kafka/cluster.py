"""A small Apache Kafka cluster (KRaft) on loopback whose brokers can be killed, paused and started one by one.

``python3 cluster.py up [--brokers 3] [--through NAME ...]`` starts all and prints the addresses for clients;
``start|stop|kill|pause|resume N`` does one broker (``stop`` is SIGTERM, ``kill`` SIGKILL, ``pause`` SIGSTOP);
``down`` stops all, ``down --delete`` ends them at once and removes their data. Every broker is a controller too, so a
majority must be up. Topics get three copies by default and need two of them for a write, as far as there are as many
brokers.

``--through NAME`` gives every broker one more listener that it advertises at another port: whoever wants to stand
between some client and the brokers listens there and forwards (``cluster.json`` in the state folder has the ports).

Environment: KAFKA_STATE (default var/kafka-cluster), KAFKA_LIBS (var/kafka-libs), KAFKA_HEAP (384m). Standard library
only, as ``ready.py``.
"""

import argparse
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from ready import answers

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
HOST = "127.0.0.1"
PORTS = range(15_000, 30_000)
# Below the range from which systems give ports to outgoing connections: a broker that is down must find its own free
# when it comes back.
READY_S = 90.0
STOP_S = 30.0
POLL_S = 0.1

PROPERTIES = """\
process.roles=broker,controller
node.id={number}
controller.quorum.voters={voters}
controller.listener.names=CONTROLLER
inter.broker.listener.name=CLIENT
listeners={listeners}
advertised.listeners={advertised}
listener.security.protocol.map={protocols}
log.dirs={data}
default.replication.factor={copies}
min.insync.replicas={insync}
offsets.topic.replication.factor={copies}
offsets.topic.num.partitions=4
transaction.state.log.replication.factor={copies}
transaction.state.log.min.isr={insync}
transaction.state.log.num.partitions=4
group.initial.rebalance.delay.ms=0
auto.create.topics.enable=false
# Each listener has threads of its own, and there may be a dozen.
num.network.threads=1
num.io.threads=4
"""

LOGGING = """\
rootLogger.level = WARN
rootLogger.appenderRef.out.ref = out
appender.out.type = Console
appender.out.name = out
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = %d %p %c{1}: %m%n
"""


class Cluster:
    """What the state folder says, and what can be done to it."""

    def __init__(self, state: Path, libs: Path, heap: str) -> None:
        self.state, self.libs, self.heap = state, libs, heap

    def up(self, brokers: int, through: list[str]) -> str:
        """Start every broker that does not run and return the clients' addresses."""
        subprocess.run([HERE / "jars.sh", self.libs], check=True)  # noqa: S603  # our own script
        if not (self.state / "cluster.json").exists():
            self._lay_out(brokers, through)
        numbers = [int(one) for one in self._ports()]
        for number in numbers:
            self._spawn(number)
        with ThreadPoolExecutor(len(numbers)) as threads:
            list(threads.map(self._wait, numbers))
        return self.bootstrap()

    def down(self, *, delete: bool = False) -> None:
        """Stop every broker that runs, all together: the last ones could not hand over to anybody."""
        numbers = [int(one) for one in self._ports()]
        for number in numbers:
            self._send(number, signal.SIGCONT)
            self._send(number, signal.SIGKILL if delete else signal.SIGTERM)
        deadline = time.monotonic() + STOP_S
        for number in numbers:
            self._gone(number, deadline)
        if delete:
            shutil.rmtree(self.state)

    def start(self, number: int) -> None:
        """Start one broker and return when it answers; data and ports are those it had."""
        self._spawn(number)
        self._wait(number)

    def stop(self, number: int) -> None:
        """Let one broker hand over and end."""
        self._send(number, signal.SIGTERM)
        self._gone(number, time.monotonic() + STOP_S)

    def kill(self, number: int) -> None:
        """End one broker at once; also a paused one."""
        self._gone(number, time.monotonic())

    def pause(self, number: int) -> None:
        """Let one broker stand still with its connections open."""
        self._send(number, signal.SIGSTOP)

    def resume(self, number: int) -> None:
        """Let a paused broker go on."""
        self._send(number, signal.SIGCONT)

    def bootstrap(self) -> str:
        """Return the clients' addresses, with commas."""
        return ",".join(f"{HOST}:{ports['client']}" for ports in self._ports().values())

    def _ports(self) -> dict[str, dict[str, Any]]:
        try:
            found: dict[str, dict[str, Any]] = json.loads((self.state / "cluster.json").read_text())
        except FileNotFoundError:
            return {}
        return found

    def _lay_out(self, brokers: int, through: list[str]) -> None:
        """Choose ports, write every broker's settings and format its folder."""
        free = _free_ports()
        layout = {
            str(number): {
                "client": next(free),
                "controller": next(free),
                "through": {name: {"listens": next(free), "advertised": next(free)} for name in through},
            }
            for number in range(1, brokers + 1)
        }
        identity = self._storage("random-uuid").strip().splitlines()[-1]
        (self.state / "log4j2.properties").write_text(LOGGING)
        voters = ",".join(f"{number}@{HOST}:{ports['controller']}" for number, ports in layout.items())
        for number, ports in layout.items():
            folder = self.state / number
            folder.mkdir(parents=True, exist_ok=True)
            names = {name.upper().replace("-", "_"): one for name, one in ports["through"].items()}
            listeners = {"CLIENT": ports["client"], **{name: one["listens"] for name, one in names.items()}}
            advertised = {"CLIENT": ports["client"], **{name: one["advertised"] for name, one in names.items()}}
            settings = folder / "server.properties"
            settings.write_text(
                PROPERTIES.format(
                    number=number,
                    voters=voters,
                    listeners=_addresses(listeners | {"CONTROLLER": ports["controller"]}),
                    advertised=_addresses(advertised),
                    protocols=",".join(f"{name}:PLAINTEXT" for name in [*listeners, "CONTROLLER"]),
                    data=folder / "data",
                    copies=min(3, brokers),
                    insync=min(2, brokers),
                )
            )
            self._storage("format", "-t", identity, "-c", str(settings))
        (self.state / "cluster.json").write_text(json.dumps(layout, indent=1))

    def _storage(self, *arguments: str) -> str:
        command = ["java", "-cp", f"{self.libs}/*", "kafka.tools.StorageTool", *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603  # java

    def _spawn(self, number: int) -> None:
        if self._pid(number) is not None:
            return
        folder = self.state / str(number)
        command = [
            "java", f"-Xmx{self.heap}", "-Xms128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
            f"-Dlog4j2.configurationFile={self.state / 'log4j2.properties'}",
            "-cp", f"{self.libs}/*", "kafka.Kafka", str(folder / "server.properties"),
        ]  # fmt: skip
        with (folder / "kafka.log").open("ab") as log:
            # A session of its own, so that Ctrl-C in this terminal does not end it.
            process = subprocess.Popen(  # noqa: S603  # java
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        (folder / "pid").write_text(str(process.pid))

    def _wait(self, number: int) -> None:
        port, deadline = self._ports()[str(number)]["client"], time.monotonic() + READY_S
        while not answers(HOST, port):
            log = self.state / str(number) / "kafka.log"
            if self._pid(number) is None:
                end = log.read_text(errors="replace")[-600:]
                raise SystemExit(f"kafka: broker {number} ended, see {log}: ...{end}")
            if time.monotonic() > deadline:
                raise SystemExit(f"kafka: no answer from broker {number} within {READY_S:.0f} s, see {log}")
            time.sleep(POLL_S)

    def _pid(self, number: int) -> int | None:
        """Return the process of a broker that runs (or is paused)."""
        try:
            pid = int((self.state / str(number) / "pid").read_text())
            # Our child may be a zombie until we end; another's never is, and its number may be given again.
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
        except (FileNotFoundError, ProcessLookupError, ValueError):
            return None
        return pid if str(self.state).encode() in command else None

    def _send(self, number: int, what: signal.Signals) -> None:
        pid = self._pid(number)
        if pid is not None:
            os.kill(pid, what)

    def _gone(self, number: int, deadline: float) -> None:
        while self._pid(number) is not None:
            if time.monotonic() >= deadline:
                self._send(number, signal.SIGKILL)
            time.sleep(POLL_S)


def _addresses(ports: dict[str, int]) -> str:
    return ",".join(f"{name}://{HOST}:{port}" for name, port in ports.items())


def _free_ports() -> Iterator[int]:
    """Yield ports nobody listens on, each once."""
    for port in random.SystemRandom().sample(PORTS, len(PORTS)):
        with socket.socket() as probe:
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
        yield port


def main() -> None:
    """Do one command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    up = commands.add_parser("up")
    up.add_argument("--brokers", type=int, default=3)
    up.add_argument("--through", action="append", default=[], metavar="NAME")
    for name in ("start", "stop", "kill", "pause", "resume"):
        commands.add_parser(name).add_argument("number", type=int)
    commands.add_parser("down").add_argument("--delete", action="store_true")
    arguments = parser.parse_args()
    state = Path(os.environ.get("KAFKA_STATE", ROOT / "var/kafka-cluster")).resolve()
    libs = Path(os.environ.get("KAFKA_LIBS", ROOT / "var/kafka-libs")).resolve()
    state.mkdir(parents=True, exist_ok=True)
    cluster = Cluster(state, libs, os.environ.get("KAFKA_HEAP", "384m"))
    if arguments.command == "up":
        sys.stdout.write(cluster.up(arguments.brokers, arguments.through) + "\n")
    elif arguments.command == "down":
        cluster.down(delete=arguments.delete)
    else:
        getattr(cluster, arguments.command)(arguments.number)


if __name__ == "__main__":
    main()
