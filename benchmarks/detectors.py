"""How well the learning detectors do on recorded series, beside simple ones, and what a record costs.

    python benchmarks/detectors.py nab --data ../shared/data/nab --out var/detection/nab

Sets: nab and cloudmon (spike and drop), runway (credit), churn (going quiet). The folder may be any of the same layout.
Files are written for the scorers that come with the data (``--tools``, by default the folder ``tools`` beside it).
"""

import argparse
import sys
from importlib import import_module
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.detection.table import show

MEASUREMENTS = {"nab": "anomalies", "cloudmon": "anomalies", "runway": "runway", "churn": "churn"}


def main() -> None:
    """Measure one set and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("set", choices=sorted(MEASUREMENTS))
    parser.add_argument("--data", type=Path, required=True, help="the set's own folder")
    parser.add_argument("--out", type=Path, required=True, help="where the files for the scorer are written")
    parser.add_argument("--tools", type=Path, help="folder of the scorers; by default ../tools beside the data")
    given = parser.parse_args()
    tools = given.tools or given.data.resolve().parent / "tools"
    rows = import_module(f"benchmarks.detection.{MEASUREMENTS[given.set]}").measure(given.data, given.out, tools)
    show(f"{given.set}: {given.data}", rows)


if __name__ == "__main__":
    main()
