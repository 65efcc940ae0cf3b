"""Which rules are looked at for the sake of what already stands: held findings, open cards."""

from datetime import UTC, datetime, timedelta

from signals.domain.account.life import Episode, Life
from signals.engine.standing import held_by, held_daily, rules_in
from support.packaged import catalogue

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LIFE = Life(
    episodes={
        "customer_hiring|": Episode("a", NOON, "open"),
        "team_growth|": Episode("b", NOON, "held", held_for="guarded:G13", held_until=NOON + timedelta(days=9)),
        "path_gm_pa|": Episode("c", NOON, "held", held_for="guarded:G1"),
        "posthog_price_change_fit|surveys": Episode(
            "e", NOON, "held", held_for="guarded:G13", held_until=NOON + timedelta(days=9)
        ),
        "no_rule_any_more|": Episode("d", NOON, "held", held_for="guarded:G1"),
    }
)


def names(numbers: set[int]) -> set[str]:
    """Return the ids of rules by number."""
    return {catalogue().rules[number].id for number in numbers}


def test_rules_by_the_state_of_their_episodes() -> None:
    """Rules that went are left out."""
    assert names(rules_in(LIFE, catalogue(), "open")) == {"customer_hiring"}
    assert names(rules_in(LIFE, catalogue(), "held")) == {"team_growth", "path_gm_pa", "posthog_price_change_fit"}


def test_a_close_of_a_day_asks_for_all_but_what_waits_for_its_month() -> None:
    """That has its timer, unless a variant of the rule goes by other guards."""
    assert names(held_daily(LIFE, catalogue())) == {"path_gm_pa", "posthog_price_change_fit"}


def test_what_a_guard_reads_asks_for_what_it_holds() -> None:
    """A ticket moves: G1 may let go; G13 reads none."""
    assert names(held_by(LIFE, catalogue(), frozenset({"relationship.tickets"}))) == {"path_gm_pa"}
    assert held_by(LIFE, catalogue(), frozenset({"people.persons"})) == set()
