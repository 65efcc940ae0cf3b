"""Precision and recall of the whole catalogue: quiet accounts, and one planted story per live rule.

A planted signal is found when its rule opens, or waits for the one suggestion of its month (G13), whose card names it.
Whatever else opens on the account of a story is a fair companion (``tests/scenarios/companions.yaml``, with reasons) or
a false alarm. Quiet accounts are the simulator's, of every kind, with nothing planted: what opens there is what an
ordinary account tells its owner, and is printed as a rate.

    python benchmarks/planted.py --accounts 22 --days 75
"""

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from signals.backtest.replay import replay
from signals.domain.reasons import Change
from signals.domain.signal import Transition
from signals.ingest.decode import RecordDecoder
from signals.ingest.lines import LineReader
from signals.simulator.company import simulate
from signals.simulator.files import to_line
from signals.simulator.settings import SimulationSettings
from support.packaged import POLICY, catalogue
from support.stories import companions, events_told, planted, told

PARTITIONS = 8
MONTH = 30
# Days of the rates.

COLUMNS = ("planted", "opened", "waited", "held", "beside", "false", "quiet", "cards")


@dataclass
class Row:
    """One family: its planted signals, what opened beside stories, and what opened on quiet accounts."""

    planted: int = 0
    opened: int = 0
    waited: int = 0
    """For the suggestion of their month."""
    held: int = 0
    """By another guard, with a reason on the list."""
    companions: int = 0
    """Of this family, beside the stories of other rules."""
    false: int = 0
    quiet: int = 0
    cards: int = 0
    """Of the quiet ones: those that people get a card of; the others stand on one, or go to the CRM alone."""


@dataclass
class Outcome:
    """All of it."""

    families: dict[str, Row] = field(default_factory=dict)
    missed: list[str] = field(default_factory=list)
    false: list[str] = field(default_factory=list)
    quiet_rules: Counter[str] = field(default_factory=Counter)
    stories: int = 0
    story_events: int = 0
    quiet_events: int = 0
    seconds: float = 0.0

    def row(self, family: str) -> Row:
        """Return the row of a family."""
        return self.families.setdefault(family, Row())

    def total(self) -> Row:
        """Return the sums."""
        sums: Counter[str] = Counter()
        for row in self.families.values():
            sums.update(asdict(row))
        return Row(**sums)


def tell_stories(outcome: Outcome) -> None:
    """Tell each rule's story to the whole catalogue, on an account of its own."""
    for rule in planted():
        story = told(rule)
        outcome.stories += 1
        outcome.story_events += events_told(rule)
        row = outcome.row(rule.family)
        row.planted += 1
        if story.is_open:
            row.opened += 1
        elif story.passed_over():
            row.waited += 1
        elif companions().held.get(rule.id) in {one.guard for one in story.held if one.rule == rule.id}:
            row.held += 1
        else:
            outcome.missed.append(rule.id)
        for one in sorted(story.besides):
            beside = outcome.row(catalogue().by_id[one].family)
            if companions().allow(one, rule):
                beside.companions += 1
            else:
                beside.false += 1
                outcome.false.append(f"{one} beside {rule.id}")


def live_quietly(outcome: Outcome, accounts: int, days: int, seed: int) -> None:
    """Let quiet accounts live through their days."""
    simulation = simulate(SimulationSettings(accounts=accounts, days=days, seed=seed, plots=()))
    result = replay(
        LineReader(PARTITIONS).read(to_line(record) for record in simulation.records()),
        decoder=RecordDecoder(PARTITIONS),
        catalogue=catalogue(),
        policy=POLICY,
        until=simulation.end,
    )
    outcome.quiet_events = result.applied
    for one in result.transitions:
        if one.change in (Change.OPENED, Change.REOPENED):
            outcome.row(one.family).quiet += 1
            if _has_card(one):
                outcome.row(one.family).cards += 1
                outcome.quiet_rules[one.rule] += 1


def _has_card(one: Transition) -> bool:
    rule = catalogue().by_id[one.rule]
    variant = next((each for each in rule.variants if each.name == one.variant), None)
    plan = variant.route if variant is not None and variant.route is not None else rule.route
    return not one.grouped and "slack" in (plan.sinks or POLICY.routing.sinks)


def report(outcome: Outcome, accounts: int, days: int) -> Iterator[str]:
    """Yield the lines to print."""
    total = outcome.total()
    found = total.opened + total.waited
    alarms = total.opened + total.companions + total.false
    months = accounts * days / MONTH
    yield f"{outcome.stories} stories, {outcome.story_events:,} events; rules in force: {len(catalogue().rules)}"
    yield (
        f"recall    {found / total.planted:.1%}: {total.opened} opened, {total.waited} waited for the suggestion of "
        f"their month, {total.held} held by a guard as listed, {len(outcome.missed)} missed"
    )
    yield (
        f"precision {(alarms - total.false) / alarms:.1%}: of {alarms} openings {total.opened} planted, "
        f"{total.companions} fair companions, {total.false} false"
    )
    yield (
        f"quiet     {accounts} accounts, {days} days, {outcome.quiet_events:,} events: {total.quiet} openings "
        f"({total.quiet / months:.2f} an account and month), {total.cards} cards ({total.cards / months:.2f})"
    )
    yield ""
    yield "family".ljust(24) + "".join(name.rjust(8) for name in COLUMNS)
    for family, row in sorted(outcome.families.items()):
        yield family.ljust(24) + "".join(str(value).rjust(8) for value in asdict(row).values())
    yield ""
    common = ", ".join(f"{rule} {count}" for rule, count in outcome.quiet_rules.most_common(8))
    yield f"cards on quiet accounts: {common}"
    yield from (f"missed: {one}" for one in outcome.missed)
    yield from (f"false: {one}" for one in outcome.false)
    yield f"{outcome.seconds:.0f} s"


def main() -> None:
    """Run and print; ``--json`` writes the same figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accounts", type=int, default=22, help="quiet accounts (default: two of each kind)")
    parser.add_argument("--days", type=int, default=75)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    began = time.perf_counter()
    outcome = Outcome()
    tell_stories(outcome)
    live_quietly(outcome, options.accounts, options.days, options.seed)
    outcome.seconds = time.perf_counter() - began
    sys.stdout.write("\n".join([*report(outcome, options.accounts, options.days), ""]))
    if options.json is not None:
        options.json.write_text(json.dumps(asdict(outcome) | {"quiet_rules": dict(outcome.quiet_rules)}, indent=2))


if __name__ == "__main__":
    main()
