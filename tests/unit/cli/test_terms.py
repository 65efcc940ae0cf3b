"""``signals terms``: the worked examples of the catalogue as a person asks them, and what a wrong number says."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from signals.cli import main

TIERS = "product_analytics=0:0,1000000:0.00005,2000000:0.00003"
SPIKE = ("refund", "--spike", "product_analytics=3000000", "--usual", "product_analytics=1000000")


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder, without settings of this machine."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SIGNALS_CONFIG", raising=False)
    return tmp_path


def run(*arguments: str) -> Result:
    """Run one of the commands as a user would."""
    return CliRunner().invoke(main, ["terms", *arguments], catch_exceptions=False)


def answer(*arguments: str) -> dict[str, Any]:
    """Return what a command answers, as other programs read it."""
    done = run(*arguments, "--json")
    assert done.exit_code == 0, done.output
    found: dict[str, Any] = json.loads(done.stdout)["answer"]
    return found


def refund(*more: str) -> dict[str, Any]:
    """Return the answer to three million after a million a month."""
    return answer(*SPIKE, "--price", TIERS, *more)


def test_a_refund_is_a_difference_of_prices_and_says_so() -> None:
    """80 - 0, and not the 50 that the two million of difference would cost."""
    done = run(*SPIKE, "--price", TIERS, "--spend", "100")

    assert done.stdout.startswith("refund             $80\n")
    assert "  Product Analytics $80: 3,000,000 units cost $80, the usual 1,000,000 cost $0 (4.4)\n" in done.stdout
    assert refund()["refund"] == "80.00"


def test_the_usual_is_the_mean_of_three_months() -> None:
    """900,000, a million and 1,100,000."""
    usual = [f"--usual=product_analytics={units}" for units in ("900000", "1,000,000", "1_100_000")]
    told = answer("refund", "--spike", "product_analytics=3000000", "--price", TIERS, *usual)
    assert told["refund"] == "80.00"


def test_commas_stand_between_thousands() -> None:
    """As in money: three million after a million a month, and not the sum of 3, 0 and 0."""
    told = answer("refund", "--spike", "product_analytics=3,000,000", "--usual", "product_analytics=1,000,000",
                  "--price", TIERS)  # fmt: skip
    assert told["refund"] == "80.00"


def test_each_product_has_its_own_line() -> None:
    """80 and 20 come to 100."""
    profiles = ("--spike", "person_profiles=300000", "--usual", "person_profiles=100000")
    done = run(*SPIKE, *profiles, "--price", TIERS, "--price", "person_profiles=0:0.0001")

    assert "$100\n" in done.stdout.splitlines(keepends=True)[0]
    assert "Person Profiles $20: 300,000 units cost $30, the usual 100,000 cost $10 (4.4)" in done.stdout


def test_prices_come_from_the_settings(here: Path) -> None:
    """Those given beside the command go before them."""
    (here / "signals.yaml").write_text('prices: {products: {product_analytics: {"0": 0.00001}}}\n')

    assert answer(*SPIKE)["refund"] == "20.00"
    assert refund()["refund"] == "80.00"


@pytest.mark.parametrize(
    ("options", "decides"),
    [
        (("--spend", "1666.99"), "support"),
        (("--spend", "1667"), "revops"),
        ((), "not known: --spend"),
        (("--odd",), "revops"),
        (("--change-invoice",), "revops"),
        (("--spend", "5", "--earlier", "1"), "revops"),
        (("--spend", "5", "--earlier", "1", "--period-open"), "support"),
        (("--spend", "5", "--overdue"), "revops"),
        (("--spend", "5", "--earlier", "2"), "revops"),
        (("--spend", "5", "--billed-on", "2026-06-01", "--asked-on", "2026-07-01"), "support"),
        (("--spend", "5", "--billed-on", "2026-06-01", "--asked-on", "2026-07-02"), "revops"),
        (("--spend", "5", "--not-stopped"), "revops"),
    ],
)
def test_who_decides(options: tuple[str, ...], decides: str) -> None:
    """By spend, and revenue operations for whatever is odd, repeated or refused; day 30 is in time, day 31 is not."""
    assert refund(*options)["decides"] == decides


def test_a_first_bill_does_not_save_a_late_request() -> None:
    """A first bill of 50 asked for on day 31 is for revenue operations."""
    told = refund("--first-bill", "50", "--new", "--billed-on", "2026-06-01", "--asked-on", "2026-07-02")
    assert told["scenario"] == "learning curve"
    assert told["stands_against_it"] == "asked more than 30 days after the billing date"
    assert told["decides"] == "revops"


def test_what_nobody_told_is_to_be_checked() -> None:
    """And nothing is, once everything is told."""
    assert "signs of fraud" in refund()["to_be_checked"]
    told = refund("--no-fraud", "--stopped", "--limited", "--wrong-setup", "--billed-on", "2026-06-01", "--asked-on",
                  "2026-06-02")  # fmt: skip
    assert (told["scenario"], told["stands_against_it"], told["to_be_checked"]) == ("wrong setup", None, None)


ALL_TOLD = ("--no-fraud", "--no-attack", "--no-hobby", "--no-wrong-setup", "--stopped", "--limited", "--spend", "5")


@pytest.mark.parametrize(("option", "scenario"), [("--no-revenue", "unexpected stardom"), ("--revenue", None)])
def test_from_nothing_to_something_beside_a_steady_product(option: str, scenario: str | None) -> None:
    """The steepest product decides: 0 to 3 million, not 1,000 to 1,010."""
    told = answer("refund", "--spike", "a=3000000", "--usual", "a=0", "--spike", "b=1010", "--usual", "b=1000",
                  "--price", "a=0:0.00001", "--price", "b=0:0", *ALL_TOLD, option)  # fmt: skip
    assert told["scenario"] == scenario
    assert told["decides"] == ("support" if scenario else "revops")


@pytest.mark.parametrize(
    ("yes", "no", "missing"),
    [
        ("--fraud", "--no-fraud", "signs of fraud"),
        ("--stopped", "--not-stopped", "whether usage has stopped"),
        ("--limited", "--not-limited", "a measure against a repeat"),
    ],
)
def test_a_flag_is_yes_no_or_nobody_told(yes: str, no: str, missing: str) -> None:
    """Left out, a person has to find out; of the two one speaks against it."""
    assert missing in refund()["to_be_checked"]
    said = [refund(option)["to_be_checked"] for option in (yes, no)]
    assert not any(missing in one for one in said)
    assert sorted(refund(option)["stands_against_it"] is None for option in (yes, no)) == [False, True]


@pytest.mark.parametrize(
    ("options", "most"),
    [
        (("--earlier", "1"), None),
        (("--earlier", "1", "--not-fixed"), "40.00"),
        (("--earlier", "2"), "0.00"),
        (("--earlier", "2", "--our-fault"), None),
    ],
)
def test_a_repeat_may_get_less(options: tuple[str, ...], most: str | None) -> None:
    """An unfixed second one half, a third nothing; a fault of ours is no repeat of theirs."""
    assert refund(*options).get("at_most,_as_a_repeat") == most


@pytest.mark.parametrize(
    ("options", "way"),
    [
        ((), "refund by a credit note"),
        (("--period-open",), "credit"),
        (("--earlier", "1"), "revenue operations"),
        (("--overdue",), "credit note, by revenue operations"),
    ],
)
def test_the_way_back(options: tuple[str, ...], way: str) -> None:
    """Credit while the invoice is not final."""
    assert refund(*options)["way_back"] == way


@pytest.mark.parametrize(
    ("arguments", "share", "price"),
    [
        (("--annual", "60000", "--years", "2", "--upfront", "2", "--agreed"), "0.355", "38700.00"),
        (("--annual", "100000", "--years", "3", "--upfront", "3", "--agreed"), "0.45", "55000.00"),
        (("--annual", "25000", "--net", "60"), "0.15", "21250.00"),
        (("--annual", "59999"), "0.20", "47999.20"),
        (("--annual", "60000"), "0.25", "45000.00"),
        (("--annual", "24999", "--self-serve"), "0.10", "22499.10"),
        (("--annual", "24999", "--nonprofit"), "0.15", "21249.15"),
        (("--annual", "100000", "--nonprofit"), "0.35", "65000.00"),
        (("--annual", "100001", "--nonprofit"), "0.30", "70000.70"),
    ],
)
def test_discounts(arguments: tuple[str, ...], share: str, price: str) -> None:
    """The handbook's own examples."""
    told = answer("discount", *arguments)
    assert float(told["discount"]) == float(share)
    assert told["costs_a_year"] == price


