"""HubSpot: the company by organization id, and one task per signal, completed when the signal is resolved.

Order of one delivery: company (an upsert, may be repeated), then the task. A task is created once: after a possible
repeat it is first read by the signal's id, which it carries in a property with unique values.
"""

import logging
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import msgspec

from signals.domain.errors import Permanent, Transient
from signals.domain.reasons import FailReason
from signals.domain.signal import Delivery, Transition
from signals.sinks.appearance import Appearance
from signals.sinks.card import build_card, sent_state
from signals.sinks.contract import Clock, Sent
from signals.sinks.http_calls import Answer, HttpCalls
from signals.sinks.hubspot.config import HubspotConfig
from signals.sinks.hubspot.mapping import company_upsert, task_create, task_search, task_update
from signals.sinks.pacing import Pacer
from signals.sinks.task import Task, build_task

LOG = logging.getLogger(__name__)

ACCOUNT = "account"
"""What HubSpot limits: all calls of an app, whatever they are about."""
LIMIT_WINDOW = timedelta(seconds=10)
# HubSpot counts calls over ten seconds, and does not always say how long to wait.


class HubspotSink:
    """Writes to HubSpot's CRM API. Re-entrant; see ``sinks.contract.Sink``."""

    def __init__(self, config: HubspotConfig, appearance: Appearance, *, pacer: Pacer, clock: Clock) -> None:
        self._config, self._appearance, self._clock, self._pacer = config, appearance, clock, pacer
        self._http = HttpCalls(timeout=config.timeout, clock=clock)
        self._told_not_unique = False

    @property
    def name(self) -> str:
        """``crm``."""
        return "crm"

    async def start(self) -> None:
        """Open the connection pool."""
        await self._http.start()

    async def stop(self) -> None:
        """Close the connection pool."""
        await self._http.stop()

    async def send(self, delivery: Delivery, sent: Sent | None, *, redelivered: bool = False) -> Sent:
        """Create, update or complete the signal's task; see ``sinks.contract.Sink.send``.

        A task that somebody deleted is created anew while its signal is open.
        """
        transition = delivery.transition
        task = build_task(transition, self._appearance)
        look = redelivered or (sent is None and transition.seq > 1)
        ref = dict(sent.ref) if sent else {}
        if "task" in ref and not await self._update(ref["task"], task, transition):
            del ref["task"]
        if "task" not in ref and look and (found := await self._find_task(task)):
            ref["task"] = found
            if not await self._update(found, task, transition):
                del ref["task"]
        if "task" not in ref and not task.done:
            ref = await self._create(task)
        card = build_card(transition, sent, self._appearance)
        return Sent(
            signal_id=transition.signal_id,
            seq=transition.seq,
            sink=self.name,
            destination=delivery.destination,
            ref=ref,
            at=self._clock(),
            **sent_state(card, transition),
        )

    async def _create(self, task: Task) -> dict[str, str]:
        answer = await self._post("companies/batch/upsert", company_upsert(task, self._config))
        company = _company_id(answer, task.org_id, self._config.company_id_property)
        created = await self._post("tasks", task_create(task, company, self._config))
        return {"company": company, "task": _id(created.data, "tasks")}

    async def _update(self, task_id: str, task: Task, transition: Transition) -> bool:
        """Bring the task up to date; False when it is no longer there."""
        body = task_update(task, transition.change, self._config)
        try:
            await self._call("PATCH", f"tasks/{task_id}", body, label="hubspot tasks update")
        except Permanent as refusal:
            if refusal.reason is FailReason.NOT_FOUND:
                return False
            raise
        return True

    async def _find_task(self, task: Task) -> str:
        """Return the id of the signal's task, empty when there is none.

        Read by the reference property, which shows a task as soon as it is made and needs that property to have
        unique values. Without them only the search is left, which lags behind by seconds: a repeat within them (beyond
        ``sinks.retry.SETTLE``) can create a second task.
        """
        name = quote(self._config.task_reference_property, safe="")
        path = f"tasks/{quote(task.reference, safe='')}?idProperty={name}&properties={name}"
        try:
            found = await self._call("GET", path, None, label="hubspot tasks read")
        except Permanent as refusal:
            if refusal.reason is FailReason.NOT_FOUND:
                return ""
            if refusal.reason is not FailReason.REJECTED:
                raise
            self._tell_not_unique()
            return await self._search_task(task)
        return _id(found.data, "tasks read")

    def _tell_not_unique(self) -> None:
        if not self._told_not_unique:
            self._told_not_unique = True
            LOG.warning(
                "the task property %s has no unique values, a crash may make a task twice",
                self._config.task_reference_property,
            )

    async def _search_task(self, task: Task) -> str:
        answer = await self._post("tasks/search", task_search(task.reference, self._config))
        results = answer.data.get("results")
        for result in results if isinstance(results, list) else ():
            properties = result.get("properties", {})
            if properties.get(self._config.task_reference_property) == task.reference:
                return _id(result, "tasks/search")
        return ""

    async def _post(self, path: str, body: dict[str, Any]) -> Answer:
        return await self._call("POST", path, body, label=f"hubspot {path}")

    async def _call(self, method: str, path: str, body: dict[str, Any] | None, *, label: str) -> Answer:
        if self._config.token is None:
            raise Permanent(FailReason.AUTH, f"{label}: no token is configured")
        await self._pacer.turn(ACCOUNT)
        try:
            return await self._http.request(
                method,
                f"{self._config.base_url}{self._config.objects_path}/{path}",
                label=label,
                headers={"Authorization": f"Bearer {self._config.token.get_secret_value()}"},
                body=b"" if body is None else msgspec.json.encode(body),
            )
        except Transient as fault:
            if fault.reason is FailReason.RATE_LIMITED:
                self._pacer.hold(ACCOUNT, fault.after or LIMIT_WINDOW)
            raise


def _company_id(answer: Answer, org_id: str, property_name: str) -> str:
    """Return the company's id from the result that carries our key; results come in any order.

    Raises
    ------
    Permanent
        Errors came back beside the results (HTTP 207), none of them ours.
    Transient
        The answer is a success without our company.
    """
    results = answer.data.get("results")
    for result in results if isinstance(results, list) else ():
        properties = result.get("properties") or {}
        if org_id in (properties.get(property_name), result.get("objectWriteTraceId")):
            return _id(result, "companies/batch/upsert")
    if answer.data.get("errors") or answer.data.get("numErrors"):
        raise Permanent(FailReason.REJECTED, "hubspot companies/batch/upsert: refused the company")
    raise Transient(FailReason.SERVER, f"hubspot companies/batch/upsert: HTTP {answer.status} without the company")


def _id(result: dict[str, Any], what: str) -> str:
    found = result.get("id")
    if not isinstance(found, str) or not found:
        raise Transient(FailReason.SERVER, f"hubspot {what}: answered without an id")
    return found
