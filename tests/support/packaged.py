"""The packs that ship with the package, loaded once, every rule allowed to speak."""

from functools import cache
from importlib.resources import files

from signals.backtest.examples import live_catalogue
from signals.detectors.contract import Rule
from signals.detectors.facts.vocabulary import VOCABULARY
from signals.detectors.rules.loader import load_packs
from signals.engine.catalogue import Catalogue
from signals.engine.policy import Policy

POLICY = Policy()


@cache
def rules() -> tuple[Rule, ...]:
    """Return the rules of all packs, in the order of what they read."""
    return load_packs([files("signals.detectors.rules") / "packs"], names=VOCABULARY)


@cache
def catalogue() -> Catalogue:
    """Return them as the engine takes them."""
    return live_catalogue(rules(), VOCABULARY)
