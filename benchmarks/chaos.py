"""Break a running installation in every way we can, then compare: ``python benchmarks/chaos.py --json OUT``.

Needs java 17 and mvn. Starts three brokers and six workers on loopback, lets a simulated history flow through them
while faults happen, and compares what came out with what ``signals replay`` gives. Leaves with 1 when anything is lost,
extra, wrong or doubled. See docs/chaos.md.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from support.chaos.faults import KINDS
from support.chaos.member import SABOTAGES
from support.chaos.run import Plan, as_json, run
from support.chaos.table import table


def main() -> int:
    """Run and print; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--faults", type=int, default=Plan.faults, help="how many (%(default)s)")
    parser.add_argument("--seed", type=int, default=Plan.seed)
    parser.add_argument("--every", type=float, default=Plan.every_s, help="seconds between faults (%(default)s)")
    parser.add_argument("--accounts", type=int, default=Plan.accounts)
    parser.add_argument("--days", type=int, default=Plan.days)
    parser.add_argument("--merge-wait", default=Plan.merge_wait)
    parser.add_argument("--sink-faults", type=float, default=Plan.sink_faults, help="share of calls (%(default)s)")
    parser.add_argument("--drain", type=float, default=Plan.drain_s, help="most seconds to drain (%(default)s)")
    parser.add_argument("--kind", action="append", default=[], choices=[kind.name for kind in KINDS])
    parser.add_argument("--sabotage", default="", choices=["", *SABOTAGES], help="break signals itself")
    parser.add_argument("--json", type=Path, help="write everything there")
    parser.add_argument("--logs", type=Path, help="keep the logs there (default: a folder that is removed)")
    arguments = parser.parse_args()
    plan = Plan(
        faults=arguments.faults,
        seed=arguments.seed,
        every_s=arguments.every,
        accounts=arguments.accounts,
        days=arguments.days,
        merge_wait=arguments.merge_wait,
        sink_faults=arguments.sink_faults,
        drain_s=arguments.drain,
        kinds=tuple(arguments.kind),
        sabotage=arguments.sabotage,
    )
    with tempfile.TemporaryDirectory(prefix="signals-chaos-") as temporary:
        folder = arguments.logs or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        begun = time.monotonic()
        outcome = asyncio.run(run(plan, folder, lambda line: say(f"{time.monotonic() - begun:6.0f} s  {line}")))
    say(table(outcome))
    if arguments.json:
        arguments.json.write_bytes(as_json(outcome))
    return 0 if outcome.clean else 1


def say(line: str) -> None:
    """Print a line now."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
