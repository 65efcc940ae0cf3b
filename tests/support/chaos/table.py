"""An outcome in words."""

from collections import Counter

from support.chaos.run import Outcome
from support.chaos.verdict import Count

COLUMNS = ("expected", "lost", "extra", "wrong", "doubled", "repeated")


def table(outcome: Outcome) -> str:
    """Return the whole outcome, a finding a line."""
    plan = outcome.plan
    lines = [
        f"{outcome.faults.total()} faults in {outcome.took_s:.0f} s (seed {plan.seed}); {outcome.records} records "
        f"sent, {outcome.inputs} on the input topics, {outcome.feed_retries} sent again",
        "",
        *_counted("fault", outcome.faults),
        *_counted("call that went wrong", sum(outcome.sink_faults.values(), Counter())),
        *_counted(
            "end of a process",
            Counter({f"{role}: {how}": n for role, counts in outcome.exits.items() for how, n in counts.items()}),
        ),
        f"{'output':22}" + "".join(f"{name:>10}" for name in COLUMNS),
        *(_row(name, count) for name, count in outcome.counts.items()),
        "",
        *(f"{name}: {text}" for name, count in outcome.counts.items() for text in count.examples),
    ]
    if not outcome.drained:
        lines.append(f"NOT DRAINED within {plan.drain_s:.0f} s; left: {outcome.left}")
    lines.append("clean: nothing lost, extra, wrong or doubled" if outcome.clean else "NOT CLEAN")
    return "\n".join(lines)


def _counted(title: str, counter: Counter[str]) -> list[str]:
    return [f"{title:44}{'count':>8}", *(f"  {name:42}{count:8}" for name, count in counter.most_common()), ""]


def _row(name: str, count: Count) -> str:
    numbers = (getattr(count, column) for column in COLUMNS)
    return f"{name:22}" + "".join(f"{number:10}" for number in numbers)
