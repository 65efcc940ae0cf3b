"""Whether an incident affects an account: listed, region, component, the gravest."""

import pytest

from signals.detectors.facts.incidents import affects
from signals.detectors.language.names import UNKNOWN
from signals.domain.account.incidents import Incident
from signals.domain.events import described, usage
from signals.domain.events.base import Event
from support.moments import ORG, account_after, ago, at, look_at


def reported(**volumes: int) -> list[Event]:
    """Return reports of the last forty days."""
    return [
        usage.UsageReported(org_id=ORG, at=at(ago(number - 1), 2), day=ago(number), volumes=volumes)
        for number in range(40, 0, -1)
    ]


def region(name: str) -> Event:
    """Return the region of the account."""
    return described.TraitsReported(org_id=ORG, at=at(ago(40)), traits={"cloud_region": name})


ANALYTICS = reported(product_analytics=5)


@pytest.mark.parametrize(
    ("events", "incident", "expected"),
    [
        ([region("US"), *ANALYTICS], Incident(1, ("ingestion",), ("EU",)), False),
        ([region("EU"), *ANALYTICS], Incident(1, ("ingestion",), ("EU",)), True),
        ([region("EU"), *reported()], Incident(1, ("ingestion",), ("EU",)), False),
        ([region("EU")], Incident(1, ("ingestion",), ("EU",)), UNKNOWN),
        ([], Incident(3, (), (), listed=True), True),
        ([], Incident(3), False),
        ([region("EU"), *ANALYTICS], Incident(2, ("flags",), ("EU",)), False),
        ([region("EU"), *ANALYTICS], Incident(0, ("flags",), ("EU",)), True),
        ([region("EU"), *ANALYTICS], Incident(0, ("flags",), ("US",)), False),
        (ANALYTICS, Incident(1, ("api",), ("EU",)), UNKNOWN),
        (ANALYTICS, Incident(1, ("flags",), ("EU",)), False),
        (ANALYTICS, Incident(1, ("queries", "flags")), True),
        (ANALYTICS, Incident(1, ("product_analytics",)), True),
        (ANALYTICS, Incident(1, ("a part nobody named",)), UNKNOWN),
    ],
)
def test_an_incident_affects_whom_it_should(events: list[Event], incident: Incident, expected: object) -> None:
    """Region and component are both the account's, or it is named; unknown where the table or a source is silent."""
    assert affects(look_at(account_after(*events)), incident) is expected
