"""The last words of a signal as they are kept: a rule that changed since gives its new words, one that went none."""

from dataclasses import replace
from datetime import UTC, datetime

import msgspec

from signals.backtest.examples import play
from signals.domain.account.life import Episode
from signals.domain.signal import Link, Transition
from signals.engine.keeping import kept, restored
from support.packaged import POLICY, catalogue

RULE = catalogue().by_id["churn_usage_drop_30"]
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def told() -> Transition:
    """Return what a firing example of the rule says."""
    example = next(one for one in RULE.examples if one.verdict == "fires")
    played = play(RULE, example, catalogue=catalogue(), policy=POLICY)
    return next(one for one in played.transitions if one.rule == RULE.id)


def test_less_than_half_is_kept() -> None:
    """Labels, thresholds and fixed words are the rule's."""
    said = msgspec.structs.replace(told(), chart=None)
    draft = kept(RULE, said)
    assert len(msgspec.msgpack.encode(draft)) < len(msgspec.msgpack.encode(said)) / 2
    assert [one.value for one in draft.evidence] == [one.value for one in said.evidence]
    assert {one.label for one in draft.evidence} == {""}


def test_words_with_numbers_of_that_day_stay() -> None:
    """They cannot be made again."""
    said = told()
    assert kept(RULE, said).headline == said.headline
    assert kept(RULE, said).why_now == said.why_now != ""


def test_a_rule_that_changed_gives_its_new_words() -> None:
    """Also the version in force now; lines of evidence it has no more are left out."""
    draft = kept(RULE, told())
    changed = replace(RULE, runbook="elsewhere.md", evidence=RULE.evidence[1:], version="new")
    whole = restored(changed, draft, Episode("s", NOON, "open"), "acme", (Link("CRM", "https://crm.example.com"),))
    assert (whole.runbook, whole.rule_version, whole.since, whole.org_id) == ("elsewhere.md", "new", NOON, "acme")
    assert [one.name for one in whole.evidence] == [one.name for one in RULE.evidence[1:]]
    assert all(one.label for one in whole.evidence)


def test_without_its_rule_only_what_was_kept_is_left() -> None:
    """The headline and the sentences with numbers."""
    said = told()
    whole = restored(None, kept(RULE, said), Episode(said.signal_id, said.since, "open"), said.org_id, ())
    assert (whole.headline, whole.why_now, whole.signal_id) == (said.headline, said.why_now, said.signal_id)
    assert (whole.evidence, whole.runbook, whole.rule_version) == ((), "", "")
