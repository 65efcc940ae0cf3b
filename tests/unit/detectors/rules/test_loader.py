"""From pack files to rules."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from signals.detectors.contract import Confirm, Rule, RuleKind, Stage
from signals.detectors.rules.loader import load_packs
from signals.detectors.rules.problems import PackErrors
from signals.domain.errors import PackError
from signals.domain.events.billing import PaymentFailed
from signals.domain.reasons import FamilyName, Severity
from support.packs import FULL
from support.rule_scope import NAMES, NOW, FakeScope

Load = Callable[..., tuple[Rule, ...]]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Load texts as files a.yaml, b.yaml ... of one folder."""

    def run(*texts: str, **options: object) -> tuple[Rule, ...]:
        for index, text in enumerate(texts):
            (tmp_path / f"{'abcdef'[index]}.yaml").write_text(text)
        return load_packs([tmp_path], names=NAMES, **options)  # type: ignore[arg-type]

    return run


def small(rule: str, when: str = "managed", more: str = "") -> str:
    """Return the text of one small rule."""
    return (
        f"- id: {rule}\n  title: T\n  kind: level\n  source: ours\n  severity: info\n"
        f"  when: {when}\n  text: {{headline: H}}\n{more}"
    )


def pack(*rules: str) -> str:
    """Return a pack of small rules."""
    return "family: other\nrules:\n" + "".join(rules)


def test_a_complete_pack_loads(load: Load) -> None:
    """One rule of each kind, with what the file and its defaults say."""
    drop, failed, quiet = load(FULL)

    assert [rule.kind for rule in (drop, failed, quiet)] == [RuleKind.LEVEL, RuleKind.EDGE, RuleKind.STEPS]
    assert drop.family is FamilyName.CHURN_RISK
    assert drop.stage is Stage.LIVE
    assert drop.route.channel == "churn"
    assert drop.params["drop"].value == Decimal("0.30")
    assert drop.params["window"].value == timedelta(days=28)
    assert drop.params["big"].kind == "money"
    assert drop.confirm == Confirm(2, "reports")
    assert (drop.remind, drop.cooldown, drop.hold) == (timedelta(days=14), timedelta(days=28), timedelta(0))
    assert drop.exempt == {"G4"}
    assert drop.severity is Severity.WARNING
    assert set(drop.freezes) == {"now_volume"}
    assert drop.reads == {"usage.total", "managed", "mrr", "growth"}
    assert drop.daily
    assert not drop.timed
    assert drop.where.endswith("a.yaml:6")
    assert failed.on == ("payment_failed",)
    assert failed.signals == {"usage_drop"}
    assert [step.at.days for step in quiet.steps] == [14, 21]


def test_conditions_of_a_loaded_rule_evaluate(load: Load) -> None:
    """Exactly 30 % down fires; one event more does not; the words fit."""
    drop, failed, quiet = load(FULL)
    facts = {"mrr": Decimal(12000), "managed": True, "growth": Decimal(0), "arr": Decimal(144000)}
    fires = FakeScope(facts | {"usage.total": {28: 70, 56: 100}}, opened={"now_volume": 70})
    near = FakeScope(facts | {"usage.total": {28: 71, 56: 100}})
    event = PaymentFailed(org_id="o", at=NOW, invoice_id="in_1", attempt=1, amount=Decimal("12.50"))
    edge = FakeScope(event=event, signals={"usage_drop": False})
    person = FakeScope(item={"id": "p1", "seen_at": datetime(2026, 3, 1, tzinfo=UTC), "family": "engineering"})

    assert drop.when is not None
    assert drop.when.evaluate(fires) is True
    assert drop.when.evaluate(near) is False
    assert drop.severities[0].when.evaluate(fires) is True
    assert drop.variants[0].when.evaluate(fires) is False
    assert drop.words.headline.render(fires) == "Acme: usage fell to 70"
    assert drop.words.why_now is not None
    assert drop.words.why_now.render(fires) == "It was 100 before; $12,000 a month is at stake."
    assert drop.words.decisive is not None
    assert drop.words.decisive.render(fires) == "Events in 28 days: 70"
    assert [line.decisive for line in drop.evidence] == [True, False]
    assert drop.evidence[1].threshold is drop.params["big"]
    assert drop.evidence[1].label == "Mrr"
    assert drop.value_at_stake is not None
    assert drop.value_at_stake.evaluate(fires) == Decimal(144000)
    assert failed.when is not None
    assert failed.key is not None
    assert (failed.when.evaluate(edge), failed.key.evaluate(edge)) == (True, "in_1")
    assert failed.words.headline.render(edge) == "Acme: $12.50 not collected"
    assert quiet.each is not None
    assert quiet.start is not None
    assert quiet.each.key.evaluate(person) == "p1"
    assert quiet.start.evaluate(person) == datetime(2026, 3, 1, tzinfo=UTC)


