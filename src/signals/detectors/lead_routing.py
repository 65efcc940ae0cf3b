"""Who works a contact nobody owns (catalogue 7.1). Pure.

Which of several reasons has an account's one lead task is written in the rules themselves, and held against the
handbook's order by a contract test; a demo form goes where its rule says.
"""

from typing import Literal

Team = Literal["TAM", "TAE", "BDR"]

_WARM_PAYING, _WARM_OTHER, _COLD_LISTED = frozenset({1, 2}), frozenset({3, 4, 5}), frozenset({5, 6})


def outbound_team(group: int, *, listed: bool = False) -> Team | None:
    """Return who works an unowned contact of an outbound group (1 uses and spends much .. 6 never heard of us).

    A TAE's top-10 list wins over the BDRs in group 5.

    >>> [outbound_team(group) for group in range(1, 7)], outbound_team(5, listed=True), outbound_team(6, listed=True)
    (['TAM', 'TAM', 'BDR', 'BDR', 'BDR', None], 'TAE', 'TAE')
    """
    if listed and group in _COLD_LISTED:
        return "TAE"
    if group in _WARM_PAYING:
        return "TAM"
    return "BDR" if group in _WARM_OTHER else None
