"""Facts about how we look after an account: at risk since when, what is unanswered, who of us wrote, visits."""

from datetime import date, datetime, timedelta

from msgspec import UNSET

from signals.detectors.facts.windows import Series, total
from signals.detectors.language.names import UNKNOWN, Fact, Kind, Truth
from signals.detectors.moment import Look, fact
from signals.domain.account.care import Talk, risk_since
from signals.domain.account.daily import Daily, business_day
from signals.domain.account.usage import TOTAL

LEVEL = timedelta(days=28)
"""PROPOSED: usage of the last 28 closed days against the 28 before the flag."""


def _flagged_at(look: Look) -> object:
    care = look.moment.state.care
    return risk_since(care) if care.risk else UNKNOWN


def _recovered(look: Look) -> Truth:
    """Return whether usage is above the level of before the flag; false without a flag."""
    flagged = _flagged_at(look)
    if not isinstance(flagged, datetime):
        return UNKNOWN if flagged is UNKNOWN else False
    series = Series(TOTAL, look.moment.state.usage.days.get(TOTAL, Daily()))
    since = look.moment.today_number - business_day(flagged, look.zone)
    now, then = total(look, series, LEVEL), total(look, series, LEVEL, timedelta(days=since))
    return now > then if isinstance(now, int) and isinstance(then, int) else UNKNOWN


def _unanswered_at(look: Look) -> datetime | None:
    """Return the first message of the customer since our last one in the shared channel."""
    first = None
    for word in look.moment.state.care.words:
        first = (first or word.at) if word.theirs else None
    return first


class TalkView:
    """One touch of ours as rules see it; ``role`` is csm, tam, or other."""

    __slots__ = ("at", "by", "role", "topics")

    def __init__(self, talk: Talk, role: str) -> None:
        self.at, self.by, self.topics, self.role = talk.at, talk.by, talk.topics, role


def _holder(look: Look, name: str) -> object:
    known = look.moment.state.traits.values.get(name)
    return UNKNOWN if known is None else known.value


def _overlay(look: Look) -> Truth:
    """Return whether a CSM and a TAM, two people, look after the account together."""
    csm, tam = _holder(look, "csm"), _holder(look, "tam")
    if csm is None or tam is None:
        return False
    return UNKNOWN if csm is UNKNOWN or tam is UNKNOWN else csm != tam


def _talks(look: Look) -> tuple[TalkView, ...]:
    roles = {_holder(look, name): name for name in ("csm", "tam")}
    return tuple(TalkView(one, roles.get(one.by, "other")) for one in look.moment.state.care.talks)


def _same_checkin(look: Look) -> object:
    """Return how far apart the two nearest check-ins of CSM and TAM were, of those that end with the newest."""
    asked = [one for one in _talks(look) if "check_in" in one.topics and one.role != "other"]
    if not asked:
        return None
    newest = asked[-1]
    others = [one.at for one in asked if one.role != newest.role]
    return newest.at - others[-1] if others else None


def _last_check_in(look: Look) -> datetime | None:
    asked = [one.at for one in _talks(look) if "check_in" in one.topics and one.role != "other"]
    return asked[-1] if asked else None


DAY = timedelta(days=1)
"""Our reading of "yesterday": tickets of the 24 hours before a pitch (catalogue 1.13)."""


def _last_pitch(look: Look) -> datetime | None:
    found = [one.at for one in _talks(look) if one.role == "tam" and "pitch" in one.topics]
    return found[-1] if found else None


def _tickets_before_pitch(look: Look) -> int:
    """Return how many tickets were opened in the day before the TAM's newest pitch."""
    pitched = _last_pitch(look)
    tickets = look.moment.state.relationship.tickets.values()
    return sum([pitched is not None and one.opened_at is not None and pitched - DAY <= one.opened_at <= pitched
                for one in tickets])  # fmt: skip


def _last_price_talk(look: Look) -> datetime | None:
    found = [one.at for one in _talks(look) if one.role == "csm" and "price_talk" in one.topics]
    return found[-1] if found else None


