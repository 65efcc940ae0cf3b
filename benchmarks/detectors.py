"""How well the learning detectors do on recorded series, beside simple ones, and what a record costs.

    python benchmarks/detectors.py nab --data ../shared/data/nab --out var/detection/nab

Sets: nab and cloudmon (spike and drop), runway (credit), churn (going quiet). The folder may be any of the same layout.
Files are written for the scorers that come with the data (``--tools``, by default the folder ``tools`` beside it).
"""

import argparse
import os
import sys
from importlib import import_module
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.detection.table import PYTHON, show

MEASUREMENTS = {"nab": "anomalies", "cloudmon": "anomalies", "runway": "runway", "churn": "churn"}
THRESHOLDS = Path(__file__).parent / "thresholds"


def main() -> None:
    """Measure one set and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("set", choices=sorted(MEASUREMENTS))
    parser.add_argument("--data", type=Path, required=True, help="the set's own folder")
    parser.add_argument("--out", type=Path, required=True, help="where the files for the scorer are written")
    parser.add_argument("--tools", type=Path, help="folder of the scorers; by default ../tools beside the data")
    parser.add_argument(
        "--python", type=Path, help="an interpreter with numpy and pandas for the scorer; by default this"
    )
    parser.add_argument(
        "--save-thresholds", action="store_true", help="nab, cloudmon: commit to the best ones of this run"
    )
    given = parser.parse_args()
    tools = given.tools or given.data.resolve().parent / "tools"
    if given.python:
        os.environ[PYTHON] = str(given.python)
    module = import_module(f"benchmarks.detection.{MEASUREMENTS[given.set]}")
    # The folder may have any name: thresholds belong to the set, chosen on its open half.
    fixed = {"thresholds": THRESHOLDS / f"{given.set}.json"} if MEASUREMENTS[given.set] == "anomalies" else {}
    show(f"{given.set}: {given.data}", module.measure(given.data, given.out, tools, **fixed))
    if given.save_thresholds:
        module.save_thresholds(given.out, given.set)


if __name__ == "__main__":
    main()
