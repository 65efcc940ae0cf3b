"""What an episode says that its account knows anyway: left out of what is stored, and put back when it is read.

The id of a signal is 16 characters of noise, made from the account, the rule, the key and the time
(``domain/ids.py``), and it stands in the episode, in the list of what was told, and beside the pitches. It is left out
where it is what those four give, and where it is named again the episode's number stands for it. Any other text is
kept, marked if need be.
"""

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache

import msgspec

from signals.domain.account.life import Episode, Life
from signals.domain.account.state import Account
from signals.domain.ids import signal_id
from signals.engine.erasing import SEPARATOR

_MARK = "\0"

_replace = msgspec.structs.replace

Change = Callable[[str, str], str]
"""A text, and what is known -> the other form of the text."""


@lru_cache(maxsize=2**13)
def _id(seed: str, rule: str, key: str, since: datetime) -> str:
    # What is written was read a moment before: the ids of some hundred accounts are worth keeping.
    return signal_id(seed, rule, key, since)


def without_known(account: Account) -> Account:
    """Return an account whose life says nothing that ``with_known`` finds; equal accounts give equal results."""
    if not account.life.episodes:
        return account
    places: dict[str, str] = {}
    for place, episode in enumerate(account.life.episodes.values()):
        places.setdefault(episode.signal_id, f"{_MARK}{place}")
    short = _episodes(account, _without)
    return _replace(account, life=_naming(account.life, short, lambda text: places.get(text) or _without(text, "")))


def with_known(account: Account) -> Account:
    """Return the account that ``without_known`` was given.

    Raises
    ------
    IndexError, ValueError
        It names an episode that is not there.
    """
    if not account.life.episodes:
        return account
    whole = _episodes(account, _with)
    ids = [episode.signal_id for episode in whole.values()]

    def named(text: str) -> str:
        return ids[int(text[1:])] if text[1:].isdecimal() and text[0] == _MARK else _with(text, "")

    return _replace(account, life=_naming(account.life, whole, named))


def _without(text: str, known: str) -> str:
    r"""Return "" for what is known, else the text; one that could be taken for a short form has a mark before it.

    >>> _without("acme", "acme"), _without("other", "acme"), _without("", "acme")
    ('', 'other', '\x00')
    """
    if text == known:
        return ""
    return _MARK + text if not text or text[0] == _MARK else text


def _with(text: str, known: str) -> str:
    """Return what ``_without`` was given."""
    if not text:
        return known
    return text[1:] if text[0] == _MARK else text


def _episodes(account: Account, change: Change) -> dict[str, Episode]:
    name = account.profile.name
    called, seed = name if isinstance(name, str) else "", account.seed
    episodes: dict[str, Episode] = {}
    for tag, episode in account.life.episodes.items():
        rule, _, key = tag.partition("|")
        draft = episode.draft
        if draft is not None:
            draft = _replace(
                draft,
                rule=change(draft.rule, rule),
                key=change(draft.key, key),
                account_name=change(draft.account_name, called),
            )
        known = _id(seed, rule, key, episode.since)
        episodes[tag] = _replace(episode, signal_id=change(episode.signal_id, known), draft=draft)
    return episodes


def _naming(life: Life, episodes: dict[str, Episode], named: Callable[[str], str]) -> Life:
    """Return the life with these episodes, each id that is mentioned besides in its other form."""
    grouped = {
        tag: _replace(episode, grouped=named(episode.grouped)) for tag, episode in episodes.items() if episode.grouped
    }
    told = []
    for entry in life.told:
        signal, tab, addresses = entry.partition(SEPARATOR)
        told.append(named(signal) + tab + addresses)
    pitches = {named(signal): at for signal, at in life.pitches.items()}
    return _replace(life, episodes={**episodes, **grouped}, told=tuple(told), pitches=pitches)
