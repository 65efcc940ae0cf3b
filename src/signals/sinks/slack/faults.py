"""What a failed Slack call means: transient, permanent, or that the message is no longer there."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from slack_sdk.errors import SlackApiError, SlackClientError, SlackClientNotConnectedError

from signals.domain.errors import Permanent, Transient
from signals.domain.reasons import FailReason
from signals.sinks.http_status import classify, retry_after, unreachable

RATE_LIMIT_PAUSE = timedelta(seconds=30)
# When Slack limits us without saying how long. Its windows are one minute; half of one is rarely refused twice.

_CODE = re.compile(r"[a-z_]{1,60}")

GONE = frozenset({"message_not_found", "cant_update_message", "thread_not_found"})
"""The card was deleted, or belongs to an app that is no longer ours: only a new one helps."""

FROZEN = frozenset({"edit_window_closed"})
"""The workspace forbids edits of old messages; the thread still works."""

UNREADY = frozenset({"invalid_blocks", "invalid_blocks_format"})
"""What Slack says of a picture that it has not looked at yet: files are processed after their upload was answered."""

TRANSIENT: dict[str, FailReason] = {
    "ratelimited": FailReason.RATE_LIMITED,
    "rate_limited": FailReason.RATE_LIMITED,
    "message_limit_exceeded": FailReason.RATE_LIMITED,
    "internal_error": FailReason.SERVER,
    "fatal_error": FailReason.SERVER,
    "service_unavailable": FailReason.SERVER,
    "update_failed": FailReason.SERVER,
    "request_timeout": FailReason.TIMEOUT,
    "team_added_to_org": FailReason.SERVER,
    "org_login_required": FailReason.SERVER,
    "external_channel_migrating": FailReason.SERVER,
}

PERMANENT: dict[str, FailReason] = {
    **dict.fromkeys(
        (
            "access_denied",
            "account_inactive",
            "app_missing_action_url",
            "enterprise_is_restricted",
            "ekm_access_denied",
            "invalid_auth",
            "missing_scope",
            "no_permission",
            "not_allowed_token_type",
            "not_authed",
            "team_access_not_granted",
            "token_expired",
            "token_revoked",
            "two_factor_setup_required",
            "accesslimited",
        ),
        FailReason.AUTH,
    ),
    **dict.fromkeys(
        ("channel_not_found", "is_archived", "not_in_channel", "user_not_found", "team_not_found", "unknown_method"),
        FailReason.NOT_FOUND,
    ),
    **dict.fromkeys(
        ("msg_too_long", "msg_blocks_too_long", "metadata_too_large", "too_many_attachments", "request_too_large"),
        FailReason.TOO_LARGE,
    ),
    **dict.fromkeys(
        (
            "as_user_not_supported",
            "block_mismatch",
            "cannot_reply_to_message",
            "deprecated_endpoint",
            "duplicate_channel_not_found",
            "duplicate_message_not_found",
            "invalid_arg_name",
            "invalid_arguments",
            "invalid_array_arg",
            "invalid_blocks",
            "invalid_blocks_format",
            "invalid_attachments",
            "invalid_charset",
            "invalid_cursor",
            "invalid_form_data",
            "invalid_json",
            "invalid_limit",
            "invalid_metadata_format",
            "invalid_metadata_schema",
            "invalid_post_type",
            "invalid_ts_latest",
            "invalid_ts_oldest",
            "json_not_object",
            "markdown_text_conflict",
            "metadata_must_be_sent_from_app",
            "method_deprecated",
            "missing_argument",
            "missing_charset",
            "missing_post_type",
            "no_dual_broadcast_content_update",
            "no_text",
            "not_allowed",
            "not_reply",
            "restricted_action",
            "restricted_action_non_threadable_channel",
            "restricted_action_read_only_channel",
            "restricted_action_thread_locked",
            "restricted_action_thread_only_channel",
            "slack_connect_canvas_sharing_blocked",
            "slack_connect_file_link_sharing_blocked",
            "slack_connect_lists_sharing_blocked",
            "superfluous_charset",
            "unfurl_conflict",
        ),
        FailReason.REJECTED,
    ),
    **dict.fromkeys(("file_not_found", "file_deleted", "cant_delete_file"), FailReason.NOT_FOUND),
    **dict.fromkeys(("file_uploads_disabled", "file_type_not_allowed", "storage_limit_reached"), FailReason.REJECTED),
    **dict.fromkeys(sorted(GONE), FailReason.NOT_FOUND),
    **dict.fromkeys(sorted(FROZEN), FailReason.REJECTED),
}


def error_code(error: BaseException) -> str:
    """Return Slack's own code such as ``channel_not_found``, or "" when the answer held none."""
    if not isinstance(error, SlackApiError):
        return ""
    data: Any = getattr(error.response, "data", error.response)
    code = data.get("error", "") if isinstance(data, Mapping) else ""
    if not isinstance(code, str) or not code:
        return ""
    # It goes into messages and logs, so nothing but a code may pass: an answer could hold our token.
    return code if _CODE.fullmatch(code) else "unreadable_code"


def to_fault(method: str, error: Exception, now: datetime) -> Transient | Permanent:
    """Return the one of our two errors that *error*, raised by a call of *method*, means.

    The text names the method and Slack's code only: the SDK's own texts repeat whole answers and addresses.
    An unknown code in a 200 is permanent: Slack has decided, and would decide the same again.
    """
    if isinstance(error, SlackApiError):
        return _answered(method, error, now)
    if isinstance(error, SlackClientNotConnectedError):
        return Transient(FailReason.CONNECTION, f"{method}: {type(error).__name__}")
    if isinstance(error, SlackClientError):
        return Permanent(FailReason.REJECTED, f"{method}: {type(error).__name__}")
    if isinstance(error, (AttributeError, ValueError, TypeError)):
        # slack_sdk 3.47 stumbles like this over an answer that is text or a JSON list: a proxy's page, not Slack.
        return Transient(FailReason.SERVER, f"{method}: not an answer of Slack's ({type(error).__name__})")
    return unreachable(error, method)


def _answered(method: str, error: SlackApiError, now: datetime) -> Transient | Permanent:
    response: Any = error.response
    status = getattr(response, "status_code", None) or getattr(response, "status", None)
    headers = getattr(response, "headers", None) or {}
    code = error_code(error)
    text = f"{method}: {code or 'no error code'}"
    if code in TRANSIENT or status == 429:
        reason = TRANSIENT.get(code, FailReason.RATE_LIMITED)
        pause = RATE_LIMIT_PAUSE if reason is FailReason.RATE_LIMITED else timedelta(0)
        return Transient(reason, text, retry_after(headers, now) or pause)
    if code in PERMANENT:
        return Permanent(PERMANENT[code], text)
    fault = classify(status, headers, text, now) if isinstance(status, int) else None
    if fault is not None:
        return fault
    if not code:
        return Transient(FailReason.SERVER, f"{method}: not an answer of Slack's")
    return Permanent(FailReason.OTHER, text)
