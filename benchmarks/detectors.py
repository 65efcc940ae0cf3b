"""How well the learning detectors do on recorded series, beside simple ones, and what a record costs.

    python benchmarks/detectors.py nab --data ../shared/data/nab --out var/detection/nab

Sets: nab and cloudmon (spike and drop), runway (credit), churn (going quiet). The folder may be any of the same layout.
Files are written for the scorers that come with the data (``--tools``, by default the folder ``tools`` beside it).
"""

import argparse
import os
import shutil
import sys
from importlib import import_module
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.detection.folders import Unusable
from benchmarks.detection.table import PYTHON, show

MEASUREMENTS = {"nab": "anomalies", "cloudmon": "anomalies", "runway": "runway", "churn": "churn"}
THRESHOLDS = Path(__file__).parent / "thresholds"


def main() -> None:
    """Measure one set and print the table; one line and exit code 2 where that cannot be."""
    try:
        run()
    except Unusable as error:
        sys.stderr.write(f"error: {error}\n")
        sys.exit(2)


def run() -> None:
    """Measure what the arguments ask for."""
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
    anomalies = MEASUREMENTS[given.set] == "anomalies"
    if given.python:
        os.environ[PYTHON] = str(given.python)
    interpreter = os.environ.get(PYTHON)
    if interpreter and not shutil.which(interpreter):
        raise Unusable(f"--python: no interpreter {interpreter}")
    if not given.data.is_dir():
        raise Unusable(f"--data: no folder {given.data}")
    if given.tools and not tools.is_dir():
        raise Unusable(f"--tools: no folder {tools}")
    if given.out.resolve().is_relative_to(given.data.resolve()) or (given.out.exists() and not given.out.is_dir()):
        raise Unusable(f"--out: {given.out} is no folder or inside the data")
    if given.save_thresholds and not anomalies:
        raise Unusable(f"--save-thresholds: {given.set} has none to choose")
    module = import_module(f"benchmarks.detection.{MEASUREMENTS[given.set]}")
    # The folder may have any name: thresholds belong to the set, chosen on its open half.
    fixed = {"thresholds": THRESHOLDS / f"{given.set}.json"} if anomalies else {}
    show(f"{given.set}: {given.data}", module.measure(given.data, given.out, tools, **fixed))
    if given.save_thresholds:
        module.save_thresholds(given.out, given.set)


if __name__ == "__main__":
    main()