def test_a_discount_names_its_parts() -> None:
    """One line each, with the section; levers that count for nothing are told too."""
    done = run("discount", "--annual", "60000", "--years", "2", "--upfront", "2", "--agreed")
    assert done.stdout.splitlines() == [
        "discount      35.5 %",
        "costs a year  $38,700",
        "",
        "  25 % from $60,000 of credit on (3.6)",
        "  3 points more for 2 years (3.6)",
        "  2.5 points more for 2 years paid upfront (3.6)",
        "  5 points more for the date agreed (3.6)",
    ]
    assert "count for nothing" in run("discount", "--annual", "24999", "--agreed").stdout
    assert "count for nothing" not in run("discount", "--annual", "24999").stdout


@pytest.mark.parametrize("arguments", [("--annual", "1000000"), ("--annual", "60000", "--years", "4")])
def test_where_no_table_decides_a_person_does(arguments: tuple[str, ...]) -> None:
    """A million, four years."""
    assert answer("discount", *arguments) == {"discount": "custom: a person decides"}
    assert answer("expansion", "--original", "60000", "--credit", "1000000")["discount"] == "custom: a person decides"
    assert answer("self-serve", "--credit", "1000000")["discount"] == "custom: a person decides"


@pytest.mark.parametrize(
    ("credit", "net", "share"), [("30000", "30", 0.25), ("100000", "30", 0.30), ("100000", "60", 0.25)]
)
def test_more_credit_in_the_first_half(credit: str, net: str, share: float) -> None:
    """60,000 had 25 %: 30,000 more have it too, 100,000 their own tier; terms of payment are the new form's."""
    told = answer("expansion", "--original", "60000", "--credit", credit, "--net", net)
    assert float(told["discount"]) == share


