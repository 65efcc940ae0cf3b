"""Spoil valid inputs a million times and decode them: ``python benchmarks/fuzz_inputs.py --n 1000000``.

The same code runs in the suite with 20,000. Prints how many of each format came out how; leaves with 1 when one of
them found a fault of ours.
"""

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from support.mutations import Fuzz


def main() -> int:
    """Run and print; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    fuzz = Fuzz(arguments.seed)
    begun = time.perf_counter()
    fuzz.run(arguments.n)
    took = time.perf_counter() - begun
    lines = [f"{fuzz.inputs} inputs in {took:.0f} s, {fuzz.events} events; seed {arguments.seed}"]
    lines += [f"  spoiled: {way:15} {count}" for way, count in sorted(fuzz.ways.items())]
    lines += [f"  {form:9} {outcome:16} {count}" for (form, outcome), count in sorted(fuzz.table.items())]
    lines += [f"  FAULT {message}: {value[:200]!r}" for message, value in fuzz.failed[:20]]
    balanced = sum(fuzz.table.values()) == fuzz.inputs
    lines.append("accounts balance" if balanced else "ACCOUNTS DO NOT BALANCE")
    sys.stdout.write("\n".join(lines) + "\n")
    return 0 if balanced and not fuzz.failed else 1


if __name__ == "__main__":
    sys.exit(main())
