"""Figures over several accounts: the worked examples of the handbook (8.1, 8.2), books, leads, adoption."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from signals.domain.account.daily import month_number
from signals.domain.summary import ClosedTask, Deal, Interest, Summary
from signals.domain.traits.table import TRAITS, trait_value
from signals.engine.portfolio import adoption, books, revenue
from signals.engine.portfolio.figures import ALL, events_of, figures

TODAY = date(2026, 7, 2)
JUNE = month_number(date(2026, 6, 1))


def paying(name: str, *amounts: int, last: int = JUNE, **fields: object) -> Summary:
    """Return an account with these revenues, the last one in month *last*."""
    months = {last - back: Decimal(amount) for back, amount in enumerate(reversed(amounts))}
    return Summary(org_id=name, name=name, day=TODAY, revenue=months, **fields)  # type: ignore[arg-type]  # fields by name


def test_components_of_a_month_add_up() -> None:
    """The worked example of 8.1: 100 flat, growing, shrinking, churned, new, reactivated."""
    accounts = [
        paying("a", 100, 100), paying("b", 100, 150), paying("c", 200, 120), paying("d", 80, 0), paying("e", 0, 50),
        paying("f", 40, 0, 70),
    ]  # fmt: skip
    month = revenue.components(accounts, JUNE)

    assert [month.baseline, month.new, month.reactivated] == [480, 50, 70]
    assert [month.retained, month.expansion, month.contraction, month.churned] == [400, 50, -80, -80]
    assert month.total == 490
    assert month.baseline + 50 + 70 + 50 - 80 - 80 == 490
    found = figures(accounts, TODAY)[ALL]
    names = ("new", "reactivated", "expansion", "contraction", "churn")
    assert [found[f"month_{name}_rate"] for name in names] == ["0.1042", "0.1458", "0.1042", "-0.1667", "0.1667"]
    assert found["month_baseline"] == "480.00"


def test_without_revenue_before_there_are_no_rates() -> None:
    """Nothing is not zero percent of nothing."""
    found = figures([paying("e", 0, 50)], TODAY)[ALL]
    assert (found["month_baseline"], found["month_new_rate"], found["month_churn_rate"]) == ("0.00", None, None)


def test_a_customer_counts_from_five_thousand_a_year() -> None:
    """416.67 a month is in, 416.66 is out."""
    inside = revenue.retention([(Decimal("416.67"), Decimal(500))])
    outside = revenue.retention([(Decimal("416.66"), Decimal(500))])
    assert (inside.customers, outside.customers, outside.ndr) == (1, 0, None)


AMOUNTS = st.decimals(0, 10_000, places=2)


@given(st.lists(st.tuples(AMOUNTS, AMOUNTS), max_size=12))
def test_gross_is_at_most_one_and_at_most_net(pairs: list[tuple[Decimal, Decimal]]) -> None:
    """GDR never exceeds 100 % nor NDR."""
    found = revenue.retention(pairs)
    if found.gdr is not None and found.ndr is not None:
        assert found.gdr <= 1
        assert found.gdr <= found.ndr


def test_retention_counts_a_spike_as_what_was_before_it() -> None:
    """400, 400, 1400, 700: the base month is 400, so 700 are 175 % of it, not half."""
    spiked = paying("a", 400, 400, 1400, 700, last=JUNE)
    assert (
        revenue.retention_of(revenue.counted([spiked], JUNE), JUNE, 1).ndr is None
    )  # 400 a month are below $5K a year
    large = paying("b", 4000, 4000, 14000, 7000)
    assert revenue.retention_of(revenue.counted([large], JUNE), JUNE, 1).ndr == Decimal("1.75")
    assert revenue.retention_of([large], JUNE, 1).ndr == Decimal("0.5")


def test_the_running_month_tells_no_spike() -> None:
    """A part of July is reported: less than half of June, which says nothing of June."""
    july = paying("a", 1000, 1000, 2500, 300, last=JUNE + 1)
    assert revenue.counted([july], JUNE)[0].revenue[JUNE] == 2500
    assert revenue.counted([july], JUNE + 1)[0].revenue[JUNE] == 1000


def test_retention_leaves_out_credit_and_trials_of_ours() -> None:
    """A month emptied by credit counts as the one before; 499 of 1,000 is too little to have emptied it."""
    for credit, counts in ((500, 1000), (499, 100)):
        emptied = paying("a", 900, 1000, 100, 950, corrected={JUNE - 1: Decimal(credit)})
        assert revenue.counted([emptied], JUNE)[0].revenue[JUNE - 1] == counts
    on_trial = paying("b", 3000, 3000, 0, on_trial=(JUNE,))
    assert revenue.counted([on_trial], JUNE)[0].revenue[JUNE] == 3000


def test_who_only_tries_us_is_in_no_retention_figure() -> None:
    """Flagged by hand; in the totals, such as the biggest movers, it stays."""
    loyal, tries = paying("a", 1000, 1000, 1000, 1000), paying("t", 9000, 9000, 9000, 0, tries_us=True)
    found = figures([loyal, tries], TODAY)[ALL]
    assert (found["ndr_3m"], found["gdr"], found["onboarding_customers"]) == ("1.0000", None, 1)
    assert found["fallers"] == ["t -9,000"]
    both = figures([loyal, paying("t", 9000, 9000, 9000, 0)], TODAY)[ALL]
    assert (both["ndr_3m"], both["onboarding_customers"]) == ("0.1000", 2)


def test_books_count_managed_accounts_and_leads_by_owner() -> None:
    """Accounts without an owner are in no book; the average is over managed ones."""
    accounts = [
        paying("a", 10, owner="tam", owner_role="TAM", segments=("AM Managed",), arr=Decimal(120), paid=("x", "y")),
        paying("b", 10, owner="tam", owner_role="TAM", segments=("Leads",), arr=Decimal(0)),
        paying("c", 10, owner=None, arr=Decimal(20_000)),
        paying("d", 10, owner=None, arr=Decimal("19999.99")),
    ]
    book = books.books(accounts)["tam"]
    assert [book.accounts, book.managed, book.leads, book.customers, book.arr] == [2, 1, 1, 1, 120]
    assert book.products == 2
    assert books.allocation(accounts, Decimal(20_000)).unowned == ("c",)


def test_movers_are_those_of_five_hundred_and_more() -> None:
    """+500 is listed, +499.99 is not; the largest stands first."""
    accounts = [paying("up", 1000, 1500), paying("down", 900, 100), paying("more", 0, 2000)]
    still = Summary(org_id="s", name="s", day=TODAY, revenue={JUNE - 1: Decimal(1000), JUNE: Decimal("1499.99")})
    rises, falls = revenue.movers([*accounts, still], JUNE, Decimal(500), 20)
    assert list(rises) == ["more", "up"]
    assert falls == {"down": Decimal(-800)}


def test_where_the_forty_largest_begin_is_told_on_mondays() -> None:
    """With forty that pay; those that pay nothing, or of which nothing is known, do not count."""
    monday = date(2026, 7, 6)
    forty = [Summary(org_id=f"o{n}", day=monday, arr=Decimal(1000 + n)) for n in range(40)]
    nobody = [Summary(org_id="none", day=monday), Summary(org_id="free", day=monday, arr=Decimal(0))]
    assert figures([*forty, *nobody], monday)["*"] == {"top_40_from": "1000.00"}
    assert "*" not in figures([*forty[1:], *nobody], monday)
    assert "*" not in figures([*forty, *nobody], monday + timedelta(days=1))
    tuesday = figures([*forty, *nobody], monday + timedelta(days=1), weekly=True)
    at = datetime(2026, 7, 7, tzinfo=UTC)
    assert {one.id for one in events_of(tuesday, at) if one.org_id == "*"} == {"figures 2026-W28"}


def test_conversion_and_reasons_are_of_finished_leads() -> None:
    """By source; a reason's share is of the lost ones."""
    day = TODAY - timedelta(days=5)
    tasks = (
        ClosedTask("plg", True, "", day), ClosedTask("plg", False, "Other", day), ClosedTask("nb", False, "Spam", day),
    )  # fmt: skip
    shares = adoption.conversion(tasks)
    assert {source: (one.part, one.whole) for source, one in shares.items()} == {"nb": (0, 1), "plg": (1, 2)}
    other = adoption.reason_share(tasks, "Other")
    assert (other.part, other.whole) == (1, 2)


