"""Which of several reasons leads, and who works a contact nobody owns (catalogue 7.1, 7.2). Pure functions."""

from collections.abc import Iterable
from typing import Literal

ORDER: tuple[str, ...] = (
    "startup_50pct_credits_5k_invoice",
    "startup_rolloff_100d",
    "startup_rolloff_2m",
    "nb_500_employee_signup",
    "mrr_gt1k_forecast_up_50",
    "plg_mrr_500_1667",
    "plg_high_icp_scale",
    "plg_unmanaged_20k_ticket",
)
"""NB-4, NB-5, NB-6, NB-3, PLG-3, PLG-1, PLG-2, PLG-4: the first that holds has the task (proposed)."""

Team = Literal["TAM", "TAE", "BDR"]
Verdict = Literal["sales", "support", "spam"]

_WARM_PAYING, _WARM_OTHER, _COLD_LISTED = frozenset({1, 2}), frozenset({3, 4, 5}), frozenset({5, 6})


def leading(reasons: Iterable[str]) -> tuple[str | None, tuple[str, ...]]:
    """Return the reason that has the account's one lead task, and those attached to it, in order.

    >>> leading(["plg_mrr_500_1667", "nb_500_employee_signup", "mrr_gt1k_forecast_up_50"])
    ('nb_500_employee_signup', ('mrr_gt1k_forecast_up_50', 'plg_mrr_500_1667'))
    """
    given = sorted(reasons, key=lambda one: (ORDER.index(one) if one in ORDER else len(ORDER), one))
    return (given[0], tuple(given[1:])) if given else (None, ())


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


def demo_form_goes_to(verdict: Verdict | None) -> Literal["round robin", "support ticket", "nowhere"]:
    """Return where a demo form goes: what nobody judged is taken for sales.

    >>> demo_form_goes_to(None), demo_form_goes_to("support"), demo_form_goes_to("spam")
    ('round robin', 'support ticket', 'nowhere')
    """
    if verdict == "support":
        return "support ticket"
    return "nowhere" if verdict == "spam" else "round robin"
