"""The peer: a plain Faust app, one table write per event.

``python faust_app.py BOOTSTRAP INPUTS PREFIX PARTITIONS FOLDER``.
Nothing of ours in it but the three detectors: Faust's own agent, table, serializers and settings.
"""

import sys
from pathlib import Path
from typing import Any

import faust

sys.path.insert(0, str(Path(__file__).parents[2]))

from benchmarks.peers.progress import Done
from benchmarks.peers.three_detectors import apply, new_state

bootstrap, inputs_prefix, prefix, partitions, folder = sys.argv[1:6]
app = faust.App(
    f"{prefix}faust",
    broker=f"kafka://{bootstrap}",
    store="memory://",
    datadir=folder,
    topic_partitions=int(partitions),
    topic_replication_factor=1,
    consumer_auto_offset_reset="earliest",
    web_enabled=False,
)
inputs = app.topic(
    *(f"{inputs_prefix}{name}.events.v1" for name in ("usage", "billing", "crm")), value_serializer="json"
)
alerts = app.topic(f"{prefix}alerts", value_serializer="json")
accounts = app.Table("accounts", default=new_state, partitions=int(partitions))
done = Done()


@app.agent(inputs)  # type: ignore[untyped-decorator]  # Faust is untyped
async def detect(stream: Any) -> None:
    """Take one event after the other."""
    async for event in stream:
        state = accounts[event["org_id"]]
        for alert in apply(state, event):
            await alerts.send(key=event["org_id"], value=alert)
        accounts[event["org_id"]] = state
        done.events += 1


if __name__ == "__main__":
    sys.argv = [sys.argv[0], "worker", "--loglevel", "error", "--without-web"]
    app.main()