def _pitch_streak(look: Look) -> int:
    """Return how many of the TAM's newest touches in a row were all pitches."""
    streak = 0
    for one in reversed([talk for talk in _talks(look) if talk.role == "tam"]):
        if "pitch" not in one.topics:
            break
        streak += 1
    return streak


def _outbound_by_owner(look: Look) -> object:
    """Return the newest touch that the owner in force made; null when none is known."""
    owner = look.moment.state.profile.owner
    if owner is UNSET:
        return UNKNOWN
    found = [one.at for one in look.moment.state.care.talks if one.by == owner]
    return found[-1] if found else None


def _visited_at(look: Look) -> datetime | None:
    done = look.moment.state.work.done.get("on_site_visit")
    noted = look.moment.state.care.on_site_at
    if done is None or noted is None:
        return noted if done is None else done.last_at
    return max(done.last_at, noted)


def _optimised_on(look: Look) -> date | None:
    at = look.moment.state.care.optimised_at
    return None if at is None else at.astimezone(look.zone).date()


_TALKS = ("care.talks", "traits.csm", "traits.tam")
_USAGE = ("usage.days", "usage.reported", "profile.created_at")

FACTS: tuple[Fact, ...] = (
    fact("risk.flagged_at", Kind.INSTANT, _flagged_at, "care.risk", label="In Churn Risk since",
         doc="Since when the account is in the segment Churn Risk; null when it is not."),
    fact("risk.usage_recovered", Kind.BOOL, _recovered, "care.risk", *_USAGE, daily=True,
         doc="Usage of the last 28 closed days is above that of the 28 before the flag."),
    fact("channel.unanswered_at", Kind.INSTANT, _unanswered_at, "care.words", label="Unanswered since",
         doc="First message of the customer in the shared channel since our last one; null when all are answered."),
    fact("overlay.active", Kind.BOOL, _overlay, "traits.csm", "traits.tam",
         doc="A CSM and a TAM, two people, look after the account."),
    fact("overlay.last_check_in", Kind.INSTANT, _last_check_in, *_TALKS,
         doc="When CSM or TAM last asked how things are going; null when never."),
    fact("overlay.check_in_gap", Kind.DURATION, _same_checkin, *_TALKS,
         doc="Time between the newest check-in and the last one by the other of the two; null without both."),
    fact("overlay.last_pitch", Kind.INSTANT, _last_pitch, *_TALKS, doc="The TAM's newest pitch; null when none."),
    fact("overlay.tickets_before_pitch", Kind.COUNT, _tickets_before_pitch, *_TALKS, "relationship.tickets",
         unit="count", doc="Tickets opened in the 24 hours before the TAM's newest pitch.",
         label="Tickets in the day before"),
    fact("overlay.last_price_talk", Kind.INSTANT, _last_price_talk, *_TALKS,
         doc="When the CSM last wrote about price or discount; null when never."),
    fact("overlay.pitch_streak", Kind.COUNT, _pitch_streak, *_TALKS, unit="count",
         doc="How many of the TAM's newest touches in a row were pitches.", label="Pitches in a row"),
    fact("owner.last_touch_at", Kind.INSTANT, _outbound_by_owner, "care.talks", "profile.owner",
         label="Owner's last touch", doc="The newest touch by the owner in force; null when none is known."),
    fact("touch.outbound_at", Kind.INSTANT, lambda look: look.moment.state.relationship.outbound_at,
         "relationship.outbound_at", label="Our last touch",
         doc="Last time we talked or wrote to the customer; null when never."),
    fact("optimisation.noted_on", Kind.DATE, _optimised_on, "care.optimised_at", label="Noted on",
         doc="Day of the newest note on an optimisation; null when there is none."),
    fact("optimisation.from_on", Kind.DATE, lambda look: look.moment.state.care.optimised_from, "care.optimised_from",
         label="Spend falls from", doc="Day from which that note expects the spend to fall; null when it names none."),
    fact("visit.last_at", Kind.INSTANT, _visited_at, "care.on_site_at", "work.done.on_site_visit", label="Last visit",
         doc="Last visit: an activity, or a note of category On-site; null when none is known."),
)  # fmt: skip
