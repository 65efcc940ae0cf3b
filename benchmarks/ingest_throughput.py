"""Decode, merge and combine one partition's backlog in this process, without a broker; prints events a second."""

import argparse
import sys
import time
from datetime import UTC, datetime, timedelta
from random import Random

import msgspec

from signals.domain.events.kinds import InputTopic
from signals.ingest.combine import Combiner
from signals.ingest.decode import RecordDecoder
from signals.ingest.merge import PartitionMerge, Taken
from signals.ingest.record import RawRecord
from signals.streams.topics import partition_for

PARTITIONS = 8


def records(count: int) -> dict[InputTopic, list[RawRecord]]:
    """Return usage and CRM records of 500 accounts of one partition, in time order per topic."""
    rng = Random(1)  # noqa: S311 - to be repeated, not to be secret
    keys = [key for n in range(5000) if partition_for(key := f"org {n}", PARTITIONS) == 0][:500]
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    found: dict[InputTopic, list[RawRecord]] = {"usage": [], "crm": []}
    for n in range(count):
        key, at = rng.choice(keys), (begin + timedelta(seconds=n)).isoformat()
        topic: InputTopic = "crm" if n % 5 == 0 else "usage"
        value: dict[str, object] = {"org_id": key, "at": at}
        if topic == "crm":
            value |= {"kind": "touch_logged", "medium": "chat", "direction": "inbound"}
        else:
            value |= {"kind": "user_acted", "person_id": f"p{n % 9}", "action": "insight created"}
        data = msgspec.json.encode(value)
        found[topic].append(RawRecord(topic, 0, len(found[topic]), key.encode(), data, (), 1_800_000_000_000))
    return found


def main() -> int:
    """Run and print; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=200_000)
    arguments = parser.parse_args()
    history = records(arguments.n)
    clock = time.perf_counter
    t0 = clock()
    decoder = RecordDecoder(PARTITIONS)
    decoded = {topic: [decoder.decode(record) for record in some] for topic, some in history.items()}
    t1 = clock()
    merge = PartitionMerge(1, timedelta(0))
    for topic in ("usage", "billing", "crm", "feedback"):
        merge.start_at(topic, 0, len(history.get(topic, ())))
    for topic, some in decoded.items():
        merge.offer(topic, some, len(some), 0.0)
    taken = [step for step in merge.take(0.0) if isinstance(step, Taken)]
    t2 = clock()
    combiner = Combiner(0)
    for step in taken:
        combiner.add([step], 0.0)
    messages = combiner.flush()
    t3 = clock()
    size = sum(len(message.value) for message in messages)
    rate = arguments.n / (t3 - t0)
    each = [f"{name} {1e6 * took / arguments.n:.1f}" for name, took in
            (("decode", t1 - t0), ("merge", t2 - t1), ("combine and encode", t3 - t2))]  # fmt: skip
    sys.stdout.write(
        f"{rate:,.0f} events/s; us per event: {', '.join(each)};"
        f" {len(messages)} messages of {size / len(messages):,.0f} B\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
