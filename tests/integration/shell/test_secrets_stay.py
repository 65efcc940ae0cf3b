"""Planted secrets, and peers that repeat them: nothing the program writes holds one, wherever it writes.

The same run shows that everything that listens does so on loopback.
"""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from base64 import b64decode
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import ClassVar
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from signals.settings.load import load_configuration
from signals.simulator.company import simulate
from signals.simulator.files import to_line
from signals.simulator.settings import SimulationSettings
from signals.streams.admin import partition_counts
from signals.streams.topics import Topics

pytestmark = [
    pytest.mark.timeout(240),
    pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs /proc to see what listens"),
]

SIGNALS = str(Path(sys.executable).parent / "signals")
WITHIN_S = 90.0
PLANT = "PLANTED"
CRASH = """
import os
from pathlib import Path
from signals.commands.frame import Frame
Frame(Path("signals.yaml")).configuration()
raise RuntimeError(os.environ["SIGNALS_SLACK_TOKEN"])
"""
SECRETS = {
    "SIGNALS_SLACK_TOKEN": f"xoxb-1-{PLANT}-slack",
    "SIGNALS_HUBSPOT_TOKEN": f"pat-eu1-{PLANT}-hubspot",
    "SIGNALS_WEBHOOK_SECRET": f"whsec-{PLANT}-webhook",
    "SIGNALS_KAFKA_USER": "somebody",
    "SIGNALS_KAFKA_PASSWORD": f"sasl-{PLANT}-password",
    "SIGNALS_KAFKA_KEY_PASSWORD": f"key-{PLANT}-password",
}
PARTITIONS = 2


class Parrot(BaseHTTPRequestHandler):
    """Three services that drop the first calls, refuse two of a kind, then the credentials; each with all it was sent.

    Of each kind, so that the questions a sink asks before it writes do not use up what its writes are to be refused.
    """

    seen: ClassVar[list[str]] = []
    refused: ClassVar[Counter[str]] = Counter()

    def answer(self) -> None:
        """Drop, or refuse."""
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        sent = f"{self.path} {dict(self.headers)}"
        self.seen.append(sent)
        if len(self.seen) <= 3:
            self.connection.close()
            return
        kind = self.path.partition("?")[0]
        self.refused[kind] += 1
        known = self.refused[kind] <= 2
        error = "channel_not_found" if known else "invalid_auth"
        body = json.dumps({"ok": False, "error": error, "message": sent, "needed": sent}).encode()
        self.send_response(200 if kind.startswith("/api/") else 400 if known else 401)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PATCH = answer  # noqa: N815 - the names http.server calls

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


@contextmanager
def parrot() -> Iterator[str]:
    """Serve and yield the address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Parrot)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


class Run:
    """One run of ``signals up`` in a folder, and commands beside it, all with the planted secrets."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.mark = folder, f"TEST_MARK_{uuid4().hex}"
        plain = {name: value for name, value in os.environ.items() if not name.startswith("SIGNALS_")}
        self.environ = plain | SECRETS | {self.mark: "1"}
        self.log = folder / "up.log"
        with self.log.open("wb") as out:
            self.up = subprocess.Popen(
                [SIGNALS, "up"], stdout=out, stderr=subprocess.STDOUT, cwd=folder, env=self.environ
            )

    def until(self, pattern: str) -> str:
        """Wait until *pattern* is printed and return its group."""
        wait_for(lambda: bool(re.search(pattern, self.log.read_text())) or self.up.poll() is not None, pattern)
        found = re.search(pattern, self.log.read_text())
        assert found, self.log.read_text()[-2000:]
        return found[1]

    def command(self, *arguments: str, environ: dict[str, str] | None = None) -> str:
        """Run a command, however it ends, and return all it prints."""
        done = subprocess.run(
            arguments, cwd=self.folder, env=self.environ | (environ or {}), capture_output=True, text=True, timeout=60,
            check=False,
        )  # fmt: skip
        return done.stdout + done.stderr

    def processes(self) -> list[int]:
        """Return every process of the run that still lives."""
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    if self.mark.encode() in (entry / "environ").read_bytes():
                        found.append(int(entry.name))
                except OSError:
                    continue
        return found

    def end(self) -> None:
        """End it in order, then by force."""
        self.up.send_signal(signal.SIGTERM)
        try:
            self.up.wait(30)
        except subprocess.TimeoutExpired:
            for pid in self.processes():
                os.kill(pid, signal.SIGKILL)


def wait_for(condition: Callable[[], bool], what: str) -> None:
    """Poll another process's doing until *condition* holds or the deadline fails the test."""
    deadline = time.monotonic() + WITHIN_S
    while not condition():
        assert time.monotonic() < deadline, f"waited {WITHIN_S:g} s for {what}"
        time.sleep(0.1)


def get(url: str) -> str:
    """Return the text of a page on this machine, whatever its status."""
    try:
        with urllib.request.urlopen(url, timeout=10) as response:  # noqa: S310 - an address our own process printed
            text: str = response.read().decode()
    except urllib.error.HTTPError as refused:
        text = refused.read().decode()
    return text


