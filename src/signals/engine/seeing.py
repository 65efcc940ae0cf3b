"""What one look at a rule for one key sees: whether it holds, whether it is over, how severe, what people would see."""

from datetime import datetime

from signals.detectors.contract import Rule, Variant
from signals.detectors.language.expression import Expression
from signals.detectors.language.names import UNKNOWN, Truth
from signals.detectors.moment import Look
from signals.domain.account.life import Episode
from signals.engine.content import shown
from signals.engine.lifecycle import Seen
from signals.engine.policy import Routing
from signals.engine.routing import owner_of, plan_of, route
from signals.engine.tracked import sample_of, severity_of, truth_of, variant_of


def see(rule: Rule, episode: Episode | None, look: Look, wakes: list[datetime], routing: Routing) -> Seen:
    """Return what there is to see; the wake-ups of what was evaluated are added to *wakes*."""
    opened = episode is not None and episode.state == "open"
    when = _truth(rule.when, look, wakes, False)
    clear = _truth(rule.clear, look, wakes, UNKNOWN) if opened else UNKNOWN
    again = _truth(rule.again, look, wakes, False) if opened else False
    if episode is None and when is not True:
        return Seen(when)  # nothing came of it and nothing will: the rest is about signals
    severity, variant = rule.severity, None
    if (when is True or opened) and (rule.variants or rule.severities):
        for condition in (*(one.when for one in rule.variants), *(case.when for case in rule.severities)):
            mark_wakes(condition, look, wakes)
        variant = variant_of(rule, look)
        severity = severity_of(rule, variant, look)
    glance = ""
    if opened and when is True:
        glance = shown(rule, severity, _who(rule, variant, look, routing), look)
    return Seen(when, clear, again, severity, glance, sample_of(rule, look.moment))


def _who(rule: Rule, variant: Variant | None, look: Look, routing: Routing) -> str:
    """Return who is asked to act."""
    family = variant.family if variant is not None and variant.family is not None else rule.family
    account = look.moment.state
    if plan_of(rule, variant).tag_owner:
        return owner_of(account, family, routing).name
    return route(rule, variant, family, account, look, routing).owner.name


def mark_wakes(expression: Expression, look: Look, wakes: list[datetime]) -> None:
    """Add the instants at which an expression may have another value to *wakes*, those that are past among them."""
    if expression.timed and expression.let is not None and expression.let.mark is not None:
        expression.let.mark(look, wakes)


def _truth(expression: Expression | None, look: Look, wakes: list[datetime], without: Truth) -> Truth:
    if expression is None:
        return without
    mark_wakes(expression, look, wakes)
    return truth_of(expression.evaluate(look))
