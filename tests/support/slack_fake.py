"""A small Slack with channels, threads, metadata and edits, strict about what the real one is strict about."""

from typing import Any

from aiohttp import web

from support.fake_server import FakeServer

CHANNELS = {"account-signals": "C01SIG", "other-signals": "C02OTH"}


class SlackFake(FakeServer):
    """Messages by (channel id, ts); a thread reply has ``thread_ts``. ``deny`` maps a method to an error code."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: dict[tuple[str, str], dict[str, Any]] = {}
        self.deny: dict[str, str] = {}
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self._ticks = 1_768_000_000

    def add_routes(self, app: web.Application) -> None:
        """One route for every method of the Web API."""
        app.router.add_route("*", "/api/{method}", self._call)

    def cards(self) -> list[dict[str, Any]]:
        """Messages that stand in a channel themselves, oldest first."""
        return [message for message in self.messages.values() if "thread_ts" not in message]

    def replies(self) -> list[dict[str, Any]]:
        """Messages in threads, oldest first."""
        return [message for message in self.messages.values() if "thread_ts" in message]

    def methods(self) -> list[str]:
        """Names of the methods called, in order."""
        return [method for method, _ in self.calls]

    async def _call(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        arguments: dict[str, Any] = dict(request.query)
        if request.content_type == "application/json":
            arguments |= await request.json()
        else:
            arguments |= dict(await request.post())
        self.calls.append((method, arguments))
        error = self.deny.get(method, "")
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
                found = [m for m in self.messages.values() if arguments["ts"] in (m["ts"], m.get("thread_ts"))]
                return {"messages": found} if found else {"error": "thread_not_found"}
            case "conversations.list":
                return {"channels": [{"id": identity, "name": name} for name, identity in CHANNELS.items()]}
            case _:
                return {"error": "unknown_method"}

    def _post(self, arguments: dict[str, Any]) -> dict[str, Any]:
        channel = self._channel(arguments["channel"])
        if not channel:
            return {"error": "channel_not_found"}
        if len(arguments["blocks"]) > 50:
            return {"error": "invalid_blocks"}
        self._ticks += 1
        ts = f"{self._ticks}.000100"
        message = {"channel": channel, "ts": ts, **{key: arguments[key] for key in ("text", "blocks", "metadata")}}
        if thread := arguments.get("thread_ts"):
            if (channel, thread) not in self.messages:
                return {"error": "thread_not_found"}
            message["thread_ts"] = thread
        self.messages[channel, ts] = message
        return {"channel": channel, "ts": ts, "message": message}

    def _update(self, arguments: dict[str, Any]) -> dict[str, Any]:
        message = self.messages.get((arguments["channel"], arguments["ts"]))
        if message is None:
            return {"error": "message_not_found"}
        message |= {key: arguments[key] for key in ("text", "blocks", "metadata")}
        message["edited"] = True
        return {"channel": arguments["channel"], "ts": arguments["ts"]}

    def _history(self, arguments: dict[str, Any]) -> dict[str, Any]:
        if arguments["channel"] not in CHANNELS.values():
            return {"error": "channel_not_found"}  # as the real one does with names
        cards = [message for message in reversed(self.cards()) if message["channel"] == arguments["channel"]]
        if str(arguments.get("include_all_metadata", "")) not in ("1", "true", "True"):
            cards = [{key: value for key, value in card.items() if key != "metadata"} for card in cards]
        return {"messages": cards, "response_metadata": {"next_cursor": ""}}

    @staticmethod
    def _channel(name: str) -> str:
        return name if name in CHANNELS.values() else CHANNELS.get(name.removeprefix("#"), "")
