"""The card: one content model from which every sink draws, so that no two of them can drift apart.

Pure. Content comes from the transition and its rule; the few words added here join it together.
"""

from datetime import timedelta
from decimal import Decimal
from hashlib import blake2b

import msgspec

from signals.domain.chart import Chart
from signals.domain.reasons import Change
from signals.domain.signal import Link, Transition
from signals.sinks.appearance import FAMILY_WORDS, RESOLVED_WORDS, SEVERITY_WORDS, Appearance
from signals.sinks.contract import Sent
from signals.sinks.evidence import context_words, decisive_band, ordered, value_line
from signals.sinks.safety import clean, cut, safe_url
from signals.sinks.spans import Anchor, Line, Moment, Person, Span, Words, plain, words
from signals.sinks.wording import as_words, money, span_words

HEADLINE_LIMIT = 90
FACTS_ON_CARD = 4
BUTTONS = 5
# More than five buttons wrap into a second row on a phone.
ALSO = 120
# Letters of a further finding: one line, two on a phone.
NAME_ROOM = 24
# Letters a long account name keeps in the headline whatever the finding's length: enough to recognise it.

_ARR_BANDS = (10_000, 50_000, 100_000, 500_000, 1_000_000)


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """One piece of evidence: label, value with unit, and window and threshold in words (may be empty)."""

    label: str
    value: Line
    context: str


