"""What the whole catalogue costs against its first rules: the same history, one after the other, in one process.

The first set are the rules the simulator's plots are written for, with those they read; an update is one event of one
account. A plain history of ten events per account and day, and the simulator's company, where much happens.

    python benchmarks/rules.py --json rules.json
"""

import argparse
import gc
import json
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.history import write_history

from signals.backtest.replay import replay
from signals.engine.catalogue import Catalogue
from signals.engine.policy import Policy
from signals.ingest.decode import RecordDecoder
from signals.ingest.lines import read_files
from signals.settings.load import load_configuration
from signals.simulator.company import simulate
from signals.simulator.files import to_line
from signals.simulator.settings import PRESETS
from signals.streams.codec import encode_account
from signals.wiring.catalogue import catalogue_of

PARTITIONS = 8


def measure(file: Path, catalogue: Catalogue, runs: int) -> dict[str, float]:
    """Return the medians of *runs* replays of a file with these rules, in this process."""
    spent: list[float] = []
    for _ in range(runs):
        gc.collect()
        gc.disable()
        began = time.process_time()
        result = replay(
            read_files([file], partitions=PARTITIONS), decoder=RecordDecoder(PARTITIONS), catalogue=catalogue,
            policy=Policy(),
        )  # fmt: skip
        spent.append(time.process_time() - began)
        gc.enable()
    took = median(spent)
    return {
        "rules": len(catalogue.rules),
        "events": result.applied,
        "events_per_cpu_s": round(result.applied / took),
        "us_per_update": round(took / result.applied * 1e6),
        "looks_per_event": round(result.evaluated / result.applied, 1),
        "transitions": len(result.transitions),
        "stored_bytes": round(median(len(encode_account(one)) for one in result.accounts.values())),
    }


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")


def main() -> int:
    """Measure, print a table, write JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accounts", type=int, default=20)
    parser.add_argument("--days", type=int, default=60)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--json", type=Path)
    chosen = parser.parse_args()
    whole = catalogue_of(load_configuration(None, {}))
    company = simulate(PRESETS["tiny"])
    first = whole.around(planted.rule for planted in company.truth)
    found: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        plain, busy = Path(folder) / "plain.jsonl", Path(folder) / "company.jsonl"
        write_history(plain, accounts=chosen.accounts, days=chosen.days)
        busy.write_bytes(b"".join(to_line(record) + b"\n" for record in company.records()))
        for name, file in (("plain", plain), ("company", busy)):
            for rules, catalogue in (("first", first), ("all", whole)):
                found[f"{name}, {rules}"] = measure(file, catalogue, chosen.runs)
    columns = list(next(iter(found.values())))
    _say(f"{'':16}" + "".join(f"{name:>18}" for name in columns))
    for name, row in found.items():
        _say(f"{name:16}" + "".join(f"{row[column]:>18,}" for column in columns))
    if chosen.json is not None:
        chosen.json.write_text(json.dumps(found, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
