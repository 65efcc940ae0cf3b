"""Slack-like servers for the integration tests: local-slack and emulate, each in a network of its own."""

import asyncio
import base64
import json
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from urllib.parse import urlencode

import aiohttp
import pytest
from aiohttp import web

from support.own_network import own_network
from support.peers import free_port, npm_packages, server

LOCAL_SLACK = "local-slack-linux-x64@0.1.8"
EMULATE = "emulate@0.11.2"
TOKEN = "xoxb-test-token"
CHANNEL = "account-signals"
CHANNEL_ID = "C01SIG"

_LOCAL_SLACK_YAML = f"""
workspace: {{ name: Test Workspace, domain: test-workspace, teamId: T01TEST }}
app: {{ appId: A01APP, botUserId: U0BOT, botName: signals, botToken: {TOKEN}, appToken: xapp-test-token,
       signingSecret: test-signing-secret, mode: socket }}
users:
  - {{ id: U01ALICE, name: ada, real_name: Ada Lovelace, email: ada@example.com }}
  - {{ id: U02GRACE, name: grace, real_name: Grace Hopper, email: grace@example.com }}
  - {{ id: U03LEAD, name: lead, real_name: Sales Lead, email: lead@example.com }}
channels:
  - {{ id: {CHANNEL_ID}, name: {CHANNEL}, members: [U01ALICE, U02GRACE, U03LEAD, U0BOT] }}
  - {{ id: C02OTH, name: other-signals, members: [U01ALICE, U0BOT] }}
"""

_EMULATE_YAML = f"""
slack:
  strict_scopes: true
  signing_secret: s
  team: {{ name: Test, domain: test }}
  users: [{{ name: developer, email: dev@example.com }}]
  channels: [{{ name: {CHANNEL} }}, {{ name: other-signals }}]
  bots: [{{ name: signals }}]
  tokens:
    - {{ token: {TOKEN}, user: developer,
         scopes: ["chat:write", "channels:history", "channels:read", "groups:history", "groups:read"] }}
    - {{ token: xoxb-files, user: developer,
         scopes: ["chat:write", "channels:history", "channels:read", "files:write"] }}
    - {{ token: xoxb-no-write, user: developer, scopes: ["channels:read"] }}
    - {{ token: xoxb-no-history, user: developer, scopes: ["chat:write"] }}
"""


@contextmanager
def local_slack(folder: Path) -> Iterator[str]:
    """Run local-slack and yield its address; this thread shares its network meanwhile."""
    home = npm_packages(LOCAL_SLACK)
    binary = home / "node_modules" / LOCAL_SLACK.partition("@")[0] / "bin" / "local-slack"
    binary.chmod(0o755)
    config = folder / "slack.yaml"
    config.write_text(_LOCAL_SLACK_YAML)
    with own_network():
        port = free_port()
        with server([binary, "--config", config, "--port", str(port)], port=port, cwd=folder):
            yield f"http://127.0.0.1:{port}"


@contextmanager
def emulate(folder: Path) -> Iterator[str]:
    """Run emulate's Slack and yield its address, which needs ``as_forms`` in front of it for Python."""
    node = shutil.which("node")
    home = npm_packages(EMULATE)
    if node is None:
        pytest.skip("needs node, which is not installed")
    seed = folder / "seed.yaml"
    seed.write_text(_EMULATE_YAML)
    with own_network():
        port = free_port()
        index = home / "node_modules" / "emulate" / "dist" / "index.js"
        base = f"http://127.0.0.1:{port}"
        command: list[str | Path] = [
            node,
            index,
            "start",
            "--service",
            "slack",
            "--port",
            str(port),
            "--base-url",
            base,
            "--seed",
            seed,
        ]
        with server(command, port=port, cwd=folder):
            yield base


