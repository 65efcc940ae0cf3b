"""The three detectors as somebody would write them beside a stream engine: one state per account, plain Python.

Used by both peers, so that they differ in nothing but the engine. Needs nothing but the standard library.
"""

from datetime import date
from itertools import pairwise
from statistics import median
from typing import Any

BASELINE_DAYS, TIMES, FLOOR = 28, 10, 10_000
WEEKS = 4

State = dict[str, Any]


def new_state() -> State:
    """Return the state of an account nobody has heard of."""
    return {"seen": "", "day": 0, "today": {}, "series": {}, "week": 0, "weeks": [], "open": {}, "events": 0}


def apply(state: State, event: dict[str, Any]) -> list[dict[str, Any]]:
    """Change *state* by one event and return the alerts it opens or closes."""
    state["seen"], state["events"] = event["at"], state["events"] + 1
    alerts: list[dict[str, Any]] = []
    kind = event["kind"]
    if kind == "usage_reported":
        day = date.fromisoformat(event["day"]).toordinal()
        if day > state["day"]:
            if state["day"]:
                _close_day(state, event, alerts)
            state["day"] = day
        if day == state["day"]:
            state["today"] = event["volumes"]  # the last report of a day counts
    elif kind == "billing_limit_hit":
        _set(state, event, alerts, f"billing_limit_hit/{event['product']}", True)
    elif kind == "spend_reported":
        state["mrr"] = event["mrr"]
    return alerts


def _close_day(state: State, event: dict[str, Any], alerts: list[dict[str, Any]]) -> None:
    for product, units in state["today"].items():
        series = state["series"].setdefault(product, [])
        if len(series) >= BASELINE_DAYS:
            usual = median(series[-BASELINE_DAYS:])
            jumped = usual > 0 and units >= TIMES * usual and units >= FLOOR
            _set(state, event, alerts, f"usage_jump_10x/{product}", jumped)
        series.append(units)
        del series[:-BASELINE_DAYS]
    state["week"] += sum(state["today"].values())
    if date.fromordinal(state["day"]).isoweekday() == 7:
        state["weeks"] = [*state["weeks"], state["week"]][-WEEKS - 1 :]
        state["week"] = 0
        weeks = state["weeks"]
        declining = len(weeks) > WEEKS and all(b < a for a, b in pairwise(weeks))
        _set(state, event, alerts, "ew_usage_declining_4w/", declining)


def _set(state: State, event: dict[str, Any], alerts: list[dict[str, Any]], what: str, holds: bool) -> None:
    if holds != state["open"].get(what, False):
        state["open"][what] = holds
        rule, _, key = what.partition("/")
        change = "opened" if holds else "resolved"
        alerts.append({"org_id": event["org_id"], "rule": rule, "key": key, "change": change, "at": event["at"]})
