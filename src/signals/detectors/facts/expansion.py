"""Facts that rules on expansion ask for, joined."""

from signals.detectors.facts import billing_pages
from signals.detectors.language.names import Fact, Function

FACTS: tuple[Fact, ...] = (*billing_pages.FACTS,)

FUNCTIONS: tuple[Function, ...] = ()
