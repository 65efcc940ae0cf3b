"""HubSpot's shapes for a company and its task. Pure; every property value is a string, as HubSpot wants them."""

import html
from typing import Any

from signals.domain.reasons import Change
from signals.sinks.hubspot.config import HubspotConfig
from signals.sinks.safety import cut
from signals.sinks.task import Task

BODY_LIMIT = 60_000
# HubSpot takes 65,536 characters in a task's body; escaping happens before this is measured.


def company_upsert(task: Task, config: HubspotConfig) -> dict[str, Any]:
    """Return the body of a batch upsert of one company, by the organization's id."""
    properties = {config.company_id_property: task.org_id}
    if task.account_name:
        properties["name"] = task.account_name
    return {
        "inputs": [
            {
                "id": task.org_id,
                "idProperty": config.company_id_property,
                "objectWriteTraceId": task.org_id,
                "properties": properties,
            }
        ]
    }


def task_create(task: Task, company: str, config: HubspotConfig) -> dict[str, Any]:
    """Return the body that creates the task and ties it to the company with HubSpot id *company*."""
    association = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": config.task_association_type}
    properties = {
        **_shown(task),
        "hs_timestamp": _instant(task),
        "hs_task_type": "TODO",
        config.task_reference_property: task.reference,
        **_assigned(task, config),
    }
    return {"properties": properties, "associations": [{"to": {"id": company}, "types": [association]}]}


def task_update(task: Task, change: Change, config: HubspotConfig) -> dict[str, Any]:
    """Return the body that brings an existing task up to date.

    Owner and due date are set again only when the signal escalates or reopens: in between they are the owner's to
    change.
    """
    properties = _shown(task)
    if change in (Change.ESCALATED, Change.REOPENED):
        properties |= {"hs_timestamp": _instant(task), **_assigned(task, config)}
    return {"properties": properties}


def task_search(reference: str, config: HubspotConfig) -> dict[str, Any]:
    """Return the body of a search for the task of a signal."""
    condition = {"propertyName": config.task_reference_property, "operator": "EQ", "value": reference}
    return {
        "filterGroups": [{"filters": [condition]}],
        "properties": [config.task_reference_property],
        "sorts": [],
        "limit": 2,
        "after": "0",
    }


def _shown(task: Task) -> dict[str, str]:
    body = "".join(f"<p>{html.escape(paragraph)}</p>" for paragraph in task.paragraphs)
    if len(body) > BODY_LIMIT:
        body = f"<p>{html.escape(cut(' '.join(task.paragraphs), BODY_LIMIT // 6))}</p>"
    return {
        "hs_task_subject": task.subject,
        "hs_task_body": body,
        "hs_task_priority": task.priority,
        "hs_task_status": "COMPLETED" if task.done else "NOT_STARTED",
    }


def _assigned(task: Task, config: HubspotConfig) -> dict[str, str]:
    owner = config.owners.get(task.owner, "")
    return {"hubspot_owner_id": owner} if owner else {}


def _instant(task: Task) -> str:
    return str(int(task.due.timestamp() * 1000))
