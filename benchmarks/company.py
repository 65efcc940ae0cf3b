"""Precision and recall of what the simulator plants, over many accounts and a long time, with every rule in force.

Companies of fifty accounts, one after the other, each with every plot once and a plot on every third account besides;
what a company's rules say is scored against its truth (``simulator/score.py``) for the rules that have a plot. The rest
of the catalogue runs with them and is counted. ``benchmarks/planted.py`` has a story for each of those.

    python benchmarks/company.py --companies 20 --days 400
"""

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

from signals.backtest.replay import replay
from signals.domain.reasons import Change
from signals.engine.catalogue import Catalogue
from signals.engine.policy import Policy
from signals.ingest.decode import RecordDecoder
from signals.ingest.lines import LineReader
from signals.settings.load import load_configuration
from signals.simulator.company import simulate
from signals.simulator.files import to_line
from signals.simulator.score import score
from signals.simulator.settings import SimulationSettings
from signals.wiring.catalogue import catalogue_of

PARTITIONS = 8
ACCOUNTS = 50
PLOT_SHARE = 1 / 3
MONTHLY = "G13"
MONTH = 30
# Days of the rates.


@dataclass
class Outcome:
    """Sums over the companies."""

    companies: int = 0
    accounts: int = 0
    events: int = 0
    planted: int = 0
    found: int = 0
    unexpected: int = 0
    not_closed: int = 0
    explained: int = 0
    """Openings of rules with a plot that the truth explains."""
    others: int = 0
    """Openings of the other rules."""
    seconds: float = 0.0
    rules: dict[str, list[int]] = field(default_factory=dict)
    """Rule -> planted, found, unexpected."""
    waited: int = 0
    """Planted and not opened, because another suggestion had the account's month (guard G13)."""
    missed: dict[str, int] = field(default_factory=dict)


def live(outcome: Outcome, settings: SimulationSettings, catalogue: Catalogue) -> None:
    """Let one company live, and score what was said of it."""
    company = simulate(settings)
    result = replay(
        LineReader(PARTITIONS).read(to_line(record) for record in company.records()),
        decoder=RecordDecoder(PARTITIONS),
        catalogue=catalogue,
        policy=Policy(),
        until=company.end,
    )
    plotted = {one.rule for one in company.truth}
    said = [one for one in result.transitions if one.rule in plotted]
    found = score(company.truth, said, result.suppressions)
    openings = [one for one in result.transitions if one.change in (Change.OPENED, Change.REOPENED)]
    outcome.companies += 1
    outcome.accounts += settings.accounts
    outcome.events += result.applied
    outcome.planted += found.planted
    outcome.found += found.found
    outcome.unexpected += len(found.unexpected)
    outcome.not_closed += len(found.not_closed)
    outcome.explained += sum(one.rule in plotted for one in openings) - len(found.unexpected)
    outcome.others += sum(one.rule not in plotted for one in openings)
    held = {(one.org_id, one.rule) for one in result.suppressions if one.guard == MONTHLY}
    missed = [one for one in found.missed if (one.org_id, one.rule) not in held]
    outcome.waited += len(found.missed) - len(missed)
    outcome.missed = dict(Counter(outcome.missed) + Counter(one.rule for one in missed))
    for rule, row in found.by_rule.items():
        counts = outcome.rules.setdefault(rule, [0, 0, 0])
        for place, value in enumerate((row.planted, row.found, row.unexpected)):
            counts[place] += value


def report(outcome: Outcome, days: int) -> Iterator[str]:
    """Yield the lines to print."""
    openings = outcome.explained + outcome.unexpected
    months = outcome.accounts * days / MONTH
    yield f"{outcome.companies} companies, {outcome.accounts} accounts, {days} days, {outcome.events:,} events"
    yield (
        f"recall    {(outcome.found + outcome.waited) / outcome.planted:.2%}: of {outcome.planted} planted "
        f"{outcome.found} opened, {outcome.waited} waited for the suggestion of their month, "
        f"{sum(outcome.missed.values())} missed"
    )
    yield (
        f"precision {outcome.explained / openings:.2%}: {outcome.unexpected} of {openings} openings of rules with a "
        f"plot are not explained; {outcome.not_closed} not closed when their reason was over"
    )
    yield f"others    {outcome.others} openings of other rules ({outcome.others / months:.2f} an account and month)"
    yield ""
    yield "rule".ljust(40) + "planted".rjust(9) + "found".rjust(9) + "unexplained".rjust(13)
    for rule, (planted, found, unexpected) in sorted(outcome.rules.items()):
        yield rule.ljust(40) + f"{planted:9}{found:9}{unexpected:13}"
    yield from (f"missed: {rule} {count}" for rule, count in sorted(outcome.missed.items()))
    yield f"{outcome.seconds:.0f} s"


def main() -> None:
    """Run and print; ``--json`` writes the same figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--companies", type=int, default=2)
    parser.add_argument("--accounts", type=int, default=ACCOUNTS, help="of each company")
    parser.add_argument("--days", type=int, default=120)
    parser.add_argument("--events-per-day", type=float, default=3)
    parser.add_argument("--seed", type=int, default=1, help="of the first company; the next has the next")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    catalogue = catalogue_of(load_configuration(None, {}))
    outcome = Outcome()
    began = time.perf_counter()
    for number in range(options.companies):
        live(
            outcome,
            SimulationSettings(
                accounts=options.accounts,
                days=options.days,
                seed=options.seed + number,
                events_per_day=options.events_per_day,
                plot_share=PLOT_SHARE,
            ),
            catalogue,
        )
        outcome.seconds = time.perf_counter() - began
        if options.json is not None:
            options.json.write_text(json.dumps(asdict(outcome), indent=1))
    sys.stdout.write("\n".join([*report(outcome, options.days), ""]))


if __name__ == "__main__":
    main()
