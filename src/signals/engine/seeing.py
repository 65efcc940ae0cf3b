"""What one look at a rule for one key sees: whether it holds, whether it is over, how severe, what people would see."""

from datetime import datetime

from signals.detectors.contract import Rule
from signals.detectors.language.expression import Expression
from signals.detectors.language.names import UNKNOWN, Truth
from signals.detectors.moment import Look
from signals.domain.account.life import Episode
from signals.engine.content import shown
from signals.engine.lifecycle import Seen
from signals.engine.policy import Routing
from signals.engine.routing import route
from signals.engine.tracked import sample_of, severity_of, truth_of, variant_of


def see(rule: Rule, episode: Episode | None, look: Look, wakes: list[datetime], routing: Routing) -> Seen:
    """Return what there is to see; the wake-ups of what was evaluated are added to *wakes*."""
    opened = episode is not None and episode.state == "open"
    when = _truth(rule.when, look, wakes, False)
    clear = _truth(rule.clear, look, wakes, UNKNOWN) if opened else UNKNOWN
    again = _truth(rule.again, look, wakes, False) if opened else False
    if episode is None and when is not True:
        return Seen(when)  # nothing came of it and nothing will: the rest is about signals
    severity = rule.severity
    if when is True or opened:
        for one in rule.variants:
            if one.when.timed:
                wakes.extend(one.when.wakes(look))
        severity = severity_of(rule, variant_of(rule, look), look)
        for case in rule.severities:
            if case.when.timed:
                wakes.extend(case.when.wakes(look))
    glance = ""
    if opened and when is True:
        variant = variant_of(rule, look)
        family = variant.family if variant is not None and variant.family is not None else rule.family
        routed = route(rule, variant, family, look.moment.state, look, routing)
        glance = shown(rule, severity, routed.owner.name, look)
    return Seen(when, clear, again, severity, glance, sample_of(rule, look.moment))


def _truth(expression: Expression | None, look: Look, wakes: list[datetime], without: Truth) -> Truth:
    if expression is None:
        return without
    if expression.timed:
        wakes.extend(expression.wakes(look))
    return truth_of(expression.evaluate(look))
