"""Whether anything is in a field of an account: where nothing is, no date is either, and no close of a day matters."""

from collections.abc import Callable, Mapping

from msgspec import UNSET

from signals.detectors.moment import Moment
from signals.domain.account.state import Account

_NAMED: Mapping[str, Callable[[Account, str], bool]] = {
    "traits": lambda account, name: name in account.traits.values,
    "work.done": lambda account, name: name in account.work.done,
    "heard.topics": lambda account, name: bool(account.heard.topics.get(name)),
}
"""Fields whose entries are told apart by name -> whether one is there."""

_BUSY = frozenset({"usage", "people", "mix", "interest"})
# Never empty for long, and told apart in ways of their own.


def is_empty(moment: Moment, field: str) -> bool:
    """Return whether nothing is in a state field, ``facet.field`` as ``domain.account.reduce`` names what moved."""
    known: dict[str, bool] = moment.empty
    if field not in known:
        known[field] = _is_empty(moment.state, field)
    return known[field]


def _is_empty(account: Account, field: str) -> bool:
    facet, _, name = field.partition(".")
    if facet in _BUSY:
        return False
    if "." in name or facet == "traits":
        beginning, _, entry = field.rpartition(".") if facet != "traits" else (facet, "", name)
        there = _NAMED.get(beginning)
        return there is not None and not there(account, entry)
    value = getattr(getattr(account, facet, None), name, _OTHER)
    return value is None or value is UNSET or (isinstance(value, dict | tuple | frozenset | str) and not value)


_OTHER = object()
