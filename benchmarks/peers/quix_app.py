"""The peer: Quix Streams, one state write per event.

``python quix_app.py BOOTSTRAP INPUTS PREFIX PARTITIONS FOLDER``.
Nothing of ours in it but the three detectors: Quix Streams' own state, changelog, serializers and settings.
"""

import sys
from pathlib import Path
from typing import Any

from quixstreams import Application, State  # type: ignore[import-not-found]  # lives in an environment of its own

sys.path.insert(0, str(Path(__file__).parents[2]))

from benchmarks.peers.progress import Done
from benchmarks.peers.three_detectors import apply, new_state

bootstrap, inputs_prefix, prefix, partitions, folder = sys.argv[1:6]
app = Application(
    broker_address=bootstrap,
    consumer_group=f"{prefix}quix",
    auto_offset_reset="earliest",
    state_dir=folder,
    loglevel="ERROR",
)
done = Done()


def detect(event: dict[str, Any], state: State) -> list[dict[str, Any]]:
    """Take one event."""
    account = state.get("account") or new_state()
    alerts = apply(account, event)
    state.set("account", account)
    done.events += 1
    return alerts


names = [f"{inputs_prefix}{name}.events.v1" for name in ("usage", "billing", "crm")]
first, *others = [app.dataframe(app.topic(name, key_deserializer="str", value_deserializer="json")) for name in names]
for other in others:
    first = first.concat(other)
first.apply(detect, stateful=True, expand=True).to_topic(
    app.topic(f"{prefix}alerts", key_serializer="str", value_serializer="json")
)

if __name__ == "__main__":
    app.run()
