"""What it takes to run for 1,000, 100,000 and 10,000,000 accounts: arithmetic from unit costs measured here.

``--measure`` plays a simulated company through the same decoding, merge, engine and codec as production, in this
process and without a broker, and takes the unit costs from it. Costs of Kafka and of the services cannot be measured
that way; they come with ``--costs FILE`` (JSON, as the other benchmarks print it) or are the figures of ``KNOWN``.

    python benchmarks/capacity.py                      # the table of docs/scaling.md, from the costs in KNOWN
    python benchmarks/capacity.py --measure            # measure first (about a minute), then the table
    python benchmarks/capacity.py --json out.json      # costs and table for other programs
"""

import argparse
import json
import math
import statistics
import sys
import time
import tracemalloc
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import timedelta
from importlib.resources import files
from pathlib import Path

from signals.detectors.facts.vocabulary import VOCABULARY
from signals.detectors.rules.loader import load_packs
from signals.domain.account.state import Account
from signals.domain.events.incidents import IncidentDeclared
from signals.domain.events.kinds import BROADCAST, INPUT_TOPICS, InputTopic
from signals.domain.signal import Position, Transition
from signals.domain.update import AccountUpdates, Arrival
from signals.engine.catalogue import Catalogue
from signals.engine.policy import Policy
from signals.engine.step import step
from signals.ingest.decode import RecordDecoder
from signals.ingest.lines import LineReader
from signals.ingest.merge import merge_all
from signals.ingest.record import Decoded, RawRecord
from signals.simulator.company import simulate
from signals.simulator.files import to_line
from signals.simulator.settings import SimulationSettings
from signals.sinks.contract import Sent
from signals.streams import codec
from signals.streams.sent_log import SentMemory

PAGE = Path(__file__).parent.parent / "docs" / "scaling.md"
SIZES = (1_000, 100_000, 10_000_000)
EVENTS_PER_DAY = 10
"""Per account, as in the issue's benchmarks."""
DAY_S = 86_400
PEAK = 4
"""Busiest quarter of an hour over the mean: ours, from business hours in two zones."""
MADE_GOOD_IN_H = 4
"""A day's outage must be made good in so many hours, while the day goes on."""
WORKER_BYTES = 2 * 1024**3
"""Memory of one worker (the issue's limit)."""
HEADROOM = 0.6
"""Share of that for stored accounts; the rest is Python, buffers and the turn in hand."""
REPLICATION = 3
RECOVERY_S = 30
"""The issue's limit without a standby."""
MIDNIGHT_S = 120
"""All accounts are looked at when a business day closes; their events wait so long at most: ours."""
PLANNED_SIGNALS = 20
"""Per account and year, at least: ours. ``signals_per_year`` is a simulated company's; the larger is planned for."""
CHANNELS = 3
"""That the default routes post to."""
SLACK_POSTS_PER_S = 1
"""Per channel: docs.slack.dev/apis/web-api/rate-limits, read 2026-11."""
SLACK_EDITS_PER_S = 50 / 60
"""chat.update, tier 3, per workspace: the same page."""
CRM_CALLS_PER_S = 19
CRM_CALLS_PER_DAY = 650_000
"""HubSpot Professional, private app: developers.hubspot.com/changelog/increasing-our-api-limits."""
CRM_CALLS_PER_SIGNAL = 4
"""Company, task, one update, completion."""
READ_A_DAY = 40
"""Cards a day one channel's readers take in: ours."""