class Proxy:
    """Stands between a client and a Slack-like server: puts arguments where the server reads them, injects faults.

    ``rate_limit(method, times, seconds)`` answers the next calls of a method with 429 and Retry-After;
    ``lose_answers(method, times)`` lets calls reach the server and drops the connection instead of answering.
    *rewrite* changes texts and blocks on their way. ``calls`` lists what arrived: (method, arguments).

    With *pictures* it takes the files itself (``files``), since no server's page shows them: a picture reaches it as
    an address that holds its bytes.
    """

    def __init__(self, upstream: str, rewrite: Callable[[str], str] = str, *, pictures: bool = False) -> None:
        self.upstream, self._rewrite, self._pictures = upstream, rewrite, pictures
        self.address = ""
        self.calls: list[tuple[str, dict[str, str]]] = []
        self._limited: dict[str, list[int]] = {}
        self._lost: dict[str, int] = {}
        self.files: dict[str, bytes] = {}

    def rate_limit(self, method: str, *, times: int, seconds: int) -> None:
        """Refuse the next *times* calls of *method*, asking for a pause of *seconds*."""
        self._limited[method] = [seconds] * times

    def lose_answers(self, method: str, *, times: int) -> None:
        """Drop the answers of the next *times* calls of *method*."""
        self._lost[method] = times

    def count(self, method: str) -> int:
        """How often *method* was called."""
        return sum(name == method for name, _ in self.calls)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[str]:
        """Serve on loopback and yield the address for ``base_url``."""
        app = web.Application(client_max_size=2**26)
        app.router.add_route("*", "/api/{method}", self._forward)
        app.router.add_post("/upload/{file}", self._upload)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        try:
            self.address = f"http://127.0.0.1:{port}"
            yield f"{self.address}/api/"
        finally:
            await runner.cleanup()

    async def _forward(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        form = await _arguments(request)
        self.calls.append((method, form))
        if self._limited.get(method):
            seconds = self._limited[method].pop(0)
            answer = {"ok": False, "error": "ratelimited"}
            return web.json_response(answer, status=429, headers={"Retry-After": str(seconds)})
        if self._pictures and (own := self._of_files(method)) is not None:
            return web.json_response({"ok": True, **own})
        headers = {
            "Authorization": request.headers.get("Authorization", ""),
            "Content-Type": "application/x-www-form-urlencoded",
        }
        async with (
            aiohttp.ClientSession() as session,
            session.post(
                f"{self.upstream}/api/{method}", data=urlencode(self._shown(form)), headers=headers
            ) as upstream,
        ):
            body, status, kind = await upstream.read(), upstream.status, upstream.content_type
        if self._lost.get(method):
            self._lost[method] -= 1
            assert request.transport is not None
            request.transport.abort()
            await asyncio.sleep(0)
        return web.Response(status=status, body=body, content_type=kind)

    def _of_files(self, method: str) -> dict[str, object] | None:
        if method == "files.getUploadURLExternal":
            file = f"F{len(self.files):08d}"
            self.files[file] = b""
            return {"file_id": file, "upload_url": f"{self.address}/upload/{file}"}
        return {} if method.startswith("files.") else None

    async def _upload(self, request: web.Request) -> web.Response:
        self.files[request.match_info["file"]] = await request.read()
        return web.Response(text="OK")

    def _with_pictures(self, blocks: str) -> str:
        shown: list[dict[str, object]] = json.loads(blocks)
        for block in shown:
            if isinstance(picture := block.pop("slack_file", None), dict):
                data = base64.b64encode(self.files[picture["id"]]).decode()
                block["image_url"] = f"data:image/png;base64,{data}"
        return json.dumps(shown, ensure_ascii=False)

    def _shown(self, form: dict[str, str]) -> dict[str, str]:
        """Apply ``rewrite`` to what people would see."""
        if self._pictures and '"slack_file"' in form.get("blocks", ""):
            form = form | {"blocks": self._with_pictures(form["blocks"])}
        return {name: self._rewrite(value) if name in ("text", "blocks") else value for name, value in form.items()}


async def _arguments(request: web.Request) -> dict[str, str]:
    """All arguments of a call, wherever the client put them, as form values."""
    form = dict(request.query)
    if request.content_type == "application/json":
        for name, value in (await request.json()).items():
            if isinstance(value, bool):
                form[name] = "1" if value else "0"
            else:
                form[name] = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    else:
        form |= {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
    return form
