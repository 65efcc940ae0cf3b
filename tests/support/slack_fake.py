"""A small Slack with channels, threads, metadata, edits and files, strict about what the real one is strict about."""

import json
from collections.abc import Callable
from typing import Any

from aiohttp import web

from support.fake_server import FakeServer

CHANNELS = {"account-signals": "C01SIG", "other-signals": "C02OTH"}


class SlackFake(FakeServer):
    """Messages by (channel id, ts); a thread reply has ``thread_ts``. ``deny`` maps a method to an error code.

    What was posted can be read ``lag_s`` later, by *clock*: Slack promises no more. ``refuse`` may give a call an error
    by method and arguments. Calls to ``hanging`` channels are never answered.

    ``files`` are those uploaded and completed. The next ``unready`` messages that show one are refused, as by a Slack
    that has not processed it.
    """

    def __init__(self, *, clock: Callable[[], float] = lambda: 0.0, channels: dict[str, str] | None = None) -> None:
        super().__init__(clock=clock)
        self.channels = CHANNELS if channels is None else channels
        self.lag_s = 0.0
        self.hanging: set[str] = set()
        self.posted_at: dict[tuple[str, str], float] = {}
        self.refuse: Callable[[str, dict[str, Any]], str] = lambda _method, _arguments: ""
        self.messages: dict[tuple[str, str], dict[str, Any]] = {}
        self.deny: dict[str, str] = {}
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.files: dict[str, bytes] = {}
        self.unready = 0
        self._tickets: dict[str, bytes | None] = {}
        self._ticks = 1_768_000_000

    def add_routes(self, app: web.Application) -> None:
        """One route for every method of the Web API, and one for the bytes of files."""
        app.router.add_route("*", "/api/{method}", self._call)
        app.router.add_post("/upload/{file}", self._upload)

    def cards(self) -> list[dict[str, Any]]:
        """Messages that stand in a channel themselves, oldest first."""
        return [message for message in self.messages.values() if "thread_ts" not in message]

    def replies(self) -> list[dict[str, Any]]:
        """Messages in threads, oldest first."""
        return [message for message in self.messages.values() if "thread_ts" in message]

    def methods(self) -> list[str]:
        """Names of the methods called, in order."""
        return [method for method, _ in self.calls]

    def shown(self) -> list[str]:
        """Ids of the files that messages show."""
        blocks = [block for message in self.messages.values() for block in message["blocks"]]
        return [block["slack_file"]["id"] for block in blocks if block["type"] == "image"]

    async def _upload(self, request: web.Request) -> web.Response:
        file = request.match_info["file"]
        if self._tickets.get(file, b"") is not None or "Authorization" in request.headers:
            return web.Response(status=403)
        self._tickets[file] = await request.read()
        return web.Response(text="OK - 1")

    async def _call(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        arguments: dict[str, Any] = dict(request.query)
        if request.content_type == "application/json":
            arguments |= await request.json()
        else:
            arguments |= dict(await request.post())
        self.calls.append((method, arguments))
        if arguments.get("channel", "") in self.hanging:
            await self.until_closed()
        error = self.deny.get(method, "") or self.refuse(method, arguments)
        answer = {"error": error} if error else self._answer(method, arguments)
        return web.json_response({"ok": "error" not in answer, **answer})

    def _answer(self, method: str, arguments: dict[str, Any]) -> dict[str, Any]:
        match method:
            case "chat.postMessage":
                return self._post(arguments)
            case "chat.update":
                return self._update(arguments)
            case "conversations.history":
                return self._history(arguments)
            case "conversations.replies":
                return self._replies(arguments)
            case "conversations.list":
                known = [{"id": identity, "name": name} for name, identity in self.channels.items()]
                return self._page("channels", known, arguments)
            case "files.getUploadURLExternal":
                file = f"F{len(self._tickets):08d}"
                self._tickets[file] = None
                return {"upload_url": f"{self.url}/upload/{file}", "file_id": file}
            case "files.completeUploadExternal":
                return self._complete(arguments)
            case "files.delete":
                return {} if self.files.pop(arguments["file"], None) is not None else {"error": "file_not_found"}
            case _:
                return {"error": "unknown_method"}

    def _complete(self, arguments: dict[str, Any]) -> dict[str, Any]:
        for file in json.loads(arguments["files"]):
            data = self._tickets.get(file["id"])
            if data is None:
                return {"error": "file_not_found"}
            self.files[file["id"]] = data
        return {"files": []}

    def _cannot_show(self, blocks: list[dict[str, Any]]) -> bool:
        """Whether a picture in the blocks is not there, or not yet."""
        pictures = [block["slack_file"]["id"] for block in blocks if block["type"] == "image"]
        if pictures and self.unready:
            self.unready -= 1
            return True
        return not set(pictures) <= set(self.files)

    def _post(self, arguments: dict[str, Any]) -> dict[str, Any]:
        channel = self._channel(arguments["channel"])
        if not channel:
            return {"error": "channel_not_found"}
        if len(arguments["blocks"]) > 50 or self._cannot_show(arguments["blocks"]):
            return {"error": "invalid_blocks"}
        self._ticks += 1
        ts = f"{self._ticks}.000100"
        message = {"channel": channel, "ts": ts, **{key: arguments[key] for key in ("text", "blocks", "metadata")}}
        if thread := arguments.get("thread_ts"):
            if (channel, thread) not in self.messages:
                return {"error": "thread_not_found"}
            message["thread_ts"] = thread
        self.messages[channel, ts] = message
        self.posted_at[channel, ts] = self.now()
        return {"channel": channel, "ts": ts, "message": message}

    def _update(self, arguments: dict[str, Any]) -> dict[str, Any]:
        message = self.messages.get((arguments["channel"], arguments["ts"]))
        if message is None:
            return {"error": "message_not_found"}
        if self._cannot_show(arguments["blocks"]):
            return {"error": "invalid_blocks"}
        message |= {key: arguments[key] for key in ("text", "blocks", "metadata")}
        message["edited"] = True
        return {"channel": arguments["channel"], "ts": arguments["ts"]}

    def _history(self, arguments: dict[str, Any]) -> dict[str, Any]:
        if arguments["channel"] not in self.channels.values():
            return {"error": "channel_not_found"}  # as the real one does with names
        cards = [message for message in reversed(self.cards()) if message["channel"] == arguments["channel"]]
        return self._page("messages", self._readable(cards, arguments), arguments)

    def _replies(self, arguments: dict[str, Any]) -> dict[str, Any]:
        found = [m for m in self.messages.values() if arguments["ts"] in (m["ts"], m.get("thread_ts"))]
        if not found:
            return {"error": "thread_not_found"}
        return self._page("messages", self._readable(found, arguments), arguments)

    def _readable(self, messages: list[dict[str, Any]], arguments: dict[str, Any]) -> list[dict[str, Any]]:
        """What a reader gets by now; metadata only when asked for."""
        seen = [m for m in messages if self.posted_at.get((m["channel"], m["ts"]), 0.0) + self.lag_s <= self.clock()]
        if str(arguments.get("include_all_metadata", "")) in ("1", "true", "True"):
            return seen
        return [{key: value for key, value in message.items() if key != "metadata"} for message in seen]

    @staticmethod
    def _page(field: str, items: list[dict[str, Any]], arguments: dict[str, Any]) -> dict[str, Any]:
        """One page of *items*, with the cursor of the next."""
        start, limit = int(arguments.get("cursor") or 0), int(arguments.get("limit") or 100)
        following = str(start + limit) if start + limit < len(items) else ""
        return {field: items[start : start + limit], "response_metadata": {"next_cursor": following}}

    def _channel(self, name: str) -> str:
        return name if name in self.channels.values() else self.channels.get(name.removeprefix("#"), "")