@dataclass(frozen=True)
class Costs:
    """Unit costs. Times in microseconds of one core (CPU time, so that others on the machine do not count), bytes."""

    event_bytes: float
    """One input record's value."""
    decode_merge_us: float
    """Per event: decode, validate, merge, without Kafka."""
    pack_bytes: float
    """Per event in account-updates."""
    step_us: float
    """Per event: the engine alone."""
    codec_us: float
    """Per account update: read and write the stored account."""
    quiet_day_us: float
    """Per account and midnight on which nothing happens: read, look, write."""
    broadcast_us: float
    """Per account and broadcast, an incident that may concern it: read, look, write."""
    stored_bytes: float
    """An account as stored, after a year."""
    row_overhead_bytes: float
    """What Python adds to a stored account in the table."""
    signals_per_year: float
    """Signals opened per account and year."""
    transitions_per_signal: float
    transition_bytes: float
    sent_memory_bytes: float
    """One record of ``sent.<sink>`` in the deliver role's memory."""
    ingest_per_s: float = 240_000
    """Events per second and core through Kafka: 4.1 us of CPU each (docs/performance.md)."""
    detect_updates_per_s: float = 3_700
    """Account updates per second and worker through Faust, one event each (benchmarks/latency.py)."""
    recovery_bytes_per_s: float = 85e6
    """Changelog read into the table, per worker: 100,000 accounts of 3 kB in 3.4 s (benchmarks/recovery.py)."""


KNOWN = Costs(
    event_bytes=171,
    decode_merge_us=3.0,
    pack_bytes=149,
    step_us=750,
    codec_us=649,
    quiet_day_us=3_790,
    broadcast_us=1_028,
    stored_bytes=5_922,
    row_overhead_bytes=139,
    signals_per_year=25.7,
    transitions_per_signal=3.9,
    transition_bytes=1_631,
    sent_memory_bytes=455,
)
"""``--measure --accounts 12`` (365 days), one run on two cores at rest; the last three as ``Costs`` says."""


@dataclass(frozen=True)
class Plan:
    """What one size needs."""

    accounts: int
    events_per_s: float
    needed_events_per_s: float
    partitions: int
    ingest_workers: int
    detect_workers: int
    state_gb: float
    table_memory_gb_per_worker: float
    recovery_s: float
    midnight_s_per_worker: float
    broadcast_s_per_worker: float
    input_gb_per_day: float
    changelog_gb_per_day: float
    cards_per_day: float
    channels_to_read: int
    slack_hours_per_day: float
    crm_share_of_day: float
    sent_memory_gb_after_a_year: float


def plan(accounts: int, costs: Costs) -> Plan:
    """Return the plan; everything follows from the constants above and *costs*."""
    events = accounts * EVENTS_PER_DAY / DAY_S
    needed = events * max(PEAK, 1 + 24 / MADE_GOOD_IN_H)
    row = costs.stored_bytes + costs.row_overhead_bytes
    by_memory = accounts * row / (WORKER_BYTES * HEADROOM)
    by_recovery = accounts * costs.stored_bytes / (costs.recovery_bytes_per_s * RECOVERY_S)
    # Live, nearly every event is an update of its own; the backlog of a day comes ten events to an update.
    by_updates = max(events * PEAK, needed / EVENTS_PER_DAY) / costs.detect_updates_per_s + needed * costs.step_us / 1e6
    by_midnight = accounts * costs.quiet_day_us / 1e6 / MIDNIGHT_S
    detect = math.ceil(max(by_memory, by_recovery, by_updates, by_midnight, 1))
    partitions = max(8, 2 ** math.ceil(math.log2(detect * 2)))
    per_worker = accounts / detect
    signals = max(costs.signals_per_year, PLANNED_SIGNALS)
    cards = accounts * signals / 365
    steps = cards * costs.transitions_per_signal
    writes = accounts * (EVENTS_PER_DAY + 1)  # each event an update, and midnight
    return Plan(
        accounts=accounts,
        events_per_s=events,
        needed_events_per_s=needed,
        partitions=partitions,
        ingest_workers=math.ceil(max(needed / costs.ingest_per_s, 1)),
        detect_workers=detect,
        state_gb=accounts * costs.stored_bytes / 1e9,
        table_memory_gb_per_worker=per_worker * row / 1e9,
        recovery_s=per_worker * costs.stored_bytes / costs.recovery_bytes_per_s,
        midnight_s_per_worker=per_worker * costs.quiet_day_us / 1e6,
        broadcast_s_per_worker=per_worker * costs.broadcast_us / 1e6,
        input_gb_per_day=accounts * EVENTS_PER_DAY * costs.event_bytes * REPLICATION / 1e9,
        changelog_gb_per_day=writes * costs.stored_bytes * REPLICATION / 1e9,
        cards_per_day=cards,
        channels_to_read=math.ceil(cards / READ_A_DAY),
        slack_hours_per_day=max(cards * 2 / (SLACK_POSTS_PER_S * CHANNELS), (steps - cards) / SLACK_EDITS_PER_S) / 3600,
        crm_share_of_day=cards * CRM_CALLS_PER_SIGNAL / CRM_CALLS_PER_DAY,
        sent_memory_gb_after_a_year=accounts * signals * costs.sent_memory_bytes / 1e9,
    )


