"""Decode, merge and combine one partition's backlog in this process, without a broker; prints CPU time per event.

Medians of ``--runs``; ``--json OUT`` writes them. `benchmarks/ingest_kafka.py` has the whole role on Kafka.
"""

import argparse
import statistics
import sys
import time
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.load import history, say, write_json

from signals.domain.events.kinds import INPUT_TOPICS, InputTopic
from signals.ingest.combine import Combiner
from signals.ingest.decode import RecordDecoder
from signals.ingest.merge import PartitionMerge, Taken
from signals.ingest.record import RawRecord
from signals.streams.topics import partition_for
from signals.wiring.processes import settle_collector

PARTITIONS = 8


def records(count: int) -> dict[InputTopic, list[RawRecord]]:
    """Return the records of one partition of a history of 2,000 accounts, in the order of their topics."""
    found: dict[InputTopic, list[RawRecord]] = {topic: [] for topic in INPUT_TOPICS}
    homes: dict[str, int] = {}
    for event in history(2_000, 1 + count * PARTITIONS // 20_000):
        home = homes.get(event.key)
        if home is None:
            home = homes[event.key] = partition_for(event.key, PARTITIONS)
        if home == 0:
            some = found[event.topic]
            some.append(RawRecord(event.topic, 0, len(some), event.key.encode(), event.value, (), 1_800_000_000_000))
    return found


def stages(history_of: dict[InputTopic, list[RawRecord]]) -> tuple[dict[str, float], int, float]:
    """Return CPU seconds of each stage, and number and mean size of the messages."""
    clock = time.process_time
    t0 = clock()
    decoder = RecordDecoder(PARTITIONS)
    decoded = {topic: list(decoder.decode_all(topic, 0, some)) for topic, some in history_of.items()}
    t1 = clock()
    merge = PartitionMerge(1, timedelta(0))
    for topic, some in decoded.items():
        merge.start_at(topic, 0, len(some))
        merge.offer(topic, some, len(some), 0.0)
    taken = [step for step in merge.take(0.0) if isinstance(step, Taken)]
    t2 = clock()
    combiner = Combiner(0)
    combiner.add(taken, 0.0)
    messages = combiner.flush()
    t3 = clock()
    size = statistics.mean(len(message.value) for message in messages)
    return {"decode": t1 - t0, "merge": t2 - t1, "combine": t3 - t2}, len(messages), size


def main() -> int:
    """Run and print; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--json", type=Path, metavar="OUT")
    arguments = parser.parse_args()
    some = records(arguments.n)
    count = sum(len(records) for records in some.values())
    settle_collector()
    runs = [stages(some) for _ in range(arguments.runs)]
    each = {name: 1e6 * statistics.median(took[name] for took, _, _ in runs) / count for name in runs[0][0]}
    _, messages, size = runs[0]
    say(
        f"{1e6 / sum(each.values()):,.0f} events/s; us of CPU per event: "
        + ", ".join(f"{name} {us:.2f}" for name, us in each.items())
        + f"; {count} events, {messages} messages of {size:,.0f} B"
    )
    write_json(arguments.json, {"events": count, "us": each})
    return 0


if __name__ == "__main__":
    sys.exit(main())
