"""The few calls to Slack that the sink makes, paced per channel, each failing only as Transient or Permanent."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from functools import partial
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from signals.domain.errors import Permanent, Transient
from signals.domain.reasons import FailReason
from signals.sinks.contract import Clock
from signals.sinks.http_calls import require_https
from signals.sinks.http_status import classify, unreachable
from signals.sinks.lease import may_call
from signals.sinks.pacing import Pacer
from signals.sinks.slack.blocks import Message
from signals.sinks.slack.config import SlackConfig
from signals.sinks.slack.faults import error_code, to_fault

POSTING = "chat.postMessage"
UPLOAD_ADDRESS, UPLOAD_COMPLETE = "files.getUploadURLExternal", "files.completeUploadExternal"
DELETING = "files.delete"
NO_FILE = frozenset({"file_not_found", "file_deleted"})
PAGE = 200
PAGES = 10
# 2,000 messages back, in the largest pages Slack recommends: more than a channel gets between a crash and the restart.


class Refused(Permanent):
    """Slack refused a call with ``code``; the sink may know a way around it."""

    def __init__(self, reason: FailReason, message: str, code: str) -> None:
        super().__init__(reason, message)
        self.code = code


class SlackCalls:
    """Slack's Web API as far as it is needed here. Open between ``start`` and ``stop``."""

    def __init__(self, config: SlackConfig, *, pacer: Pacer, clock: Clock) -> None:
        self._config, self._pacer, self._clock = config, pacer, clock
        self._session: aiohttp.ClientSession | None = None
        self._ids: dict[str, str] = {}
        self._limited: dict[str, float] = {}

    async def start(self) -> None:
        """Open the connection pool; makes no call."""
        if self._session is None:
            timeout = aiohttp.ClientTimeout(total=self._config.timeout.total_seconds())
            self._session = aiohttp.ClientSession(timeout=timeout)

    async def stop(self) -> None:
        """Close the connection pool, if there is one."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def post(self, channel: str, message: Message, metadata: dict[str, Any], thread: str = "") -> tuple[str, str]:
        """Post a message, below *thread* if given, and return (channel id, ts)."""
        await self._pacer.turn(self._pace_key(channel))
        data = await self._call(
            POSTING,
            channel,
            lambda client: client.chat_postMessage(
                channel=channel,
                text=message.text,
                blocks=message.blocks,
                metadata=metadata,
                thread_ts=thread or None,
                unfurl_links=False,
                unfurl_media=False,
                parse="none",
                link_names=False,
            ),
        )
        posted_in, ts = str(data.get("channel", channel)), str(data.get("ts", ""))
        if not ts:
            raise Transient(FailReason.SERVER, "chat.postMessage: answered without ts")
        self._ids[channel] = posted_in
        return posted_in, ts

    async def update(self, channel: str, ts: str, message: Message, metadata: dict[str, Any]) -> None:
        """Replace a message's text, blocks and metadata; nobody is notified."""
        await self._pacer.turn(self._pace_key(channel))
        await self._call(
            "chat.update",
            channel,
            lambda client: client.chat_update(
                channel=channel,
                ts=ts,
                text=message.text,
                blocks=message.blocks,
                metadata=metadata,
                parse="none",
                link_names=False,
            ),
        )

    async def upload(self, name: str, data: bytes) -> str:
        """Upload a file and return its id; nobody sees it until a message shows it.

        Raises
        ------
        Transient
            Also while Slack has asked not to be called: an upload does not wait.
        """
        if not all(self._pacer.free(method) for method in (UPLOAD_ADDRESS, UPLOAD_COMPLETE)):
            raise Transient(FailReason.RATE_LIMITED, "an upload does not wait for its turn")
        ticket = await self._call(
            UPLOAD_ADDRESS, "", lambda client: client.files_getUploadURLExternal(filename=name, length=len(data))
        )
        file, address = str(ticket.get("file_id", "")), str(ticket.get("upload_url", ""))
        if not file or not address:
            raise Transient(FailReason.SERVER, f"{UPLOAD_ADDRESS}: answered without file or address")
        await self._send_bytes(address, data)
        files: list[dict[str, str | None]] = [{"id": file, "title": name}]
        # Without a channel it stays private; a message that shows it is what lets others see it.
        await self._call(UPLOAD_COMPLETE, "", lambda client: client.files_completeUploadExternal(files=files))
        return file

    async def delete_file(self, file: str) -> None:
        """Delete a file; one that is gone already is fine."""
        try:
            await self._call(DELETING, "", lambda client: client.files_delete(file=file))
        except Refused as refusal:
            if refusal.code not in NO_FILE:
                raise

    async def _send_bytes(self, address: str, data: bytes) -> None:
        if self._session is None:
            raise Transient(FailReason.CONNECTION, "the sink is not started")
        label = "upload of a file"
        await may_call()
        try:
            # The address is its own permission: the token does not go there.
            url, headers = require_https(address), {"Content-Type": "application/octet-stream"}
            async with self._session.post(url, data=data, headers=headers, allow_redirects=False) as answer:
                status, told = answer.status, answer.headers
        except ValueError:
            raise Transient(FailReason.SERVER, f"{label}: the address is not https") from None
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise unreachable(error, label) from None
        if (fault := classify(status, told, f"{label}: HTTP {status}", self._clock())) is not None:
            raise fault

    async def recent(self, channel: str, within: timedelta) -> AsyncIterator[dict[str, Any]]:
        """Yield the channel's messages with their metadata, newest first, at most ``PAGE * PAGES``."""
        oldest = f"{(self._clock() - within).timestamp():.6f}"
        channel_id = await self.channel_id(channel)

        def page(cursor: str, client: AsyncWebClient) -> Awaitable[Any]:
            return client.conversations_history(
                channel=channel_id, oldest=oldest, limit=PAGE, cursor=cursor or None, include_all_metadata=True
            )

        async for item in self._paged("conversations.history", channel, page, "messages"):
            yield item

    async def replies(self, channel: str, ts: str) -> AsyncIterator[dict[str, Any]]:
        """Yield the messages of a thread with their metadata, the card itself first."""

        def page(cursor: str, client: AsyncWebClient) -> Awaitable[Any]:
            return client.conversations_replies(
                channel=channel, ts=ts, limit=PAGE, cursor=cursor or None, include_all_metadata=True
            )

        async for item in self._paged("conversations.replies", channel, page, "messages"):
            yield item

    async def channel_id(self, channel: str) -> str:
        """Return the id of a channel given by name (or by id); posting takes names, reading does not."""
        if channel in self._ids:
            return self._ids[channel]
        if channel[:1] in ("C", "G", "D") and channel.isascii() and channel.isalnum() and channel.isupper():
            return channel
        name = channel.removeprefix("#")

        def page(cursor: str, client: AsyncWebClient) -> Awaitable[Any]:
            return client.conversations_list(limit=1000, cursor=cursor or None, exclude_archived=True)

        async for item in self._paged("conversations.list", channel, page, "channels"):
            if item.get("name") == name:
                self._ids[channel] = str(item["id"])
                return self._ids[channel]
        raise Refused(FailReason.NOT_FOUND, f"conversations.list: no channel {name!r}", "channel_not_found")

    async def turn(self, channel: str) -> None:
        """Return when a message in *channel* may be posted or edited; books nothing."""
        await self._pacer.clear(self._pace_key(channel))

    def _hold(self, method: str, channel: str, span: timedelta) -> None:
        """Let nobody repeat what Slack has just limited.

        Slack limits each method by workspace, and posting by channel besides, and does not say which of the two it was.
        So a limited post holds its channel; a second channel that is limited meanwhile means the workspace.
        """
        if method != POSTING:
            self._pacer.hold(method, span)
            return
        key, now = self._pace_key(channel), self._pacer.monotonic()
        self._pacer.hold(key, span)
        self._limited = {other: until for other, until in self._limited.items() if until > now}
        self._limited[key] = now + span.total_seconds()
        if len(self._limited) > 1:
            self._pacer.hold(POSTING, span)

    def _pace_key(self, channel: str) -> str:
        """Return one key for a channel's name and its id, as soon as both are known."""
        return self._ids.get(channel, channel)

    async def _paged(
        self, method: str, channel: str, page: Callable[[str, AsyncWebClient], Awaitable[Any]], field: str
    ) -> AsyncIterator[dict[str, Any]]:
        cursor = ""
        for _ in range(PAGES):
            data = await self._call(method, channel, partial(page, cursor))
            items = data.get(field)
            for item in items if isinstance(items, list) else ():
                if isinstance(item, dict):
                    yield item
            following = data.get("response_metadata")
            cursor = str(following.get("next_cursor") or "") if isinstance(following, dict) else ""
            if not cursor:
                return

    async def _call(
        self, method: str, channel: str, call: Callable[[AsyncWebClient], Awaitable[Any]]
    ) -> dict[str, Any]:
        if self._session is None or self._config.token is None:
            raise Transient(FailReason.CONNECTION, f"{method}: the sink is not started")
        client = AsyncWebClient(
            token=self._config.token.get_secret_value(),
            base_url=self._config.base_url,
            session=self._session,
            retry_handlers=[],  # one retry loop serves all sinks
        )
        await self._pacer.clear(method)
        await may_call()
        try:
            response = await call(client)
        except Exception as error:  # noqa: BLE001 - the SDK raises anything, AttributeError too; faults.py sorts it
            fault = to_fault(method, error, self._clock())
            if isinstance(fault, Transient) and fault.reason is FailReason.RATE_LIMITED:
                self._hold(method, channel, fault.after)
            if isinstance(fault, Permanent) and isinstance(error, SlackApiError):
                raise Refused(fault.reason, str(fault), error_code(error)) from None
            raise fault from None
        data = response.data
        return data if isinstance(data, dict) else {}
