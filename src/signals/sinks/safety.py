"""Making outside text safe to show: names of accounts and people are data, whatever they contain.

Everything a card shows passes through ``clean``; each sink then escapes what its own medium would interpret.
"""

import unicodedata
from collections.abc import Iterator

MARKS_PER_LETTER = 8
# Real scripts stack at most four or five marks on a letter (Vietnamese two, Tibetan and Hebrew up to five). More is
# text built to spill over its neighbours; fewer would damage names.

ELLIPSIS = "…"

_JOINER = "\u200d"
_KEPT_FORMAT = {"\u200c", _JOINER}
# Zero width non-joiner and joiner: Persian and Indic words and family emoji need them.
_INVISIBLE = {"\u2028", "\u2029", "\u00ad", "\u034f", "\u115f", "\u1160", "\u3164", "\uffa0"}
# Line separators, and letters without ink that are used for empty or look-alike names.


def clean(text: str) -> str:
    r"""Return *text* on one line without control, bidirectional, invisible or broken characters.

    Never fails. White space of any kind becomes single blanks; combining marks beyond ``MARKS_PER_LETTER`` on one
    letter are dropped.

    >>> clean("Ac\u202eme\x1b[31m\nCorp")
    'Acme[31m Corp'
    """
    kept: list[str] = []
    marks = 0
    for char in text:
        category = unicodedata.category(char)
        if char.isspace() or char in ("\u2028", "\u2029"):
            kept.append(" ")
            marks = 0
            continue
        if char in _INVISIBLE or category in ("Cc", "Cs") or (category == "Cf" and char not in _KEPT_FORMAT):
            continue
        marks = marks + 1 if category in ("Mn", "Me") else 0
        if marks <= MARKS_PER_LETTER:
            kept.append(char)
    return " ".join("".join(kept).split())


def graphemes(text: str) -> Iterator[str]:
    r"""Yield the user-perceived characters of *text*: marks, joined emoji, flags and skin tones stay whole.

    A compact form of the extended grapheme clusters of Unicode Annex 29, without conjoining Hangul (precomposed
    Hangul, which is what people type, is one code point).

    >>> [len(g) for g in graphemes("e\u0301👩\u200d🚀🇩🇪x")]
    [2, 3, 2, 1]
    """
    cluster = ""
    for char in text:
        if cluster and _continues(cluster, char):
            cluster += char
        else:
            if cluster:
                yield cluster
            cluster = char
    if cluster:
        yield cluster


def cut(text: str, limit: int) -> str:
    r"""Return *text* with at most *limit* code points, cut between graphemes and ended with an ellipsis if cut.

    >>> cut("Acme 👩\u200d🚀 Corp", 7)
    'Acme…'
    """
    if len(text) <= limit:
        return text
    if limit <= 0:
        return ""
    return beginning(text, limit - len(ELLIPSIS)).rstrip() + ELLIPSIS


def beginning(text: str, limit: int) -> str:
    """Return the longest beginning of *text* that ends between graphemes and has at most *limit* code points."""
    size = 0
    for grapheme in graphemes(text):
        if size + len(grapheme) > limit:
            break
        size += len(grapheme)
    return text[:size]


def safe_url(url: str) -> str:
    """Return *url* if it is an absolute http(s) address without white space, quotes or control characters, else "".

    >>> safe_url("javascript:alert(1)"), safe_url("https://crm.example/acme")
    ('', 'https://crm.example/acme')
    """
    if not url.startswith(("https://", "http://")) or len(url) > URL_LIMIT:
        return ""
    if any(char.isspace() or char in "<>|\"'`\\" or unicodedata.category(char).startswith("C") for char in url):
        return ""
    return url


URL_LIMIT = 3000
# Slack refuses a longer one in a button; no browser needs it.


def _continues(cluster: str, char: str) -> bool:
    """Whether *char* belongs to the grapheme that *cluster* has begun."""
    if char == _JOINER or unicodedata.category(char) in ("Mn", "Me", "Mc"):
        return True
    if cluster.endswith(_JOINER):
        return unicodedata.category(char) == "So"
    if 0x1F3FB <= ord(char) <= 0x1F3FF:
        return unicodedata.category(cluster[0]) == "So"
    return _is_flag_half(char) and len(cluster) == 1 and _is_flag_half(cluster)


def _is_flag_half(char: str) -> bool:
    return 0x1F1E6 <= ord(char) <= 0x1F1FF