class Card(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a person sees of one signal at one moment."""

    signal_id: str
    seq: int
    rule: str
    org_id: str
    headline: Line
    """Account (linked to the CRM where a link is known) and finding, at most 90 characters."""
    status: tuple[Line, ...]
    """Family, severity, state and since when, owner, segment or ARR band."""
    facts: tuple[Fact, ...]
    """At most four, the decisive first."""
    why_now: str
    next_step: str
    also: tuple[str, ...]
    """What else was found at that moment, each in a few words."""
    buttons: tuple[Link, ...]
    footer: tuple[Line, ...]
    notification: str
    """What a phone shows: headline and decisive number."""
    resolution: str
    """``Resolved after 6 days: ...``; not empty means the short form: headline, resolution, footer."""
    owner: Person
    digest: str
    """Of everything shown, apart from who is tagged and the chart: a further day of it is no reason for an edit."""
    chart: Chart | None = None
    """Where a series is the evidence; not on the short form."""

    @property
    def resolved(self) -> bool:
        """Whether the short form is to be shown."""
        return bool(self.resolution)


def build_card(transition: Transition, sent: Sent | None, appearance: Appearance) -> Card:
    """Return the card of *transition*; the owner is tagged on it only when it is shown for the first time.

    Parameters
    ----------
    transition
        What to show; relative words count from its ``at``.
    sent
        The last delivery to the same destination, None when the card is new there.
    appearance
        Names, emoji and templates from configuration.
    """
    resolved = transition.status == "resolved"
    owner = _owner(transition, appearance, tag=sent is None and transition.notify and not resolved)
    card = Card(
        signal_id=transition.signal_id,
        seq=transition.seq,
        rule=transition.rule,
        org_id=transition.org_id,
        headline=headline_of(transition),
        status=_status(transition, owner, appearance),
        facts=tuple(_fact(transition, index) for index in range(min(FACTS_ON_CARD, len(ordered(transition.evidence))))),
        why_now=_why_now(transition),
        next_step=clean(transition.next_step),
        also=tuple(cut(clean(one), ALSO) for one in transition.also),
        buttons=_buttons(transition),
        footer=_footer(transition, appearance),
        notification=_notification(transition),
        resolution=resolution_words(transition) if resolved else "",
        owner=owner,
        digest="",
        chart=None if resolved else transition.chart,
    )
    return msgspec.structs.replace(card, digest=_digest(card))


def subject(transition: Transition) -> str:
    """Return the account's name, or its id when it has none."""
    return clean(transition.account_name) or clean(transition.org_id)


def resolution_words(transition: Transition) -> str:
    """Return how long it lasted and why it ended: ``Resolved after 6 days: usage is back at 92 % of normal``."""
    if transition.erased:
        return "Erased on request"
    lasted = span_words(max(transition.at - (transition.opened_at or transition.since), timedelta(0)))
    because = clean(transition.resolved_text)
    if not because and transition.resolved_because is not None:
        because = RESOLVED_WORDS[transition.resolved_because]
    return f"Resolved after {lasted}" + (f": {because}" if because else "")


def sent_state(card: Card, transition: Transition) -> dict[str, str]:
    """Return what the next delivery compares itself with, as fields of ``Sent``."""
    return {
        "severity": transition.severity.value,
        "owner": transition.owner.name,
        "band": decisive_band(transition),
        "status": transition.status,
        "digest": card.digest,
    }


def all_facts(transition: Transition) -> tuple[Fact, ...]:
    """Return every known fact, the decisive first, for the thread."""
    return tuple(_fact(transition, index) for index in range(len(ordered(transition.evidence))))


def _fact(transition: Transition, index: int) -> Fact:
    fact = ordered(transition.evidence)[index]
    label = clean(fact.label) or clean(fact.name.replace("_", " "))
    return Fact(label=label, value=value_line(fact, transition.at), context=context_words(fact))


def headline_of(transition: Transition) -> Line:
    """Split the headline into account and finding, so that a long name gives way and never the finding."""
    name, headline = subject(transition), clean(transition.headline)
    account, separator, finding = headline.partition(": ")
    shown = account.rstrip("…").strip()
    if headline.startswith(f"{name}:"):
        finding = headline.removeprefix(f"{name}:")
    elif not separator and name in headline:
        return words(cut(headline, HEADLINE_LIMIT), strong=True)
    elif not separator or (shown and not name.startswith(shown) and shown != clean(transition.org_id)):
        finding = headline
    finding = cut(finding.lstrip(": "), HEADLINE_LIMIT - NAME_ROOM - 2)
    name = cut(name, HEADLINE_LIMIT - len(finding) - 2)
    url = _account_url(transition)
    head: Line = (Anchor(text=name, url=url, strong=True),) if url else (Words(text=name, strong=True),)
    return (*head, Words(text=f": {finding}", strong=True)) if finding else head


def _account_url(transition: Transition) -> str:
    """Return the CRM's address of the account; the link is recognised by its label."""
    return next((url for link in transition.links if "crm" in link.label.lower() and (url := safe_url(link.url))), "")


def _status(transition: Transition, owner: Person, appearance: Appearance) -> tuple[Line, ...]:
    emoji = appearance.emoji.get(transition.family, "")
    family = FAMILY_WORDS[transition.family]
    parts: list[Line] = [
        words(f"{emoji} {family}".strip()),
        words(SEVERITY_WORDS[transition.severity]),
        _state(transition),
    ]
    if transition.owner.fallback:
        parts.append((Words(text="no owner known, with "), owner))
    else:
        parts.append((owner,))
    others = (key for key in transition.tagged if key != transition.owner.name)
    parts.extend((_person(key, appearance, tag=owner.tag),) for key in others)
    if segment := clean(transition.segment):
        parts.append(words(segment))
    elif transition.arr is not None:
        parts.append(words(_arr_band(transition.arr)))
    return tuple(parts)


def _state(transition: Transition) -> Line:
    if transition.status == "resolved":
        return (Words(text="resolved "), Moment(at=transition.at))
    if transition.change is Change.REOPENED:
        return (Words(text="open again since "), Moment(at=transition.at))
    return (Words(text="since "), Moment(at=transition.since))


def _owner(transition: Transition, appearance: Appearance, *, tag: bool) -> Person:
    key = transition.owner.name
    if key not in appearance.names and transition.owner.role in appearance.names:
        key = transition.owner.role
    return _person(key, appearance, tag=tag)


def _person(key: str, appearance: Appearance, *, tag: bool) -> Person:
    return Person(key=key, name=clean(appearance.name_of(key)), tag=tag)


def tagged_people(transition: Transition, appearance: Appearance) -> tuple[Person, ...]:
    """Return whom a new thread reply notifies: the owner, then whoever the rule names besides."""
    others = (key for key in transition.tagged if key != transition.owner.name)
    return (
        _owner(transition, appearance, tag=True),
        *(_person(key, appearance, tag=True) for key in others),
    )


def _arr_band(arr: Decimal) -> str:
    """ARR as a range, because an exact figure in a channel is more than the reader needs."""
    above = [bound for bound in _ARR_BANDS if arr >= bound]
    below = [bound for bound in _ARR_BANDS if arr < bound]
    if not above:
        return f"ARR under {money(Decimal(below[0]))}"
    if not below:
        return f"ARR over {money(Decimal(above[-1]))}"
    return f"ARR {money(Decimal(above[-1]))} to {money(Decimal(below[0]))}"


def _why_now(transition: Transition) -> str:
    why = clean(transition.why_now)
    if transition.value_at_stake is None or transition.value_at_stake <= 0:
        return why
    stake = f"At stake: {as_words(transition.value_at_stake, 'USD/year')}."
    if not why:
        return stake
    return f"{why if why.endswith(('.', '?', '…')) else why + '.'} {stake}"


def _buttons(transition: Transition) -> tuple[Link, ...]:
    checked = (Link(label=cut(clean(link.label), 75), url=safe_url(link.url)) for link in transition.links)
    return tuple(link for link in checked if link.url and link.label)[:BUTTONS]


def _footer(transition: Transition, appearance: Appearance) -> tuple[Line, ...]:
    rule = Words(text=f"{transition.rule} {transition.rule_version[:8]}".strip())
    if transition.erased:
        return (words(transition.signal_id),)
    if appearance.why_url:
        url = safe_url(
            appearance.why_url.format(
                signal_id=transition.signal_id, rule=transition.rule, org_id=_url_part(transition.org_id)
            )
        )
        if url:
            return (words(transition.signal_id), (rule,), (Anchor(text="why am I seeing this", url=url),))
    command = Words(text=f"signals explain {transition.signal_id}", code=True)
    return ((rule,), (Words(text="why am I seeing this: "), command))


def _url_part(text: str) -> str:
    """Percent-encode everything that could leave its place in an address."""
    return "".join(char if (char.isalnum() and char.isascii()) or char in "-_." else _encoded(char) for char in text)


def _encoded(char: str) -> str:
    return "".join(f"%{byte:02X}" for byte in char.encode("utf-8", "replace"))


def _notification(transition: Transition) -> str:
    headline = plain(headline_of(transition))
    decisive = clean(transition.decisive)
    if transition.status == "resolved" and not transition.erased:
        return f"{headline} – {resolution_words(transition)}"
    if not decisive or decisive.lower() in headline.lower():
        return headline
    return f"{headline} – {decisive}"


def _digest(card: Card) -> str:
    untagged = msgspec.structs.replace(card.owner, tag=False)
    status = tuple(tuple(_untagged(span) for span in line) for line in card.status)
    shown = msgspec.structs.replace(card, seq=0, owner=untagged, status=status, digest="", chart=None)
    return blake2b(msgspec.json.encode(shown), digest_size=10).hexdigest()


def _untagged(span: Span) -> Span:
    return msgspec.structs.replace(span, tag=False) if isinstance(span, Person) else span
