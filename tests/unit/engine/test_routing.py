"""Who is asked, where."""

from pathlib import Path

import pytest

from signals.engine.policy import Policy, Routing
from support.short_rules import GONE, left, line_of, owned, with_fields


@pytest.mark.parametrize(
    ("family", "owner", "channel"),
    [
        ("churn_risk", "cs_lead", "#customer-churn"), ("payment", "sales_lead", "#sales-alerts"),
        ("spike", "revops", "#sales-alerts"), ("lead", "revops", "#sales-leads"),
    ],
)  # fmt: skip
def test_an_account_without_an_owner_has_the_familys_stand_in(
    tmp_path: Path, family: str, owner: str, channel: str
) -> None:
    """Or the named fallback; the channel is the family's or the default."""
    line = line_of(GONE, tmp_path, family)
    (said,) = line.send(left(line, 1))

    assert (said.owner.name, said.owner.fallback) == (owner, True)
    assert line.last is not None
    assert [(one.sink, one.destination) for one in line.last.deliveries] == [("slack", channel), ("crm", "task")]


def test_an_owner_taken_away_leaves_the_stand_in(tmp_path: Path) -> None:
    """``owner`` null is nobody."""
    line = line_of(GONE, tmp_path)
    line.send(owned(line, 0.5, "dana"), owned(line, 0.6, None))
    (said,) = line.send(left(line, 1))

    assert (said.owner.name, said.owner.fallback) == ("cs_lead", True)


def test_the_owner_is_named_with_the_role(tmp_path: Path) -> None:
    """And is no fallback."""
    line = line_of(GONE, tmp_path)
    line.send(owned(line, 0.5, "dana"))
    (said,) = line.send(left(line, 1))

    assert (said.owner.name, said.owner.role, said.owner.fallback) == ("dana", "CSM", False)


def test_roles_are_tagged_besides_the_owner_when_their_condition_holds(tmp_path: Path) -> None:
    """Always, under a true condition, not under a false one; each once."""
    rule = with_fields(
        GONE,
        "route: {cc: [boss], also_tag: [boss, support, "
        '{when: champion.change == "left", roles: [growth]}, {when: champion.change == "changed_role", roles: [no]}]}',
    )
    line = line_of(rule, tmp_path)
    line.send(owned(line, 0.5, "dana"))
    (said,) = line.send(left(line, 1))

    assert (said.owner.name, said.tagged) == ("dana", ("boss", "support", "growth"))


def test_a_rule_that_asks_a_role_asks_it_instead_of_the_owner(tmp_path: Path) -> None:
    """The first role named is asked, the rest are tagged."""
    line = line_of(with_fields(GONE, "route: {tag_owner: false, cc: [finance, boss]}"), tmp_path)
    line.send(owned(line, 0.5, "dana"))
    (said,) = line.send(left(line, 1))

    assert (said.owner.name, said.owner.role, said.owner.fallback, said.tagged) == ("finance", "", False, ("boss",))


def test_a_variant_has_a_route_of_its_own(tmp_path: Path) -> None:
    """It replaces the rule's whole route."""
    rule = with_fields(
        GONE,
        "route: {channel: usual, cc: [boss]}",
        'variants: [{when: champion.change == "left", name: bad, route: {channel: special, sinks: [webhook]}}]',
    )
    line = line_of(rule, tmp_path)
    (said,) = line.send(left(line, 1))

    assert said.tagged == ()
    assert line.last is not None
    assert [(one.sink, one.destination) for one in line.last.deliveries] == [("webhook", "default")]


def test_the_companys_routing_is_used(tmp_path: Path) -> None:
    """Sinks, channels and the fallback come from configuration."""
    policy = Policy(
        routing=Routing(
            fallback_owner="desk", unmanaged={}, default_channel="#all", channels={}, sinks=("webhook", "slack")
        )
    )
    line = line_of(GONE, tmp_path, policy=policy)
    (said,) = line.send(left(line, 1))

    assert said.owner.name == "desk"
    assert line.last is not None
    assert [(one.sink, one.destination) for one in line.last.deliveries] == [("webhook", "default"), ("slack", "#all")]