@pytest.mark.parametrize(("credit", "net", "share", "counts"), [("24999", "60", 0, False), ("25000", "60", 0.15, True),
                                                                 ("24999", "30", 0, True)])  # fmt: skip
def test_more_credit_below_the_first_tier(credit: str, net: str, share: float, counts: bool) -> None:
    """Without a tier there is nothing that late payment could take away."""
    done = run("expansion", "--original", "10000", "--credit", credit, "--net", net)
    assert ("below $25,000 cash timing counts for nothing (3.6)" not in done.stdout) is counts
    assert float(answer("expansion", "--original", "10000", "--credit", credit, "--net", net)["discount"]) == share


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("self-serve", "--credit", "24000"), {"discount": "0.10", "costs": "21600.00", "lands_each_month": "2000.00"}),
        (("self-serve", "--credit", "25000"), {"discount": "0.20", "costs": "20000.00", "lands_each_month": "2083.33"}),
        (("buyout", "--annual", "50000", "--overlap", "6"), {"credit": "25000.00"}),
        (("buyout", "--annual", "50000", "--overlap", "7"), {"credit": "25000.00"}),
        (("buyout", "--annual", "19999.99", "--overlap", "6"), {"credit": "0"}),
        (("match", "--ours", "40000", "--quote", "50000"), {"credit": "10000.00", "costs_the_first_year": "30000.00"}),
        (("match", "--ours", "30000", "--quote", "50000"), {"credit": "0.00", "costs_the_first_year": "30000.00"}),
        (
            ("start", "--on", "2026-10-15", "--billing-day", "1"),
            {"covers_this_period": "2026-10-01", "begins_with_the_next": "2026-11-01"},
        ),
        (
            ("mrr", "--credits", "24000", "--every", "3", "--usage", "10000", "--discount", "20%"),
            {"MRR_of_the_account": "8000.00", "before_discount": "10000.00", "MRR_of_its_products": "8000.00"},
        ),
        (
            ("size", "--month", "10000000", "--growth", "10%"),
            {
                "latest": "10,000,000",
                "mean": "10,000,000",
                "largest": "10,000,000",
                "for_the_quote,_a_month": "19,602,260",
            },
        ),
        (
            ("size", *(part for m in (10, 10, 11, 10, 9, 10) for part in ("--month", f"{m}000000"))),
            {"latest": "10,000,000", "mean": "10,000,000", "largest": "11,000,000"},
        ),
        (("size", "--month", "10", "--growth", "2%"), {"latest": "10", "mean": "10", "largest": "10"}),
        (("outbound", "--group", "5", "--listed"), {"works_it": "TAE"}),
        (("outbound", "--group", "5"), {"works_it": "BDR"}),
        (("outbound", "--group", "6"), {"works_it": "nobody"}),
    ],
)
def test_credit_and_the_rest(arguments: tuple[str, ...], expected: dict[str, str]) -> None:
    """Catalogue 3.4, 3.7, 3.8 and 7.1."""
    assert answer(*arguments) == expected


