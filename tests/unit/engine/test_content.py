"""The words of a transition."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from signals.domain.account.profile import Profile
from signals.domain.account.state import Account
from signals.domain.events.billing import SpendReported
from signals.domain.privacy import HEADLINE_MOST
from signals.domain.signal import Link
from signals.engine.content import links_of, titled
from signals.engine.policy import LinkTemplate
from support.short_rules import line_of

ACCOUNT = Account("acme", clock=datetime(2026, 1, 1, tzinfo=UTC), profile=Profile(crm_url="https://crm.example/1"))


@pytest.mark.parametrize(
    ("account", "headline", "full"),
    [
        ("Acme", "usage fell", "Acme: usage fell"),
        ("Acme", "Acme's usage fell", "Acme's usage fell"),
        ("Acme", "Acmeville opened", "Acme: Acmeville opened"),
        ("Go", "Good news", "Go: Good news"),
        ("Acme", "Acme", "Acme"),
    ],
)
def test_the_account_stands_in_front_once(account: str, headline: str, full: str) -> None:
    """A headline that names it already is left alone; a longer word that begins alike is not its name."""
    assert titled(account, headline) == full


@pytest.mark.parametrize(("letters", "cut"), [(HEADLINE_MOST - 6, False), (HEADLINE_MOST - 5, True)])
def test_a_headline_has_at_most_ninety_characters(letters: int, cut: bool) -> None:
    """Ninety fit; the ninety-first turns the end into an ellipsis."""
    full = titled("Acme", "x" * letters)

    assert len(full) == HEADLINE_MOST
    assert full.endswith("…") is cut


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("{crm_url}", "https://crm.example/1"),
        ("{usage_url}", None),
        ("https://x.example/?to={usage_url}", None),
        ("https://x.example/{org_id}", "https://x.example/acme"),
        ("javascript:{org_id}", None),
        ("https://x.example/", "https://x.example/"),
    ],
)
def test_a_link_whose_value_is_not_known_is_left_out(url: str, found: str | None) -> None:
    """Wherever in the address it stands; and only web addresses are links."""
    assert links_of(ACCOUNT, (LinkTemplate("it", url),)) == ((Link("it", found),) if found else ())


RULE = """
- id: spend
  title: Spend is high
  kind: level
  source: handbook XT
  params: {high: {value: 1000, unit: USD/month, from: handbook}, mine: {value: 3, unit: count, from: ours}}
  let: {yearly: billing.mrr * mine}
  when: billing.mrr >= high
  evidence:
  - {name: billing.mrr, threshold: high, decisive: true, window: this month}
  - {name: yearly, threshold: mine}
  value_at_stake: billing.arr
  text:
    {headline: "spend", why_now: "now {billing.mrr:money}", next_step: call, starter: hello, decisive: billing.mrr}
"""


def test_evidence_carries_value_unit_window_threshold_and_where_that_is_from(tmp_path: Path) -> None:
    """A threshold of the handbook names the page, another its own source."""
    line = line_of(RULE, tmp_path, "expansion")
    (said,) = line.send(SpendReported(org_id="acme", at=line.at(1), mrr=Decimal("1000.50")))
    first, second = said.evidence

    assert (first.value, first.unit, first.window, first.decisive) == ("1000.50", "USD/month", "this month", True)
    assert (first.threshold, first.threshold_from) == ("1000", "handbook XT")
    assert (second.threshold, second.threshold_from, second.decisive) == ("3", "ours", False)
    assert (said.value_at_stake, said.next_step, said.starter) == (Decimal(12006), "call", "hello")
    assert said.why_now == "now $1,001"
    assert said.decisive
    assert said.account_name == "Acme"
    assert said.arr == Decimal(12006)