# -- measuring ---------------------------------------------------------------------------------------------------------


def measure(accounts: int, days: int) -> Costs:
    """Return the unit costs of a simulated company; times are medians over its accounts."""
    simulation = simulate(
        SimulationSettings(accounts=accounts, days=days, seed=5, events_per_day=EVENTS_PER_DAY, bad_input_share=0.0)
    )
    lines = [to_line(record) for record in simulation.records()]
    records = list(LineReader(1).read(lines))
    began = time.process_time()
    arrivals = _merged(records)
    decode_merge = (time.process_time() - began) / len(records)
    catalogue = Catalogue(load_packs([files("signals.detectors.rules") / "packs"], names=VOCABULARY), VOCABULARY)
    by_account: dict[str, list[Arrival]] = {}
    for arrival in arrivals:
        by_account.setdefault(arrival.event.org_id, []).append(arrival)
    stepping, coding, quiet, hearing, stored, said = [], [], [], [], [], []
    for org_id, own in by_account.items():
        account, seconds, transitions = _lived(org_id, own, catalogue)
        stepping.append(seconds / len(own))
        said += transitions
        value, code_s, quiet_s = _touched(account, catalogue)
        coding.append(code_s)
        quiet.append(quiet_s)
        hearing.append(_heard(account, catalogue))
        stored.append(len(value))
    packs = AccountUpdates(partition=0, packs={org_id: tuple(own) for org_id, own in by_account.items()})
    signals = {one.signal_id for one in said}
    years = len(by_account) * days / 365
    return Costs(
        event_bytes=statistics.mean(len(record.value or b"") for record in records),
        decode_merge_us=decode_merge * 1e6,
        pack_bytes=len(codec.encode_updates(packs)) / len(arrivals),
        step_us=statistics.median(stepping) * 1e6,
        codec_us=statistics.median(coding) * 1e6,
        quiet_day_us=statistics.median(quiet) * 1e6,
        broadcast_us=statistics.median(hearing) * 1e6,
        stored_bytes=statistics.mean(stored),
        row_overhead_bytes=_row_overhead(),
        signals_per_year=len(signals) / years,
        transitions_per_signal=len(said) / max(len(signals), 1),
        transition_bytes=statistics.mean(len(codec.encode_json(one)) for one in said) if said else 0.0,
        sent_memory_bytes=455,
    )


def _merged(records: Sequence[RawRecord]) -> list[Arrival]:
    decoder = RecordDecoder(1)
    streams: dict[InputTopic, list[Decoded]] = {topic: [] for topic in INPUT_TOPICS}
    for one in records:
        streams[one.topic].append(decoder.decode(one))
    return list(merge_all(streams, epoch=1, other=lambda _: None))