def listening(pids: list[int]) -> set[str]:
    """Return the local addresses, in hex as the kernel writes them, on which these processes listen."""
    found = set()
    for pid in pids:
        sockets = set()
        for entry in Path(f"/proc/{pid}/fd").iterdir():
            try:
                sockets.add(str(entry.readlink()))
            except OSError:
                continue
        for table in ("tcp", "tcp6"):
            for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
                columns = line.split()
                if columns[3] == "0A" and f"socket:[{columns[9]}]" in sockets:
                    found.add(columns[1].partition(":")[0])
    return found


async def everything(bootstrap: str) -> list[str]:
    """Return every key, value and header on every topic; what is in base64 also as it was."""
    names = partition_counts(Topics(PARTITIONS))
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, group_id=None)
    await consumer.start()
    try:
        places = [TopicPartition(name, number) for name, count in names.items() for number in range(count)]
        consumer.assign(places)
        await consumer.seek_to_beginning(*places)
        ends = await consumer.end_offsets(places)
        texts = []
        while any([await consumer.position(place) < ends[place] for place in places]):
            for records in (await consumer.getmany(timeout_ms=200)).values():
                for one in records:
                    value = one.value or b""
                    texts.append(f"{one.topic} {one.key!r} {value!r} {one.headers}")
                    if one.topic == "dead-letters":
                        texts.append(b64decode(json.loads(value)["value"] or "").decode(errors="replace"))
        return texts
    finally:
        await consumer.stop()


def test_no_planted_secret_comes_out_anywhere(tmp_path: Path) -> None:
    """Logs at debug, pages, topics, dead letters, commands and crashes of a run whose peers repeat all they get."""
    simulation = simulate(SimulationSettings(accounts=4, days=60, seed=11))
    events = tmp_path / "events.jsonl"
    events.write_bytes(b"".join(to_line(record) + b"\n" for record in simulation.records()))
    with parrot() as peer:
        (tmp_path / "signals.yaml").write_text(
            f"""
kafka: {{partitions: {PARTITIONS}}}
time: {{source: input}}
http: {{port: 0}}
logging: {{style: json, level: debug}}
routing: {{webhook: true}}
sinks:
  slack: {{base_url: "{peer}/api/"}}
  hubspot: {{base_url: "{peer}"}}
  webhook: {{url: "{peer}/hooks/{PLANT}-path"}}
"""
        )
        run = Run(tmp_path)
        try:
            written = story(run, events, simulation.end.isoformat())
            assert listening(run.processes()) == {"0100007F"}, "127.0.0.1 and nothing else"
        finally:
            run.end()
    written["log"] = run.log.read_text()

    leaks = {where: text[max(0, text.find(PLANT) - 200) :][:400] for where, text in written.items() if PLANT in text}
    assert leaks == {}
    peers = " ".join(Parrot.seen)
    assert all(SECRETS[name] in peers for name in ("SIGNALS_SLACK_TOKEN", "SIGNALS_HUBSPOT_TOKEN")), "used, not idle"
    assert f"/hooks/{PLANT}-path" in peers
    assert {"deliveries.slack", "deliveries.crm", "deliveries.webhook"} <= set(
        re.findall(r"0:(deliveries\.\w+):", written["dead letters"])
    ), "every peer refused"
    assert "Traceback" in written["crash"]
    assert "RuntimeError: ***" in written["crash"]


def story(run: Run, events: Path, end: str) -> dict[str, str]:
    """Let everything happen; return what was written, by where."""
    page = run.until(r"metrics  (http://\S+)/metrics")
    bootstrap = run.until(r"export SIGNALS_KAFKA=(\S+)")
    beside = {"SIGNALS_KAFKA": bootstrap}
    run.until(r"(up; Ctrl-C)")
    run.command(SIGNALS, "produce", str(events), "--close-at", end, environ=beside)
    sinks = ("slack", "crm", "webhook")
    wait_for(
        lambda: all(re.search(rf'deliveries_total{{[^}}]*outcome="dead"[^}}]*sink="{one}"', get(page + "/metrics"))
                    for one in sinks),
        "a dead letter of each sink",
    )  # fmt: skip
    topics = asyncio.run(everything(bootstrap))
    (signal_id,) = re.findall(r'"signal_id":"(\w+)"', "".join(text for text in topics if "signal-events" in text))[:1]
    taken = page.rpartition(":")[2]
    return {
        "metrics": get(page + "/metrics"),
        "healthz": get(page + "/healthz"),
        "readyz": get(page + "/readyz"),
        "topics": "\n".join(topics),
        "dead letters": run.command(SIGNALS, "deadletter", "list", environ=beside),
        "config check": run.command(SIGNALS, "config", "check"),
        "explain": run.command(SIGNALS, "explain", signal_id, str(events)),
        "why-not": run.command(SIGNALS, "why-not", "--help"),
        "page taken": run.command(SIGNALS, "worker", "--role", "detect", "--http-port", taken, environ=beside),
        "no broker": run.command(SIGNALS, "topics", "check", environ={"SIGNALS_KAFKA": "127.0.0.1:1"}),
        "user in the broker": run.command(
            SIGNALS, "topics", "check", environ={"SIGNALS_KAFKA": f"me:{PLANT}@127.0.0.1:1"}
        ),
        "crash": run.command(sys.executable, "-c", CRASH),
        "repr": repr(load_configuration(run.folder / "signals.yaml", SECRETS)),
    }
