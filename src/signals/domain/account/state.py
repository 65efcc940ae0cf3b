"""The account: one value per organization, replaced and never changed in place."""

from datetime import datetime

import msgspec

from signals.domain.account.billing import Billing
from signals.domain.account.care import Care
from signals.domain.account.contact import Contact
from signals.domain.account.credits import Credits
from signals.domain.account.growth import Growth
from signals.domain.account.heard import Heard
from signals.domain.account.history import History
from signals.domain.account.incidents import Incidents
from signals.domain.account.intents import Intents
from signals.domain.account.interest import Interest
from signals.domain.account.leads import Leads
from signals.domain.account.learnt import Learnt
from signals.domain.account.life import Life
from signals.domain.account.market import Market
from signals.domain.account.mix import Mix
from signals.domain.account.paperwork import Paperwork
from signals.domain.account.people import People
from signals.domain.account.profile import Profile
from signals.domain.account.refunds import Refunds
from signals.domain.account.relationship import Relationship
from signals.domain.account.training import Trainings
from signals.domain.account.traits import Traits
from signals.domain.account.usage import Usage
from signals.domain.account.work import Work

SCHEMA = 4
"""Version of the stored value; ``streams/codec.py`` upgrades older ones on read."""


class Account(msgspec.Struct, frozen=True, omit_defaults=True):
    """All we know and remember of one organization.

    ``clock`` only moves forward: the largest event time applied, ``reached`` of an arrival, or a timer's due time.
    """

    org_id: str
    clock: datetime
    wake: datetime | None = None
    """The soonest timer; the worker keeps a heap of these per partition."""
    profile: Profile = Profile()
    usage: Usage = Usage()
    people: People = People()
    billing: Billing = Billing()
    credits: Credits = Credits()
    relationship: Relationship = Relationship()
    intents: Intents = Intents()
    traits: Traits = Traits()
    work: Work = Work()
    heard: Heard = Heard()
    leads: Leads = Leads()
    market: Market = Market()
    incidents: Incidents = Incidents()
    trainings: Trainings = Trainings()
    care: Care = Care()
    growth: Growth = Growth()
    contact: Contact = Contact()
    history: History = History()
    paperwork: Paperwork = Paperwork()
    interest: Interest = Interest()
    mix: Mix = Mix()
    refunds: Refunds = Refunds()
    learnt: Learnt = Learnt()
    life: Life = Life()

    @property
    def seed(self) -> str:
        """What the ids of its signals are derived from: a signal after an erasure is never one from before it."""
        erased_at = self.life.erased_at
        return self.org_id if erased_at is None else f"{self.org_id} {erased_at.isoformat()}"


FACETS = (
    "profile",
    "usage",
    "people",
    "billing",
    "credits",
    "relationship",
    "intents",
    "traits",
    "work",
    "heard",
    "leads",
    "market",
    "incidents",
    "trainings",
    "care",
    "growth",
    "contact",
    "history",
    "paperwork",
    "interest",
    "mix",
    "refunds",
    "learnt",
)
