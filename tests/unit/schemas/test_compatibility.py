"""The compatibility check: what passes, what fails, and that it can fail at all."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from signals.schemas.compatibility import incompatibilities
from signals.schemas.documents import Direction, JsonSchema, contracts, schema_of

BY_NAME = {contract.name: contract for contract in contracts()}
USAGE = schema_of(BY_NAME["usage.events.v1"])
EVENTS = schema_of(BY_NAME["signal-events"])


def changed(schema: JsonSchema, change: Callable[[dict[str, Any]], object]) -> JsonSchema:
    """Return a copy of *schema* with *change* applied to its definitions."""
    new = copy.deepcopy(schema)
    change(new["$defs"])
    return new


def reported(defs: dict[str, Any]) -> Any:
    """Return the properties of usage_reported."""
    return defs["UsageReported"]["properties"]


def transition(defs: dict[str, Any]) -> Any:
    """Return the properties of a transition."""
    return defs["Transition"]["properties"]


@pytest.mark.parametrize("name", sorted(BY_NAME))
def test_nothing_changed_is_compatible(name: str) -> None:
    """Every contract is compatible with itself."""
    schema = schema_of(BY_NAME[name])

    assert incompatibilities(schema, schema, BY_NAME[name].direction) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda defs: reported(defs).pop("members"), ["<usage_reported>.members: removed"]),
        (
            lambda defs: defs["UsageReported"]["required"].append("members"),
            ["<usage_reported>.members: is now required"],
        ),
        (
            lambda defs: reported(defs)["members"].update(type="string"),
            ["<usage_reported>.members: type changed from integer to string"],
        ),
        (
            lambda defs: reported(defs)["members"].update(maximum=10),
            ["<usage_reported>.members: maximum is 10, was 1000000000000000"],
        ),
        (
            lambda defs: reported(defs)["day"].update(pattern="^2"),
            ["<usage_reported>.day: pattern differs (None, '^2')"],
        ),
        (
            lambda defs: defs["UserActed"]["properties"]["path"]["anyOf"].pop(),
            ["<user_acted>.path: type changed from null to string"],
        ),
        (
            lambda defs: reported(defs)["volumes"]["additionalProperties"].update(minimum=1),
            ["<usage_reported>.volumes.*: minimum is 1, was 0"],
        ),
    ],
)
def test_an_input_that_got_narrower_breaks_producers(change: Callable[[Any], object], said: list[str]) -> None:
    """A removed field, a new required one, another type, a tighter bound: each is told with its path."""
    assert incompatibilities(USAGE, changed(USAGE, change), "input") == said


def test_a_removed_kind_breaks_producers() -> None:
    """An event kind that is gone is an error."""
    new = copy.deepcopy(USAGE)
    new["anyOf"] = [part for part in new["anyOf"] if not part["$ref"].endswith("/UserActed")]

    assert incompatibilities(USAGE, new, "input") == ["<user_acted>: removed"]


def test_a_removed_enum_value_breaks_producers() -> None:
    """A value that was allowed must stay allowed."""
    billing = schema_of(BY_NAME["billing.events.v1"])

    def narrow(defs: dict[str, Any]) -> None:
        defs["InvoiceIssued"]["properties"]["plan"]["enum"].remove("flat")

    assert incompatibilities(billing, changed(billing, narrow), "input") == [
        "<invoice_issued>.plan: the values ['flat'] were removed"
    ]


@pytest.mark.parametrize(
    "change",
    [
        lambda defs: reported(defs).update(added={"type": "string"}),
        lambda defs: defs["UsageReported"]["required"].remove("day"),
        lambda defs: reported(defs)["members"].update(maximum=10**16),
        lambda defs: reported(defs)["members"].update(type="number"),
        lambda defs: reported(defs)["members"].update(description="other words", default=0),
    ],
)
def test_an_input_that_got_wider_is_fine(change: Callable[[Any], object]) -> None:
    """New optional fields, wider bounds, other words: producers notice nothing."""
    assert incompatibilities(USAGE, changed(USAGE, change), "input") == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda defs: transition(defs).pop("why_now"), [".why_now: removed"]),
        (
            lambda defs: transition(defs)["seq"].update(type="string"),
            [".seq: type changed from string to integer"],
        ),
        (
            lambda defs: defs["Transition"]["required"].remove("status"),
            [".status: is not always written any more"],
        ),
        (
            lambda defs: transition(defs).update(headline={"anyOf": [{"type": "string"}, {"type": "null"}]}),
            [".headline: type changed from null to string"],
        ),
        (
            lambda defs: defs["Evidence"]["properties"].pop("unit"),
            [".evidence[].unit: removed"],
        ),
    ],
)  # fmt: skip
def test_an_output_that_lost_something_breaks_readers(change: Callable[[Any], object], said: list[str]) -> None:
    """A field gone, of another type, or not always there any more: each is told with its path."""
    assert incompatibilities(EVENTS, changed(EVENTS, change), "output") == said


@pytest.mark.parametrize(("direction", "fine"), [("output", True), ("input", True)])
def test_a_new_enum_value_is_fine(direction: Direction, fine: bool) -> None:
    """Readers are told to expect new values; producers need not use them."""
    new = changed(EVENTS, lambda defs: defs["Change"]["enum"].append("paused"))

    assert (incompatibilities(EVENTS, new, direction) == []) is fine


def test_a_new_output_field_is_fine() -> None:
    """Readers ignore what they do not know."""
    new = changed(EVENTS, lambda defs: transition(defs).update(mood={"type": "string"}))

    assert incompatibilities(EVENTS, new, "output") == []
