"""Facts that rules on expansion ask for, joined."""

from signals.detectors.facts import bill, billing_pages, limits, newcomers, phase, problems, quota
from signals.detectors.language.names import Fact, Function

FACTS: tuple[Fact, ...] = (
    *bill.FACTS,
    *billing_pages.FACTS,
    *limits.FACTS,
    *newcomers.FACTS,
    *phase.FACTS,
    *problems.FACTS,
    *quota.FACTS,
)

FUNCTIONS: tuple[Function, ...] = newcomers.FUNCTIONS