def test_examples_become_stories(load: Load) -> None:
    """Days, ranges, times and expectations are typed; omitted expectations follow the verdict."""
    fires, near = load(FULL)[0].examples

    assert [(each.first, each.last, each.at) for each in fires.story] == [(0, 27, None), (28, 55, time(9, 30))]
    assert fires.story[0].fields == {"volumes": {"events": 10}}
    assert (fires.until, fires.until_time) == (57, time(9))
    assert fires.expect[0].says == {"headline": "usage fell"}
    assert (near.verdict, near.story[0].first) == ("near", date(2026, 1, 5))
    assert [(each.signal, each.state) for each in near.expect] == [("usage_drop", "none")]
    assert near.because == "now_volume / then_volume"


def test_rules_come_after_what_they_read(load: Load) -> None:
    """Whatever the order in files, a rule that reads another's signal is later, levels counted too."""
    first = pack(
        small("reads_both", "signal('reads_one') and signal('alone')"),
        small("reads_one", "signal('alone')"),
        small("counts", "open_signals('B') > 1"),
    )
    second = pack(small("alone"), small("level_b", more="  churn_level: B\n"))

    rules = [rule.id for rule in load(first, second, require_examples=False)]

    assert rules == ["alone", "reads_one", "reads_both", "level_b", "counts"]


def test_a_cycle_is_named(load: Load) -> None:
    """Rules that read each other in a circle stop the start, and the circle is shown."""
    text = pack(small("aaa", "signal('bbb')"), small("bbb", "signal('ccc')"), small("ccc", "signal('aaa')"))

    with pytest.raises(PackError, match="aaa -> bbb -> ccc -> aaa"):
        load(text, require_examples=False)


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        (pack(small("one", "membres > 0")), 8, "unknown name membres"),
        (pack(small("one", "members > 2")), 8, "the bare number 2"),
        (pack(small("one", "members")), 8, "when gives a count"),
        (pack(small("one", "signal('two')")), 3, "which is no rule"),
        (pack(small("one"), small("one")), 10, "already at"),
        (pack(small("one", more="  colour: red\n")), 10, "colour: Extra inputs"),
        (pack(small("one", more="  hold: soon\n")), 10, "soon is no duration"),
        (pack(small("one", more="  confirm: many\n")), 10, "confirm"),
        (pack(small("one", more="  confirm: many reports\n")), 10, "many is no number of samples"),
        (pack(small("one", more="  clear: members > opened.nothing\n")), 10, "unknown name nothing"),
        (pack(small("one", more="  on: [payment_failed]\n")), 3, "kind level has no on"),
        (pack(small("one", more="  value_at_stake: mrr\n")), 10, "dollars a month"),
        (pack(small("one", more="  value_at_stake: members\n")), 10, "value_at_stake gives a count"),
        (pack(small("one", more="  alias_of: two\n")), 3, "alias of two"),
        (pack(small("one", more="  params:\n    few: {value: 5, from: ours}\n")), 11, "has no unit"),
        (pack(small("one", more="  params:\n    few: {value: 5.5, unit: count, from: ours}\n")), 11, "whole numbers"),
        (pack(small("one", more="  params:\n    few: {value: 5, unit: count}\n")), 11, "from: Field required"),
        (pack(small("one", more="  params:\n    mrr: {value: 5, unit: USD, from: ours}\n")), 11, "mrr is taken"),
        (pack(small("one", more="  let:\n    any: members + 1\n")), 11, "any is taken"),
        (pack(small("one", more="  let:\n    later: sooner + 1\n    sooner: members\n")), 11, "unknown name sooner"),
        (pack(small("one", more="  evidence:\n  - {name: mrr, threshold: few}\n")), 11, "few is no parameter"),
        (pack(small("one", more="  evidence:\n  - name: mrr\n    value: mrr2\n")), 12, "unknown name mrr2"),
        (pack(small("one", more="  severity2: info\n")), 10, "severity2"),
        (pack(small("one", more="  STORY[{on: 0, nonsense: {}}]}\n")), 11, "unknown event kind"),
        (pack(small("one", more="  STORY[{on: 0, trial_set: {x: 1}}]}\n")), 11, "no field x"),
        (pack(small("one", more="  STORY[{trial_set: {}}]}\n")), 11, "one of on and days"),
        (pack(small("one", more="  STORY[{days: 5..1, trial_set: }]}\n")), 11, "first..last"),
        (pack(small("one", more="  examples:\n  - {story: [{on: 0, trial_set: }]}\n")), 11, "exactly one of fires"),
        (pack(small("one", more="  each: {in: people, as: p, key: p.acts}\n")), 10, "key gives a count"),
        (pack(small("one", more="  each: {in: members, as: p, key: p}\n")), 10, "in gives a count"),
        (pack(small("one", more="  exempt: [X1]\n")), 10, "exempt"),
        (pack(small("one", more="  variants:\n  - {when: nope, name: v}\n")), 11, "unknown name nope"),
        ("family: nope\n", 1, "family"),
        ("- a\n", 1, "valid dictionary"),
        ("rules: {a: 1}\n", 1, "rules"),
    ],
)  # fmt: skip
def test_faults_carry_file_and_line(load: Load, text: str, line: int, problem: str) -> None:
    """Each thing wrong in a pack says where."""
    text = text.replace("STORY", "examples:\n  - {fires: x, story: ")
    with pytest.raises(PackError) as caught:
        load(text, require_examples=False)

    assert caught.value.where.endswith(f"a.yaml:{line}")
    assert problem in str(caught.value)


