"""One account at one instant, as the engine gives it to rules: the moment, and which conditions hold by its memory."""

from datetime import datetime

from signals.detectors.moment import Moment
from signals.domain.account.state import Account
from signals.engine.catalogue import Catalogue
from signals.engine.memory import Memory
from signals.engine.policy import Policy
from signals.engine.standing import Truths


def moment_of(
    account: Account, now: datetime, catalogue: Catalogue, policy: Policy, truths: Truths, memory: Memory | None = None
) -> Moment:
    """Return the moment rules look at; *truths* may be filled while they are evaluated."""
    moment = Moment(
        account,
        now,
        zone=policy.zone,
        terms=policy.terms,
        names=catalogue.names,
        truths=truths,
        levels=catalogue.levels,
        facts=None if memory is None else memory.facts,
    )
    if memory is not None:
        memory.comes_to(moment.today_number, catalogue)
    return moment