def test_a_disqualified_lead_is_quiet_without_a_touch_afterwards() -> None:
    """Only those closed long enough ago count."""
    closed = TODAY - timedelta(days=91)
    reason = "Below Sales Assist Threshold - Prospect"
    tasks = [
        ClosedTask("plg", False, reason, closed, closed),
        ClosedTask("plg", False, reason, closed, closed + timedelta(days=10)),
        ClosedTask("plg", False, reason, TODAY),
    ]
    found = adoption.quiet_share(tasks, reason, TODAY, timedelta(days=90))
    assert (found.part, found.whole) == (1, 2)


def test_activation_is_within_thirty_days_of_the_first_own_intent() -> None:
    """Day 30 counts, day 31 does not."""
    shown = date(2026, 5, 1)
    accounts = [
        paying(f"a{days}", 1, interests={"surveys": Interest(shown, shown + timedelta(days=days))}) for days in (30, 31)
    ]
    found = adoption.activation(accounts, "surveys", shown, shown)
    assert (found.part, found.whole) == (1, 2)


def test_the_funnel_is_of_one_quarter() -> None:
    """Opened and closed in it; win rate, size, days; best and worst product."""
    first, last = date(2026, 4, 1), date(2026, 6, 30)
    deals = (
        Deal("cross_sell", "surveys", "Closed Won", date(2026, 4, 1), date(2026, 4, 21), Decimal(300)),
        Deal("cross_sell", "logs", "Closed Lost", date(2026, 3, 1), date(2026, 4, 10)),
        Deal("cross_sell", "logs", "Trial", date(2026, 6, 30)),
    )
    found = adoption.funnel([paying("a", 1, deals=deals)], first, last)
    assert [found.created, found.won, found.lost, found.deal_size, found.days_to_close] == [2, 1, 1, 300, 30]
    assert (found.win_rate, found.best, found.worst) == (Decimal("0.5"), "surveys", "logs")


def test_every_figure_is_a_trait_of_its_kind() -> None:
    """What is told can be told: names stand in the table, values are of their kind, one event per subject."""
    accounts = [
        paying("a", *[1000] * 13, owner="tam", interests={"surveys": Interest(date(2026, 5, 2))}, arr=Decimal(12_000)),
        paying("b", 600, 800, tasks=(ClosedTask("plg", True, "", TODAY),), created_on=TODAY - timedelta(days=1)),
    ]
    found = figures(accounts, TODAY)
    assert {ALL, "book:tam", "product:surveys", "lead-type:plg"} <= found.keys()
    for traits in found.values():
        for name, value in traits.items():
            assert name in TRAITS
            trait_value(name, value)
    assert found[ALL]["ndr"] == "1.0000"
    events = events_of(found, datetime(2026, 7, 2, tzinfo=UTC))
    assert {one.org_id for one in events} == found.keys()
    assert {one.id for one in events} == {"figures 2026-07-02"}
