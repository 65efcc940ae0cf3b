"""Settings become the engine's policy and the sinks' configuration."""

import io
from datetime import date, timedelta
from decimal import Decimal

import pytest
from rich.console import Console

from signals.domain.errors import ConfigError
from signals.engine.policy import TEAMS, GuardTerms, Policy
from signals.engine.portfolio.figures import ReportTerms
from signals.engine.portfolio.turns import Leave, Seat
from signals.settings.load import Configuration, Secrets, parse_settings
from signals.settings.model import Settings
from signals.streams.catch_up import CatchUp
from signals.wiring.policy import catch_up_of, policy_of, report_terms_of, topics_of, turn_terms_of
from signals.wiring.sinks import sinks_config, sinks_of
from signals.wiring.terminal import FirstOfRule


def configured(text: str, **secrets: str) -> Configuration:
    """Return the configuration of a file's text."""
    return Configuration(parse_settings(text, "signals.yaml"), Secrets(**secrets))


def test_no_settings_are_the_engines_own_defaults() -> None:
    """An empty file changes nothing of what the engine does by itself."""
    assert policy_of(Settings()) == Policy()


def test_settings_reach_the_policy() -> None:
    """Zone, window, guards, terms, routes and sinks arrive where the engine reads them."""
    policy = policy_of(
        parse_settings(
            "time: {zone: Europe/Berlin, admission_window: 3d}\nguards: {first_days: 14}\n"
            "payment: {clock_attempt: 1}\nrouting: {channels: {spike: bills}, crm: false, webhook: true}\n",
            "signals.yaml",
        )
    )

    assert str(policy.zone) == "Europe/Berlin"
    assert policy.admission_window == timedelta(days=3)
    assert policy.guards.first_days == 14
    assert policy.terms.payment_clock_attempt == 1
    assert policy.routing.channels["spike"] == "#bills"
    assert policy.routing.sinks == ("slack", "webhook")


def test_every_number_of_the_guards_is_a_setting() -> None:
    """What the guards compare with comes from the file, each from the line that names it."""
    text = """guards:
  {incident_release: 3d, budget_tags: [broke], relationship_within: 45d, fundraise_days: 10, lost_release: 180d,
   no_health_tag: no-health, huge_source_rows: 5, first_days: 14, ticket_release: 2d, tickets_in_24h: 9,
   pitch_every: 8d, negotiating_stages: [Talks], risk_segments: [Red]}"""

    policy = policy_of(parse_settings(text, "signals.yaml"))

    assert policy.terms.no_health_tag == "no-health"
    assert policy.guards == GuardTerms(
        incident_release=timedelta(days=3), budget_tags=frozenset({"broke"}), relationship_within=timedelta(days=45),
        fundraise_days=10, lost_release=timedelta(days=180), huge_source_rows=5,
        first_days=14, ticket_release=timedelta(days=2), ticket_storm=9, pitch_every=timedelta(days=8),
        negotiating_stages=frozenset({"Talks"}), risk_segments=frozenset({"Red"}),
    )  # fmt: skip


def test_words_of_your_own_decide_what_a_text_is_about() -> None:
    """A topic's phrases are replaced, the others stay; tools are added."""
    text = "text: {topics: {budget_freeze: [spending stop], rate_limit: []}, tools: [Plausible]}"

    topics = policy_of(parse_settings(text, "signals.yaml")).classifier.topics

    assert topics("A spending stop; we use Plausible and Sentry") == {"budget_freeze", "tool:Plausible", "tool:Sentry"}
    assert topics("a budget freeze, and a rate limit: too expensive") == {"price_complaint"}


def test_topics_carry_prefix_and_partitions() -> None:
    """Every topic name begins with the prefix."""
    topics = topics_of(parse_settings("kafka: {bootstrap: 'k:9092', prefix: eu-, partitions: 3}", "signals.yaml"))

    assert topics.partitions == 3
    assert all(spec.name.startswith("eu-") for spec in topics.all())


def test_a_role_is_tagged_through_the_person_who_has_it() -> None:
    """A role in a pack reaches the Slack id of its person."""
    config = sinks_config(
        configured("routing: {roles: {cs_lead: grace@x.com}, people: {grace@x.com: U0GRACE01}}", slack_token="xoxb-1")
    )

    assert config.slack.users == {"grace@x.com": "U0GRACE01", "cs_lead": "U0GRACE01"}


