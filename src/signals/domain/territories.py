"""Countries we may not serve, or only after a check: the tables of names (catalogue 1.15 ``sensitive_country``, 16).

Names are compared whatever their case; ISO codes of two letters and the usual other spellings are names too. "Balkans"
and "Crimea" stand for a list of countries and for one region; which ones is proposed, to be agreed with the legal team.
"""

from collections.abc import Mapping
from typing import Literal

Tier = Literal["banned", "russia", "watch", "conduct"]

TIERS: tuple[Tier, ...] = ("banned", "russia", "watch", "conduct")
"""Gravest first: the first that matches counts."""

BANNED: Mapping[str, tuple[str, ...]] = {
    "Cuba": ("cu",),
    "Iran": ("ir", "islamic republic of iran", "iran, islamic republic of"),
    "North Korea": ("kp", "dprk", "democratic people's republic of korea"),
    "Syria": ("sy", "syrian arab republic"),
}

RUSSIA: Mapping[str, tuple[str, ...]] = {"Russia": ("ru", "russian federation")}

BALKANS: Mapping[str, tuple[str, ...]] = {
    "Albania": ("al",),
    "Bosnia and Herzegovina": ("ba", "bosnia"),
    "Kosovo": ("xk",),
    "Montenegro": ("me",),
    "North Macedonia": ("mk", "macedonia"),
    "Serbia": ("rs",),
}
"""PROPOSED: the countries that US orders on the region name, without those that joined the EU."""

WATCHED: Mapping[str, tuple[str, ...]] = {
    "Balkans": (),
    **BALKANS,
    "Belarus": ("by",),
    "Burundi": ("bi",),
    "Central African Republic": ("cf", "car"),
    "Crimea": (),
    "DR Congo": ("cd", "drc", "democratic republic of the congo", "congo, the democratic republic of the"),
    "Iraq": ("iq",),
    "Lebanon": ("lb",),
    "Libya": ("ly",),
    "Myanmar": ("mm", "burma"),
    "Somalia": ("so",),
    "South Sudan": ("ss",),
    "Sudan": ("sd",),
    "Ukraine": ("ua",),
    "Venezuela": ("ve", "venezuela, bolivarian republic of"),
    "Yemen": ("ye",),
    "Zimbabwe": ("zw",),
}
"""The other 17 territories of section 16, "Balkans" also country by country."""

_TABLES: tuple[tuple[Tier, Mapping[str, tuple[str, ...]]], ...] = (
    ("banned", BANNED), ("russia", RUSSIA), ("watch", WATCHED),
)  # fmt: skip

_TIER_OF: Mapping[str, Tier] = {
    name.casefold(): tier for tier, table in _TABLES for name, others in table.items() for name in (name, *others)
}


def tier_of(country: str) -> Tier | None:
    """Return the tier of a country or region by its name or ISO code; None for one that stands in no table.

    >>> tier_of("Iran"), tier_of(" russian federation"), tier_of("UA"), tier_of("Germany")
    ('banned', 'russia', 'watch', None)
    """
    return _TIER_OF.get(" ".join(country.casefold().split()))


def place_phrases(tier: Tier) -> tuple[str, ...]:
    """Return phrases of a note that put a company into a territory of a tier.

    >>> place_phrases("russia")[:2]
    ('based in russia', 'headquartered in russia')
    """
    places = [place for known, table in _TABLES if known == tier for name in table for place in _long(name, table)]
    return tuple(f"{where} {place}" for place in places for where in ("based in", "headquartered in", "office in"))


def _long(name: str, table: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    return (name.casefold(), *(other for other in table[name] if len(other) > len("car")))
