"""How fast ``signals replay`` is, from file to file, and how large an account gets.

Every figure is the median of ``--runs`` whole processes, the start of Python and the loading of the rules included.
Beside each stands a bare reading of the same file (``msgspec`` decodes each line and counts per account), run in turn
with it: that ratio holds on a fast machine and on a slow one.

    python benchmarks/replay.py --json replay.json
"""

import argparse
import gc
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.history import write_history

from signals.backtest.replay import replay
from signals.domain.account.reduce import move
from signals.domain.account.state import Account
from signals.domain.events.kinds import INPUT_TOPICS, InputTopic
from signals.domain.update import Arrival
from signals.engine.catalogue import Catalogue
from signals.engine.policy import Policy
from signals.engine.step import step
from signals.ingest.decode import RecordDecoder
from signals.ingest.lines import read_files
from signals.ingest.merge import merge_all
from signals.ingest.record import RawRecord
from signals.settings.load import load_configuration
from signals.streams.codec import decode_account, encode_account
from signals.wiring.catalogue import catalogue_of

BARE = """
import sys, msgspec
from collections import Counter
decode = msgspec.json.Decoder().decode
counts = Counter()
with open(sys.argv[1], "rb") as file:
    for line in file:
        counts[decode(line)["key"]] += 1
"""


def timed(command: list[str]) -> tuple[float, float]:
    """Run a command to its end; return its CPU seconds (one core's worth: nothing here runs in parallel) and wall."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - our own commands
    wall = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, wall


def measure(folder: Path, accounts: int, days: int, runs: int) -> dict[str, float]:
    """Return the medians for one history of 10 events per account and day."""
    file, out = folder / "history.jsonl", folder / "signals.jsonl"
    events = write_history(file, accounts=accounts, days=days)
    program = [sys.executable, "-c", "from signals.cli import main; main()", "replay", str(file), "--out", str(out)]
    ours, bare = [], []
    for _ in range(runs):
        ours.append(timed(program))
        bare.append(timed([sys.executable, "-c", BARE, str(file)]))
    cpu = median(one for one, _ in ours)
    return {
        "accounts": accounts,
        "days": days,
        "events": events,
        "cpu_s": round(cpu, 2),
        "wall_s": round(median(wall for _, wall in ours), 2),
        "events_per_cpu_s": round(events / cpu),
        "times_a_bare_decode": round(median(one[0] / other[0] for one, other in zip(ours, bare, strict=True)), 1),
    }


def stages(folder: Path) -> dict[str, float]:
    """Return the CPU µs per event of each stage, one after the other in this process: 40 accounts, 60 days.

    ``facts`` is the reducers and what moved; ``engine`` the step without rules, facts included; ``rules`` what the step
    takes more with them.
    """
    file = folder / "stages.jsonl"
    events = write_history(file, accounts=40, days=60)
    policy, loaded = Policy(), catalogue_of(load_configuration(None, {}))
    spent: dict[str, float] = {}
    gc.disable()

    def lap(name: str, began: float) -> float:
        now = time.process_time()
        spent[name] = round((now - began) / events * 1e6, 1)
        return now

    now = time.process_time()
    records: dict[int, dict[InputTopic, list[RawRecord]]] = {}
    for record in read_files([file], partitions=8):
        records.setdefault(record.partition, {topic: [] for topic in INPUT_TOPICS})[record.topic].append(record)
    now = lap("read", now)
    decoder = RecordDecoder(8)
    packs: dict[str, list[Arrival]] = {}
    for partition, topics in records.items():
        streams = {topic: decoder.decode_all(topic, partition, some) for topic, some in topics.items()}
        for arrival in merge_all(streams, epoch=1):
            packs.setdefault(arrival.event.org_id, []).append(arrival)
    now = lap("decode and merge", now)
    for org_id, pack in packs.items():
        account = Account(org_id, clock=pack[0].reached)
        for arrival in pack:
            account, _ = move(account, arrival.event, policy.zone, arrival.reached)
    now = lap("facts", now)
    for name, catalogue in (("engine", Catalogue([], loaded.names)), ("all", loaded)):
        for org_id, pack in packs.items():
            step(None, org_id, pack, until=None, catalogue=catalogue, policy=policy)
        now = lap(name, now)
    spent["rules"] = round(spent.pop("all") - spent["engine"], 1)
    gc.enable()
    return spent


def stored_bytes(folder: Path) -> dict[str, float]:
    """Return the stored size of accounts with a year of ten products and twenty people.

    ``codec_us``: CPU time of writing one and reading it back, the median of five rounds.
    """
    file = folder / "year.jsonl"
    write_history(file, accounts=12, days=400, products=10, people=20)
    configuration = load_configuration(None, {})
    result = replay(
        read_files([file], partitions=8), decoder=RecordDecoder(8), catalogue=catalogue_of(configuration),
        policy=Policy(),
    )  # fmt: skip
    took = []
    for _ in range(5):
        began = time.process_time()
        values = [encode_account(account) for account in result.accounts.values()]
        for value in values:
            decode_account(value)
        took.append((time.process_time() - began) / len(values) * 1e6)
    sizes = [len(value) for value in values]
    return {
        "accounts": len(sizes), "least": min(sizes), "median": median(sizes), "most": max(sizes),
        "codec_us": round(median(took)),
    }  # fmt: skip


def say(text: str) -> None:
    """Print a line at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main() -> int:
    """Measure, print a table, and write it as JSON; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accounts", type=int, nargs="*", default=[10_000, 100_000])
    parser.add_argument("--days", type=int, nargs="*", default=[10, 3], help="of the smaller history of each pair")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    rows, growth = [], {}
    with TemporaryDirectory() as name:
        folder = Path(name)
        for accounts, days in zip(arguments.accounts, arguments.days, strict=True):
            pair = [measure(folder, accounts, days * times, arguments.runs) for times in (1, 2)]
            growth[str(accounts)] = round(pair[1]["cpu_s"] / pair[0]["cpu_s"], 2)
            rows += pair
            for row in pair:
                say(
                    f"{row['accounts']:>8,} accounts {row['events']:>10,} events {row['cpu_s']:>7.2f} s CPU "
                    f"{row['events_per_cpu_s']:>8,} events/s  {row['times_a_bare_decode']:>5.1f} x a bare decode"
                )
            say(f"{accounts:>8,} accounts: twice the events take {growth[str(accounts)]} times as long")
        sizes = stored_bytes(folder)
        spent = stages(folder)
    say(f"an account with a year of 10 products and 20 people: {sizes['median']:,.0f} bytes stored "
          f"({sizes['least']:,} to {sizes['most']:,}), {sizes['codec_us']:,} µs to write and read it")  # fmt: skip
    say("CPU µs per event: " + ", ".join(f"{name} {value}" for name, value in spent.items()))
    if arguments.json is not None:
        report = {
            "replay": rows,
            "stages_us": spent,
            "twice_the_events": growth,
            "stored_bytes": sizes,
            "cores": os.cpu_count(),
        }
        arguments.json.write_text(json.dumps(report, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
