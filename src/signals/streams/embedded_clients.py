"""What aiokafka must put up with from the embedded broker when a group has several members.

librdkafka's mock cluster ends the sync of a group as soon as the leader's SyncGroup is in, without waiting for the
followers': a follower that comes later gets InvalidRequest, which aiokafka takes for a fatal error, and it loses its
assignment. Real brokers wait. So, on the embedded broker only, the leader of a group of several waits a moment before
it syncs, and whoever is late all the same joins again.

Called once per process that uses the embedded broker. Groups of one member notice nothing.
"""

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.consumer.group_coordinator import CoordinatorGroupRebalance
from aiokafka.errors import InvalidRequestError, KafkaError

LOG = logging.getLogger(__name__)

LEADER_WAITS_S = 0.3
# Members get their answers to JoinGroup at the same instant; on a loaded two-core machine the slowest was 100 ms behind
# the leader. Each rebalance takes longer by it.

_on_join_leader = CoordinatorGroupRebalance._on_join_leader
_send_sync_group_request = CoordinatorGroupRebalance._send_sync_group_request


MOCK = "mockCluster"
"""How librdkafka's mock cluster begins its cluster id."""


async def accommodate_if_embedded(bootstrap: str, client: Mapping[str, object]) -> bool:
    """Ask the broker who it is, and accommodate this process if it is the embedded one; return whether it is.

    Called once at the start of a role, before any consumer. *client* are aiokafka's settings for security.

    Raises
    ------
    KafkaError
        The broker cannot be reached.
    """
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, **client)
    await admin.start()
    try:
        cluster = await admin.describe_cluster()
    finally:
        await admin.close()
    embedded = str(cluster.get("cluster_id") or "").startswith(MOCK)
    if embedded:
        accommodate()
    return embedded


def accommodate() -> None:
    """Make every aiokafka consumer of this process get along with the embedded broker; again changes nothing."""
    CoordinatorGroupRebalance._on_join_leader = _patient_leader
    CoordinatorGroupRebalance._send_sync_group_request = _rejoining_sync


async def _patient_leader(self: Any, response: Any) -> Any:
    if len(response.members) > 1:
        await asyncio.sleep(LEADER_WAITS_S)
    return await _on_join_leader(self, response)


async def _rejoining_sync(self: Any, request: Any) -> Any:
    try:
        return await _send_sync_group_request(self, request)
    except KafkaError as error:
        if InvalidRequestError.__name__ not in str(error):
            raise
        LOG.info("late for the sync of the group, joining again", extra={"group": self.group_id})
        return None  # aiokafka has asked for a rejoin before it raised
