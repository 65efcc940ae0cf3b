"""Slack's text markup, from spans: the only place where ``<``, ``*`` and ``_`` get a meaning."""

import re
from datetime import UTC, datetime, time
from typing import assert_never

from signals.sinks.spans import Anchor, Day, Line, Moment, Person, Span, Words
from signals.sinks.wording import day_words, instant_words

_LOOKALIKES = str.maketrans({"*": "∗", "~": "∼", "`": "ˋ"})
# Slack has no escape for its formatting characters, so text from outside gets their look-alikes.
_LOOSE_UNDERSCORE = re.compile(r"(?<![^\W_])_|_(?![^\W_])")
# An underscore within a word (churn_usage_drop) formats nothing and stays.
_EMOJI_CODE = re.compile(r":(?=[a-z0-9_+'-]+:)")
_DAY_HOUR = time(10, tzinfo=UTC)
# Slack's tokens know instants only. 10:00 UTC is on the same calendar day from Hawaii (-10) to Samoa's summer (+13:59).


def escaped(text: str) -> str:
    """Return *text* so that Slack shows it literally: no mention, link, formatting or emoji code can come of it.

    >>> escaped("<!channel> R&D *now* :fire: snake_case _x_")
    '&lt;!channel&gt; R&amp;D ∗now∗ ∶fire: snake_case ˍxˍ'
    """
    text = text.translate(_LOOKALIKES)
    text = _LOOSE_UNDERSCORE.sub("ˍ", text)
    text = _EMOJI_CODE.sub("∶", text)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def mrkdwn(line: Line, users: dict[str, str]) -> str:
    """Return a line in Slack's markup; neighbouring strong spans are bold as one.

    *users* maps a person's key to a Slack id. Only a span that asks for it tags; everybody else is named.
    """
    parts: list[str] = []
    for index, span in enumerate(line):
        strong = _strong(span)
        opens = strong and not (index and _strong(line[index - 1]))
        closes = strong and not (index + 1 < len(line) and _strong(line[index + 1]))
        parts.append(("*" if opens else "") + _span(span, users) + ("*" if closes else ""))
    return "".join(parts)


def _strong(span: Span) -> bool:
    return isinstance(span, (Words, Anchor)) and span.strong


def _span(span: Span, users: dict[str, str]) -> str:
    match span:
        case Words():
            return f"`{escaped(span.text)}`" if span.code else escaped(span.text)
        case Anchor():
            # A bar would end the address; safe_url refuses it, and & is the only character left to escape.
            return f"<{span.url.replace('&', '&amp;')}|{escaped(span.text)}>"
        case Day():
            at = datetime.combine(span.day, _DAY_HOUR)
            return f"<!date^{int(at.timestamp())}^{{date_short}}|{day_words(span.day)}>"
        case Moment():
            return f"<!date^{int(span.at.timestamp())}^{{date_short_pretty}}, {{time}}|{instant_words(span.at)}>"
        case Person():
            user = users.get(span.key, "") if span.tag else ""
            if user:
                return f"<!subteam^{user}>" if user.startswith("S") else f"<@{user}>"
            return escaped(span.name)
        case _:
            assert_never(span)
