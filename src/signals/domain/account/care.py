"""How we look after the account: since when it is at risk, who of ours wrote, what is unanswered, visits noted."""

from datetime import UTC, date, datetime, timedelta

import msgspec
from msgspec import UNSET

from signals.domain.events.crm import AccountDescribed, NoteAdded, TouchLogged

AT_RISK = "Churn Risk"
"""The segment a level A flag puts an account into (handbook RK)."""

ON_SITE = "On-site"
"""Category of a note about a visit (handbook HW)."""

OPTIMISATION = "optimisation"
"""Category of a note on work that makes the customer pay less (handbook HW)."""

LATE = timedelta(days=8)
# A day longer than events may be late: within it every description is kept, so that order does not matter.

MAX_DESCRIPTIONS = 40
MAX_MESSAGES = 40
MAX_TALKS = 24
# Overlay rules look back one week; touches of ours are kept with who wrote and what about.

KEPT_TOPICS = frozenset({"check_in", "pitch", "price_talk"})


class Word(msgspec.Struct, frozen=True, array_like=True):
    """One message in the shared channel: when, and whether it was the customer's."""

    at: datetime
    theirs: bool


class Talk(msgspec.Struct, frozen=True, array_like=True):
    """One touch of ours: when, by whom of us, about what of ``KEPT_TOPICS``."""

    at: datetime
    by: str
    topics: tuple[str, ...] = ()


class Care(msgspec.Struct, frozen=True, omit_defaults=True):
    """Care facts."""

    risk: dict[str, bool] = {}
    """Event time (ISO, UTC) of a description -> at risk or not: of the last days all, of older ones the changes."""
    words: tuple[Word, ...] = ()
    talks: tuple[Talk, ...] = ()
    on_site_at: datetime | None = None
    optimised_at: datetime | None = None
    """Newest note that documents an optimisation."""
    optimised_from: date | None = None
    """Day from which that note expects the spend to fall."""


def account_described(care: Care, event: AccountDescribed) -> Care:
    """Note when the account came into the segment of accounts at risk, or left it; late descriptions fit in."""
    if event.segments is UNSET:
        return care
    told = {**care.risk, _key(event.at): AT_RISK in event.segments}
    newest = max(told)
    late = _key(datetime.fromisoformat(newest) - LATE)
    kept: dict[str, bool] = {}
    before: bool | None = None
    for key in sorted(told):
        if told[key] is not before or key >= late:
            kept[key] = told[key]
        before = told[key]
    return msgspec.structs.replace(care, risk=dict(list(kept.items())[-MAX_DESCRIPTIONS:]))


def risk_since(care: Care) -> datetime | None:
    """Return since when it is at risk without a break; None when it is not."""
    since = None
    for key, at_risk in care.risk.items():
        since = (since or datetime.fromisoformat(key)) if at_risk else None
    return since


def _key(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def touch_logged(care: Care, event: TouchLogged) -> Care:
    """Keep the messages of the shared channel, and what each of us wrote about; the same one told twice is one."""
    values: dict[str, object] = {}
    if event.shared_channel:
        word = Word(event.at, event.direction == "inbound")
        values["words"] = tuple(sorted({*care.words, word}, key=lambda one: (one.at, one.theirs)))[-MAX_MESSAGES:]
    if event.by is not None and event.direction != "inbound":
        talk = Talk(event.at, event.by, tuple(sorted(KEPT_TOPICS.intersection(event.topics))))
        values["talks"] = tuple(sorted({*care.talks, talk}, key=lambda one: (one.at, one.by, one.topics)))[-MAX_TALKS:]
    return msgspec.structs.replace(care, **values) if values else care


def note_added(care: Care, event: NoteAdded) -> Care:
    """Note a visit, or an optimisation that was documented; the newest of each counts."""
    if event.category == OPTIMISATION and (care.optimised_at is None or event.at > care.optimised_at):
        return msgspec.structs.replace(care, optimised_at=event.at, optimised_from=event.from_on)
    if event.category != ON_SITE or (care.on_site_at is not None and event.at <= care.on_site_at):
        return care
    return msgspec.structs.replace(care, on_site_at=event.at)