def test_all_faults_are_told_at_once(load: Load) -> None:
    """A writer sees every fault of every file in one go."""
    rules = pack(small("one", "nope"), small("two", "nada", more="  hold: soon\n"))

    with pytest.raises(PackErrors) as caught:
        load(rules, "rules: [", require_examples=False)

    found = [error.where.rsplit("/", 1)[1] for error in caught.value.errors]
    assert sorted(found) == ["a.yaml:15", "a.yaml:17", "a.yaml:8", "b.yaml:1"]
    assert str(caught.value).count("\n") == 3


def test_a_rule_without_examples_is_refused(load: Load) -> None:
    """A rule shows one story that fires and one that nearly does."""
    with pytest.raises(PackErrors) as caught:
        load(pack(small("one")))

    assert ["fires" in error.problem or "near" in error.problem for error in caught.value.errors] == [True, True]


def test_a_severity_list_wants_a_default(load: Load) -> None:
    """Conditions may all fail, so the list ends with a default."""
    text = pack(small("one").replace("severity: info", "severity: [{when: managed, is: info}]"))

    with pytest.raises(PackError, match="severity without a default"):
        load(text, require_examples=False)


def test_kinds_need_their_fields(load: Load) -> None:
    """A ladder without steps and an edge without events are not rules."""
    for kind, missing in (("edge", "needs on"), ("steps", "needs from")):
        with pytest.raises(PackError, match=missing):
            load(pack(small("one").replace("kind: level", f"kind: {kind}")), require_examples=False)


def test_overrides_change_parameters_and_stage(load: Load) -> None:
    """A user's file changes values; evidence then says override, and the version differs."""
    (before, *_) = load(FULL)
    (after, *_) = load(
        FULL, "overrides:\n  usage_drop:\n    params: {drop: 0.5}\n    stage: shadow\n    cooldown: 1 d\n"
    )

    assert after.params["drop"].value == Decimal("0.5")
    assert after.params["drop"].source == "override"
    assert after.stage is Stage.SHADOW
    assert after.cooldown == timedelta(days=1)
    assert after.version != before.version
    assert before.when is not None
    assert after.when is not None
    scope = FakeScope({"usage.total": {28: 70, 56: 100}, "managed": True})
    assert (before.when.evaluate(scope), after.when.evaluate(scope)) == (True, False)


@pytest.mark.parametrize(
    ("change", "line", "problem"),
    [
        ("  nobody: {stage: off}", 2, "unknown rule nobody"),
        ("  usage_drop:\n    stage: loud", 3, "stage"),
        ("  usage_drop:\n    when: managed", 3, "when"),
        ("  usage_drop:\n    params:\n      dorp: 1", 4, "no parameter dorp"),
        ("  usage_drop:\n    params:\n      window: 0.5", 4, "not like 28 d"),
        ("  usage_drop:\n    params:\n      drop: 5 d", 4, "not like 0.30"),
        ("  usage_drop:\n    hold: soon", 3, "soon is no duration"),
    ],
)
def test_bad_overrides_say_their_own_line(load: Load, change: str, line: int, problem: str) -> None:
    """The fault is at the override, not at the rule."""
    with pytest.raises(PackError) as caught:
        load(FULL, f"overrides:\n{change}\n")

    assert caught.value.where.endswith(f"b.yaml:{line}")
    assert problem in str(caught.value)


def test_overrides_from_settings(load: Load) -> None:
    """The same may come as data."""
    (rule, *_) = load(FULL, overrides={"usage_drop": {"stage": "off"}})
    assert rule.stage is Stage.OFF

    with pytest.raises(PackError, match="overrides:1"):
        load(FULL, overrides={"nobody": {}})


def test_the_version_follows_what_decides(load: Load) -> None:
    """Same text, same version; examples do not count; a changed threshold or word does."""
    (one, *_) = load(FULL)

    assert load(FULL)[0].version == one.version
    assert load(FULL.replace("exactly 30 %", "just 30 %"))[0].version == one.version
    assert (
        load(FULL.replace("usage fell", "usage sank").replace("says: {headline: usage sank}", "says: {}"))[0].version
        != one.version
    )
    assert load(FULL.replace("value: 0.30", "value: 0.31"))[0].version != one.version
    assert len(one.version) == 8


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    """A path that is not there says so."""
    with pytest.raises(PackError, match="cannot be read"):
        load_packs([tmp_path / "none.yaml"], names=NAMES)


def test_an_alias_speaks_only_beside_what_it_stands_for(load: Load) -> None:
    """One alert for two ids: while the first holds, the second does not; that it is unknown changes nothing."""
    text = pack(small("one_rule"), small("two_rule", more="  alias_of: one_rule\n"))
    first, alias = load(text, require_examples=False)
    assert first.id == "one_rule"
    assert alias.signals == {"one_rule"}
    assert alias.when is not None

    said = [alias.when.evaluate(FakeScope({"managed": True}, signals={"one_rule": holds})) for holds in (True, False)]
    assert said == [False, True]
