"""BG/NBD, the usual model of customers who come and go unsaid: a short one, for comparison.

While he is there a customer buys at a rate of his own (gamma: ``r``, ``alpha``); after each purchase he may be gone for
good (beta: ``a``, ``b``). Fader, Hardie and Lee, "Counting your customers the easy way", 2005.
"""

from collections.abc import Sequence
from itertools import product
from math import exp, lgamma, log
from typing import NamedTuple


class History(NamedTuple):
    """Purchases after the first, days from the first to the last, and days from the first till now."""

    repeats: int
    last: float
    age: float


class Model(NamedTuple):
    """The four parameters, as logarithms."""

    r: float = -0.5
    alpha: float = 3.0
    a: float = -0.5
    b: float = 0.5


FIRST_STEP, LAST_STEP = 0.5, 0.1


def likelihood(model: Model, histories: Sequence[History]) -> float:
    """Return the logarithm of the chance of these histories."""
    r, alpha, a, b = (exp(one) for one in model)
    own = r * log(alpha) - lgamma(r) + lgamma(a + b) - lgamma(b)
    total = 0.0
    for repeats, last, age in histories:
        stays = -(r + repeats) * log(alpha + age)
        gone = log(a / (b + repeats - 1)) - (r + repeats) * log(alpha + last) if repeats else -700.0
        larger = max(stays, gone)
        total += own + lgamma(r + repeats) + lgamma(b + repeats) - lgamma(a + b + repeats)
        total += larger + log(exp(stays - larger) + exp(gone - larger))
    return total


def fitted(model: Model, histories: Sequence[History]) -> Model:
    """Return the model moved to where *histories* are likeliest, by trying steps that get smaller."""
    best, step = likelihood(model, histories), FIRST_STEP
    while step >= LAST_STEP:
        better = False
        for at, way in product(range(len(model)), (step, -step)):
            tried = Model(*(min(max(one + way * (at == here), -5.0), 8.0) for here, one in enumerate(model)))
            if (reached := likelihood(tried, histories)) > best:
                model, best, better = tried, reached, True
        if not better:
            step /= 2
    return model


def silent_chance(model: Model, history: History, days: float) -> float:
    """Return the chance that a customer does not come within *days*: gone, or there and in no hurry."""
    r, alpha, a, b = (exp(one) for one in model)
    repeats, last, age = history
    odds_gone = a / (b + repeats - 1) * exp((r + repeats) * log((alpha + age) / (alpha + last))) if repeats else 0.0
    return 1 - (1 - exp((r + repeats) * log((alpha + age) / (alpha + age + days)))) / (1 + odds_gone)