def _lived(org_id: str, own: list[Arrival], catalogue: Catalogue) -> tuple[Account, float, list[Transition]]:
    account: Account | None = None
    said: list[Transition] = []
    began = time.process_time()
    for arrival in own:
        stepped = step(account, org_id, (arrival,), until=None, catalogue=catalogue, policy=Policy())
        account = stepped.account
        said += stepped.transitions
    seconds = time.process_time() - began
    assert account is not None  # noqa: S101 - an account has at least one event
    return account, seconds, said


def _touched(account: Account, catalogue: Catalogue) -> tuple[bytes, float, float]:
    """Return the stored value, the time to read and write it, and that of a midnight on which nothing happens."""
    value = codec.encode_account(account)
    began = time.process_time()
    for _ in range(5):
        codec.encode_account(codec.decode_account(value))
    coded = (time.process_time() - began) / 5
    quiet = []
    current = account
    for _ in range(5):
        until = current.clock + timedelta(days=1)
        began = time.process_time()
        stepped = step(codec.decode_account(value), current.org_id, (), until=until, catalogue=catalogue,
                       policy=Policy())  # fmt: skip
        value = codec.encode_account(stepped.account)
        quiet.append(time.process_time() - began)
        current = stepped.account
    return codec.encode_account(account), coded, statistics.median(quiet)


def _heard(account: Account, catalogue: Catalogue) -> float:
    """Return the time in which a stored account takes a broadcast."""
    value = codec.encode_account(account)
    seconds = []
    for number in range(5):
        at = account.clock + timedelta(seconds=1 + number)
        event = IncidentDeclared(
            org_id=account.org_id, at=at, incident_id=f"i{number}", severity=2, components=["queries"]
        )
        arrival = Arrival(Position(1, BROADCAST, 0, number), at, event)
        began = time.process_time()
        stepped = step(codec.decode_account(value), account.org_id, (arrival,), until=None, catalogue=catalogue,
                       policy=Policy())  # fmt: skip
        codec.encode_account(stepped.account)
        seconds.append(time.process_time() - began)
    return statistics.median(seconds)


def _row_overhead() -> float:
    """Return what a table row costs beyond its value: key, header and its place in a dictionary of 100,000."""
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    table = {f"organization-{number:08d}".encode(): bytes(2_000) for number in range(100_000)}
    used = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    return used / len(table) - 2_000


def _sent_memory(said: Transition) -> float:
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    known = SentMemory()
    for number in range(10_000):
        sent = Sent(
            signal_id=f"{number:016d}", seq=2, sink="slack", destination="#sales-alerts",
            ref={"channel": "C0123456789", "ts": f"17680000{number:05d}.000100"}, at=said.at, severity="notice",
            owner="ada@example.com", band="|now_volume|2e4", status="resolved", digest="0" * 20,
        )  # fmt: skip
        known[sent.key] = sent
    used = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    return used / len(known)


# -- showing -----------------------------------------------------------------------------------------------------------


MEANING = {
    "event_bytes": "one input record's value",
    "decode_merge_us": "µs per event: decode, validate, merge",
    "pack_bytes": "per event on `account-updates`",
    "step_us": "µs per event: the engine alone",
    "codec_us": "µs per update: read and write the stored account",
    "quiet_day_us": "µs per account and midnight on which nothing happens",
    "broadcast_us": "µs per account and broadcast",
    "stored_bytes": "an account as stored, after a year",
    "row_overhead_bytes": "what Python adds to a stored account in the table",
    "signals_per_year": "signals opened per account and year, by today's rules",
    "transitions_per_signal": "steps in the life of one",
    "transition_bytes": "one step as written",
    "sent_memory_bytes": "one record of `sent.<sink>` in deliver's memory",
    "ingest_per_s": "events a second and core through Kafka",
    "detect_updates_per_s": "account updates a second and worker through Faust",
    "recovery_bytes_per_s": "changelog read into the table, per worker",
}