def test_the_quota_of_the_handbooks_table() -> None:
    """19,600, then 30,760: 11,160 are attained; a new customer's month stands for the year."""
    before = [part for amount in ("2300:1", "2200:1", "2500:1") for part in ("--before", amount)]
    now = [part for amount in ("2700:2", "2800:1", "3000:3") for part in ("--invoice", amount)]
    told = answer("quota", *before, *now)
    assert [float(one) for one in told.values()] == [30_760, 19_600, 11_160]
    assert float(answer("quota", "--before", "1000:1", "--new")["of_the_quarter_before"]) == 8_400
    assert float(answer("quota", "--before", "1000:1")["of_the_quarter_before"]) == 2_800


@pytest.mark.parametrize(
    ("options", "arr"),
    [((), 12_600), (("--invoice", "0:1"), 0), (("--invoice", "0.01:1"), 12_600.028), (("--cancelled",), 0)],
)
def test_a_churn_leaves_no_quota(options: tuple[str, ...], arr: float) -> None:
    """No revenue in the final month, or cancelled: the whole ARR of the quarter before is lost."""
    told = answer("quota", *("--before", "1000:1") * 3, "--invoice", "2300:1", "--invoice", "2200:1", *options)
    assert (float(told["ARR_of_the_quarter"]), float(told["attained"])) == (arr, arr - 8_400)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("discount", "--annual", "much"), "'--annual': 'much' is no amount (valid: dollars from 0 on"),
        (("discount", "--annual", "-1"), "'-1' is no amount"),
        (("discount", "--annual", "nan"), "'nan' is no amount"),
        (("discount", "--annual", "60000", "--upfront", "2"), "2 years upfront of a term of 1 (valid: 1 to 1)"),
        (("mrr", "--credits", "5", "--discount", "120%"), "'120%' is no share (valid: from 0 to below 1"),
        (("start", "--on", "9999-12-31", "--billing-day", "1"), "(valid: 2000-01-01 to 2999-12-31)"),
        (("start", "--on", "0001-01-01", "--billing-day", "1"), "'0001-01-01' is no day of a contract"),
        (("mrr", "--credits", "5", "--discount", "0.9999999"), "is no share (valid: from 0 to below 1"),
        (("size", "--month", "1000000000000001"), "is not in the range 0<=x<=1000000000000000"),
        (("quota", "--invoice", "1e12:1"), "'1e12:1' is no invoice"),
        (("start", "--on", "15.10.2026", "--billing-day", "1"), "'15.10.2026' is no day (valid: such as 2026-10-15)"),
        (("quota", "--invoice", "2700"), "'2700' is no invoice (valid: amount and counted products, such as 2700:2)"),
        (("quota", *("--invoice", "1:1") * 4), "--invoice: 4 invoices (valid: 3 at most)"),
        (("refund", "--spike", "3000000"), "'3000000' cannot be read (valid: PRODUCT=UNITS"),
        (("refund", "--spike", "surveys=x"), "'surveys=x' cannot be read"),
        (("refund", "--spike", "surveys=-3"), "'surveys=-3' cannot be read"),
        (("refund", "--spike", "surveys=3"), "surveys has no price (valid: --price surveys=0:0,1000000:0.00005, or"),
        (("refund", "--spike", "surveys=1,00"), "'surveys=1,00' cannot be read (valid: PRODUCT=UNITS, such as"),
        (("refund", "--spike", "surveys=900,1000,1100"), "'surveys=900,1000,1100' cannot be read"),
        (("refund", "--spike", "surveys=" + "9" * 32), "cannot be read"),
        (("refund", "--spike", "surveys=1000000000000001"), "cannot be read"),
        (("refund", "--spike", "surveys=3", "--spike", "surveys=4"), "--spike: surveys is given 2 times (valid: once)"),
        (("refund", "--spike", "surveys=3", "--price", "surveys=0:Infinity"), "cannot be read"),
        (("refund", "--spike", "surveys=3", "--price", "surveys=0:NaN"), "cannot be read"),
        (("refund", "--spike", "surveys=3", "--price", "surveys=0:1,0:2"), "cannot be read"),
        ((*SPIKE, "--price", TIERS, "--price", TIERS), "--price: product_analytics is given 2 times (valid: once)"),
        ((*SPIKE, *("--usual", "product_analytics=1"), "--price", TIERS), "2 months (valid: 1, the mean, or 3)"),
        ((*SPIKE, *("--usual", "product_analytics=1") * 3, "--price", TIERS), "product_analytics has 4 months"),
        ((*SPIKE, "--usual", "product_analytics=900,1000,1100", "--price", TIERS), "for three months three of them"),
        (
            (*SPIKE, "--price", TIERS, "--billed-on", "2026-06-01", "--asked-on", "2026-05-31"),
            "--asked-on: 2026-05-31 is before the bill (valid: from 2026-06-01 on)",
        ),
        ((*SPIKE, "--usual", "surveys=3", "--price", TIERS), "surveys has no --spike (valid: product_analytics)"),
        ((*SPIKE, "--price", "product_analytics=5:0"), "cannot be read (valid: PRODUCT=0:0,1000000:0.00005"),
    ],
)  # fmt: skip
def test_a_wrong_number_says_what_would_be_valid(arguments: tuple[str, ...], said: str) -> None:
    """On standard error, with exit code 2; nothing is printed."""
    done = run(*arguments)

    assert done.exit_code == 2
    assert done.stdout == ""
    assert said in " ".join(done.stderr.split())


