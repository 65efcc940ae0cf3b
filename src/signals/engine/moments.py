"""One account at one instant, as the engine gives it to rules: the moment, and which conditions hold by its memory."""

from datetime import datetime

from signals.detectors.language.names import UNKNOWN, Truth
from signals.detectors.moment import Moment
from signals.domain.account.life import Life
from signals.domain.account.state import Account
from signals.engine.catalogue import Catalogue
from signals.engine.policy import Policy

Truths = dict[str, dict[str, Truth]]
"""Rule -> key -> whether its condition holds; a pair that is not there: it does not."""


def truths_of(life: Life) -> Truths:
    """Return what is remembered to hold (a held signal holds as an open one does), and what is unknown."""
    truths: Truths = {}
    for tag, episode in life.episodes.items():
        if episode.state in ("open", "held"):
            rule, key = tag.split("|", 1)
            truths.setdefault(rule, {})[key] = True
    for tag in life.unknown:
        rule, key = tag.split("|", 1)
        truths.setdefault(rule, {}).setdefault(key, UNKNOWN)
    return truths


def moment_of(account: Account, now: datetime, catalogue: Catalogue, policy: Policy, truths: Truths) -> Moment:
    """Return the moment rules look at; *truths* may be filled while they are evaluated."""
    return Moment(
        account,
        now,
        zone=policy.zone,
        terms=policy.terms,
        names=catalogue.names,
        truths=truths,
        levels=catalogue.levels,
    )
