"""Job titles: which role family a title belongs to, and which use cases its holder buys for (catalogue 11.10).

A table, first match; used where a source gives a title and no family. Titles are read word by word, whatever their
case, and the traps come first: a sales engineer sells, a growth engineer is growth, a founding engineer is an engineer,
CRO is the conversion-rate specialist, and a plain data analyst is in no family at all.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

USE_CASES = ("pi", "release", "observability", "growth", "ai", "data", "cx")
"""Product intelligence, release engineering, observability, growth and marketing, AI, data, customer experience."""


@dataclass(frozen=True)
class Role:
    """What a title says: the family (``other``: in none of the teams) and the use cases it buys for."""

    family: str
    use_cases: tuple[str, ...] = ()


_NONE = Role("other")
_ENGINEER = Role("engineering", ("release", "observability"))
_MANAGER = Role("engineering", ("release", "observability", "cx"))

TITLES: tuple[tuple[str, Role], ...] = (
    (r"recruit\w*|talent|human resources|hr|people (ops|operations|partner)", _NONE),
    (r"(ai|ml) (co-?)?founder", Role("founder", ("ai",))),
    (r"(co-?)?founder", Role("founder", ("pi", "growth", "ai", "data"))),
    (r"cto|chief (technology|technical) officer", Role("leadership", ("pi", "release", "observability", "ai"))),
    (r"ceo|coo|chief executive officer|chief operating officer|(?<!vice )president", Role("leadership")),
    (r"chief revenue officer|sales|account (executive|manager)|business development", Role("sales")),
    (r"data analyst \(?marketing\)?", Role("marketing", ("growth",))),
    (r"cmo|(product )?market(ing|er)|demand gen\w*|pmm", Role("marketing", ("growth",))),
    (r"cro|conversion[ -]rate|growth|plg|gtm|go[ -]to[ -]market", Role("growth", ("growth",))),
    (r"customer (success|experience)|csm|(head|vp|director) (of )?cs|chief customer officer",
     Role("customer_success", ("cx",))),
    (r"support|customer (service|care)|help ?desk", Role("customer_service", ("cx",))),
    (r"(ai|ml|applied ai|machine learning)\b.*\b(product manager|product lead|pm)", Role("product", ("ai", "pi"))),
    (r"(ai|ml|machine learning|llm)\b.*\b(engineer\w*|developer|scientist|researcher|lead)|head of (ai|ml)",
     Role("engineering", ("ai",))),
    (r"(data|analytics) engineer\w*|data platform|(head|director|vp|chief) (of )?(data|analytics)( officer)?|data hire",
     Role("data", ("data",))),
    (r"(product|rev|revenue|biz|business)[ -]?(ops|operations)", Role("data", ("data",))),
    (r"(data|business|product) analyst|data scien\w+", _NONE),
    (r"design\w*|ux|user research\w*", Role("design", ("pi",))),
    (r"product engineer\w*", Role("engineering", ("pi", "release"))),
    (r"pm|product (manager|management|owner|lead)|cpo|(head|vp|director|chief|svp|group|vice president) (of )?product"
     r"( officer| manager)?", Role("product", ("pi", "cx"))),
    (r"em|engineering manager|(head|vp|svp|director|vice president) (of )?(engineering|eng)", _MANAGER),
    (r"sre|site reliability|devops|devex|developer experience|platform|infrastructure|infra", _ENGINEER),
    (r"engineer\w*|developer|programmer|architect|tech lead|back-?end|front-?end|full[ -]?stack|software", _ENGINEER),
    (r"cfo|finance|financial|accountant|accounting|controller|bookkeeper", Role("finance")),
    (r"procurement|purchasing|buyer", Role("procurement")),
)  # fmt: skip
"""Words of a title -> role, in the order they are tried."""

_BREAKS = re.compile(r"[,;|&/]")
_PATTERNS = tuple((re.compile(rf"(?<![\w-])(?:{words})(?![\w])"), role) for words, role in TITLES)

BY_FAMILY: dict[str, tuple[str, ...]] = {
    "product": ("pi",),
    "design": ("pi",),
    "engineering": ("release", "observability"),
    "growth": ("growth",),
    "marketing": ("growth",),
    "data": ("data",),
    "customer_success": ("cx",),
    "customer_service": ("cx",),
    "founder": ("pi", "growth", "ai", "data"),
}
"""Family -> the use cases bought for, where no title says more."""


@lru_cache(maxsize=4096)
def role_of(title: str) -> Role | None:
    """Return what a title says; None where it says nothing we know.

    >>> role_of("Senior Product Manager").family, role_of("Growth Engineer").family, role_of("Data Analyst").family
    ('product', 'growth', 'other')
    >>> role_of("Astronaut") is None
    True
    """
    plain = " ".join(_BREAKS.sub(" ", title.casefold()).split())
    return next((role for pattern, role in _PATTERNS if pattern.search(plain)), None)


def family_of(title: str | None) -> str | None:
    """Return the role family of a title; None where it says nothing we know."""
    role = None if title is None else role_of(title)
    return None if role is None else role.family
