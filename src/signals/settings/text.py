"""Settings of what texts are about: phrases of topics, names of tools."""

from typing import Annotated

from pydantic import AfterValidator

from signals.domain.topics import PHRASES
from signals.settings.section import Section, Word


def _known_topic(name: str) -> str:
    """Return *name*; raise for a topic that no rule could read: its words would be looked for in vain."""
    if name not in PHRASES:
        raise ValueError(f"{name!r} is a topic no rule reads; valid: {', '.join(sorted(PHRASES))}")
    return name


def _not_blank(phrase: str) -> str:
    """Return *phrase*; raise when nothing stands before its ``*``: it would match every text."""
    if not phrase.removesuffix("*").strip():
        raise ValueError(f"{phrase!r} matches every text; valid: words, with a * at the end for any ending")
    return phrase


Topic = Annotated[str, AfterValidator(_known_topic)]
Phrase = Annotated[Word, AfterValidator(_not_blank)]


class TextSettings(Section):
    """What notes, tickets and messages are about; our own words stand in ``src/signals/domain/topics.py``."""

    topics: dict[Topic, tuple[Phrase, ...]] = {}
    """Topic -> phrases instead of ours; an empty list: the topic is not looked for. A phrase is compared word by word,
    whatever its case; a ``*`` at its end stands for any ending."""
    tools: tuple[Word, ...] = ()
    """Names of tools to look for besides ours."""