def test_the_webhook_gets_its_secret() -> None:
    """Address and secret meet under the destination the routes use."""
    config = sinks_config(configured("sinks: {webhook: {url: 'https://x.example'}}", webhook_secret="s" * 16))

    assert list(config.webhook.endpoints) == ["default"]


def test_a_bad_secret_is_told_without_showing_it() -> None:
    """A secret that is too short stops the start; the error does not contain it."""
    with pytest.raises(ConfigError) as caught:
        sinks_config(configured("sinks: {webhook: {url: 'https://x.example'}}", webhook_secret="tooshort"))

    assert "must have at least 16 characters" in str(caught.value)
    assert "tooshort" not in str(caught.value)


def test_without_tokens_cards_go_to_the_terminal() -> None:
    """No token: every name has a sink all the same, and first_of_rule wraps the terminal's."""
    console = Console(file=io.StringIO())

    sinks = sinks_of(configured("sinks: {terminal: {cards: first_of_rule}}"), console)

    assert [sink.name for sink in sinks] == ["slack", "crm", "webhook"]
    assert isinstance(sinks[0], FirstOfRule)


def test_stale_cards_are_folded_live_and_in_a_history_only_when_asked() -> None:
    """In a history everything is long ago."""
    history = "time: {source: input}\n"
    assert catch_up_of(Settings()) == CatchUp(timedelta(hours=2), 10)
    assert catch_up_of(parse_settings(history, "x")).after is None
    assert catch_up_of(parse_settings(history + "catch_up: {after: 3h}\n", "x")).after == timedelta(hours=3)
    assert catch_up_of(parse_settings("catch_up: {after: null, more_than: 3}\n", "x")) == CatchUp(None, 3)


def test_the_pace_in_slack_is_a_setting() -> None:
    """Workers do not know of each other: with two of them each takes every other second."""
    assert sinks_config(configured("")).slack.post_every == timedelta(seconds=1)
    assert sinks_config(configured("sinks: {slack: {post_every: 2s}}\n")).slack.post_every == timedelta(seconds=2)


def test_charts_can_be_turned_off() -> None:
    """For an app that may not upload files."""
    assert sinks_config(configured("")).slack.charts
    assert not sinks_config(configured("sinks: {slack: {charts: false}}\n")).slack.charts


def test_members_of_teams_reach_the_engine_and_the_tracker() -> None:
    """Without members no team waits for anybody; a member without territories takes leads everywhere."""
    settings = parse_settings(
        "assignment:\n  most_accounts: 9\n  most_arr: 900000\n  members:\n"
        "  - {user: ann, role: TAE, territories: [ANZ], priority: 2, joined: 2026-07-20, adjustments: {2026-07: 4}}\n"
        "  - {user: bob, role: TAM, active: false, leaves: [{first: 2026-07-01, back: 2026-07-03}]}\n",
        "signals.yaml",
    )
    leave = Leave(date(2026, 7, 1), date(2026, 7, 3))

    terms = turn_terms_of(settings)

    assert terms.seats == (
        Seat("ann", "TAE", frozenset({"ANZ"}), 2, True, date(2026, 7, 20), (), {date(2026, 7, 1): Decimal(4)}),
        Seat("bob", "TAM", active=False, leaves=(leave,)),
    )
    assert (terms.most_accounts, terms.most_arr) == (9, Decimal(900_000))
    assert policy_of(settings).routing.teams == set(terms.teams)
    assert (policy_of(settings).routing.in_turn, policy_of(Settings()).routing.in_turn) == (True, False)


def test_a_team_of_your_own_stands_beside_ours() -> None:
    """Naming one does not take the others away; one of ours may have another role."""
    settings = parse_settings("assignment: {teams: {vip: AE, sales_round_robin: TAM}}", "signals.yaml")
    expected = {**TEAMS, "vip": "AE", "sales_round_robin": "TAM"}

    assert turn_terms_of(settings).teams == expected
    assert policy_of(settings).routing.teams == set(expected)


def test_the_numbers_of_the_report_are_settings() -> None:
    """Each from the line that names it; none of them is a default of its own."""
    settings = parse_settings("report: {managed_arr: 30000, book_most: 12, movers: 5, movement: 100}\n", "signals.yaml")

    assert report_terms_of(Settings()) == ReportTerms()
    assert report_terms_of(settings) == ReportTerms(Decimal(30_000), 12, 5, Decimal(100))