DOLLARS = ("0", "0.000000000001", "999999999999.99")
SHARES = ("0", "0.999999")
UNITS = ("0", "1", "1000000000000000")


@pytest.mark.parametrize(
    "arguments",
    [
        *(("expansion", "--original", one, "--credit", two, "--net", "365") for one in DOLLARS for two in DOLLARS),
        *(("match", "--ours", one, "--quote", two) for one in DOLLARS for two in DOLLARS),
        *(("mrr", "--credits", one, "--every", "60", "--usage", one, "--discount", share) for one in DOLLARS
          for share in SHARES),
        *(("quota", "--invoice", f"{one}:50", "--before", f"{one}:0", "--new") for one in DOLLARS),
        *(("start", "--on", day, "--billing-day", "31") for day in ("2000-01-01", "2024-02-29", "2999-12-31")),
        *(("size", "--month", one, "--month", two) for one in UNITS for two in UNITS),
        *(("size", "--month", one, "--growth", share) for one in UNITS for share in SHARES),
        *(("refund", "--spike", f"a={one}", "--usual", f"a={two}", "--price", f"a=0:{price}") for one in UNITS
          for two in UNITS for price in ("0", "1E-300", "1000000")),
    ],
    ids=" ".join,
)  # fmt: skip
def test_the_smallest_and_the_largest_numbers_have_an_answer(arguments: tuple[str, ...]) -> None:
    """What is accepted can be reckoned with, in words and for other programs."""
    assert run(*arguments).exit_code == 0
    assert answer(*arguments)
