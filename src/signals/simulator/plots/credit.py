"""Plots of prepaid credit: it will run out before the contract does, early, in the middle, or near the end."""

from decimal import Decimal

from signals.simulator.draft import Contract, Draft

EARLY = "credit_will_run_out_early"


def _contract(draft: Draft, months_ago: int, credit: int, burn: int) -> Contract:
    contract = Contract(f"of_{draft.org_id[4:]}", months_ago, 12, Decimal(credit), "upfront", burn=Decimal(burn))
    draft.contract = contract
    # Above the band in which a self-serve payer is a lead.
    draft.mrr = max((Decimal(credit) / 12).quantize(Decimal("0.01")), Decimal(2200))
    return contract


def _plan(draft: Draft, rule: str, known: int, why: str, until: int | None = None) -> None:
    """Plant a run-out that is certain once the month is reported, and may show in the falling balance before that."""
    draft.plant(rule, known - 25, why, within=27, until=until)


def first_half(draft: Draft, day: int) -> None:
    """A month at seven times the usual burn, one month into a contract; six weeks later more credit is bought."""
    contract = _contract(draft, 1, 12_000, 700)
    del day  # the first whole month is the one that counts
    contract.burns = {0: Decimal(4700), **{later: Decimal(2000) for later in range(1, 13)}}
    known = draft.calendar.next_month_start(1)
    bought = known + 40
    contract.grants[bought] = Decimal(60_000)
    for rule in (EARLY, "credit_case_first_half"):
        _plan(draft, rule, known, "run-out about five months into a year", until=bought + 3)


def middle(draft: Draft, day: int) -> None:
    """Burn doubles five months into a contract: the credit ends about three and a half months early."""
    contract = _contract(draft, 5, 24_000, 1500)
    del day  # the first whole month is the one that counts
    # Balance at the start 16,500. January 6,000: mean (1,500 + 1,500 + 6,000) / 3 = 3,000, balance 10,500: 3.5 months
    # from month 6 on, so 2.5 remain. Then 3,000 a month keep it there.
    contract.burns = {0: Decimal(6000), **{later: Decimal(3000) for later in range(1, 13)}}
    known = draft.calendar.next_month_start(1)
    for rule in (EARLY, "credit_case_middle"):
        _plan(draft, rule, known, "run-out with between two and six months left")
    draft.allow(("credit_case_last_2_months",), known, "a later estimate may move it")


def last_two_months(draft: Draft, day: int) -> None:
    """Eight months into a contract it turns out that the last six weeks are not covered."""
    contract = _contract(draft, 8, 24_000, 1900)
    del day  # the first whole month is the one that counts
    # Balance at the start 8,800. January 3,700: mean 2,500, balance 5,100: 2.04 months from month 9 on, so 0.96 remain.
    contract.burns = {0: Decimal(3700), **{later: Decimal(2300) for later in range(1, 13)}}
    known = draft.calendar.next_month_start(1)
    for rule in (EARLY, "credit_case_last_2_months"):
        _plan(draft, rule, known, "run-out with less than two months left")


def outlasts(draft: Draft, day: int) -> None:
    """The same contract at an even burn: the credit outlasts it by a month."""
    _contract(draft, 8, 24_000, 1850)
    draft.plant(EARLY, day, "credit outlasts the contract", expect="quiet")