ROWS = (
    ("events a second, mean", "events_per_s", "{:,.1f}"),
    ("events a second to plan for", "needed_events_per_s", "{:,.0f}"),
    ("partitions", "partitions", "{:,}"),
    ("ingest workers", "ingest_workers", "{:,}"),
    ("detect workers", "detect_workers", "{:,}"),
    ("state, stored", "state_gb", "{:,.2f} GB"),
    ("table in memory, per detect worker", "table_memory_gb_per_worker", "{:,.2f} GB"),
    ("recovery without a standby", "recovery_s", "{:,.1f} s"),
    ("midnight, per detect worker", "midnight_s_per_worker", "{:,.1f} s"),
    ("a broadcast, per detect worker", "broadcast_s_per_worker", "{:,.1f} s"),
    ("input topics a day, three copies", "input_gb_per_day", "{:,.2f} GB"),
    ("changelog written a day, three copies", "changelog_gb_per_day", "{:,.1f} GB"),
    ("cards a day", "cards_per_day", "{:,.0f}"),
    ("channels, for people to read them", "channels_to_read", "{:,}"),
    ("Slack's limits take of a day", "slack_hours_per_day", "{:,.1f} h"),
    ("share of the CRM's calls a day", "crm_share_of_day", "{:.1%}"),
    ("sent.<sink> in memory after a year, all workers", "sent_memory_gb_after_a_year", "{:,.2f} GB"),
)


def table(plans: Sequence[Plan]) -> str:
    """Return the plans side by side, as Markdown."""
    lines = ["| | " + " | ".join(f"{one.accounts:,} accounts" for one in plans) + " |", "|---|" + "---:|" * len(plans)]
    lines += [
        f"| {label} | " + " | ".join(form.format(getattr(one, name)) for one in plans) + " |"
        for label, name, form in ROWS
    ]
    return "\n".join(lines)


def costs_table(costs: Costs) -> str:
    """Return the unit costs, as Markdown."""
    lines = ["| cost | | what |", "|---|---:|---|"]
    for one in fields(Costs):
        value = getattr(costs, one.name)
        lines.append(f"| `{one.name}` | {value:,.1f} | {MEANING[one.name]} |")
    return "\n".join(lines)


def written(page: str) -> str:
    """Return docs/scaling.md with its two tables computed from ``KNOWN``."""
    tables = {"costs": costs_table(KNOWN), "plans": table([plan(size, KNOWN) for size in SIZES])}
    for name, text in tables.items():
        before, _, rest = page.partition(f"<!-- {name} -->\n")
        _, _, after = rest.partition(f"<!-- /{name} -->")
        page = f"{before}<!-- {name} -->\n{text}\n<!-- /{name} -->{after}"
    return page


def main() -> int:
    """Run and print; return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--measure", action="store_true", help="measure unit costs first")
    parser.add_argument("--accounts", type=int, default=40, help="of the simulated company (default %(default)s)")
    parser.add_argument("--days", type=int, default=365, help="of its history (default %(default)s)")
    parser.add_argument("--costs", type=Path, help="JSON object whose names are those of Costs; overrides")
    parser.add_argument("--write", action="store_true", help="write the tables of docs/scaling.md again, from KNOWN")
    parser.add_argument("--json", type=Path, help="write costs and plans there, too")
    arguments = parser.parse_args()
    if arguments.write:
        PAGE.write_text(written(PAGE.read_text()))
        return 0
    costs = measure(arguments.accounts, arguments.days) if arguments.measure else KNOWN
    if arguments.costs is not None:
        given = json.loads(arguments.costs.read_text())
        costs = replace(costs, **{one.name: given[one.name] for one in fields(Costs) if one.name in given})
    plans = [plan(accounts, costs) for accounts in SIZES]
    for name, value in asdict(costs).items():
        print(f"{name:24} {value:,.1f}")  # noqa: T201 - this is its output
    print()  # noqa: T201
    print(table(plans))  # noqa: T201
    if arguments.json is not None:
        arguments.json.write_text(
            json.dumps({"costs": asdict(costs), "plans": [asdict(one) for one in plans]}, indent=1)
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
