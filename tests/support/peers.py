"""Third-party servers from npm: installed once into a cache outside the checkout, started, awaited, ended."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

INSTALL_DEADLINE_S = 240
READY_DEADLINE_S = 40


def cache_dir() -> Path:
    """Where packages are kept: ``SIGNALS_PEERS``, or a folder in the user's cache."""
    return Path(os.environ.get("SIGNALS_PEERS") or Path.home() / ".cache" / "signals-peers")


def npm_packages(*specs: str) -> Path:
    """Return a folder whose ``node_modules`` holds *specs* (``name@version``, pinned); skip when npm cannot.

    Install scripts are not run.
    """
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("needs npm (Node 20 or later), which is not installed")
    name = "+".join(spec.replace("/", "_").lstrip("@") for spec in specs)
    home = cache_dir() / name
    if home.is_dir():
        return home
    cache_dir().mkdir(parents=True, exist_ok=True)
    building = Path(tempfile.mkdtemp(prefix="installing-", dir=cache_dir()))
    try:
        (building / "package.json").write_text('{"private": true}')
        command = [npm, "install", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", *specs]
        try:
            done = subprocess.run(
                command, cwd=building, capture_output=True, text=True, timeout=INSTALL_DEADLINE_S, check=False
            )
        except subprocess.TimeoutExpired:
            pytest.skip(f"npm install of {', '.join(specs)} did not end within {INSTALL_DEADLINE_S} s")
        if done.returncode != 0:
            pytest.skip(f"npm install of {', '.join(specs)} failed: {done.stderr.strip()[-200:]}")
        try:
            building.rename(home)
        except OSError:
            if not home.is_dir():  # somebody else may have been faster with the same packages
                raise
    finally:
        shutil.rmtree(building, ignore_errors=True)
    return home


def free_port() -> int:
    """Return a port that was free a moment ago on loopback."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def server(
    command: Sequence[str | Path], *, port: int, cwd: Path, env: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """Run *command* until it accepts connections on *port*; end it, and what it started, afterwards."""
    log = cwd / f"server-{port}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(part) for part in command],
            cwd=cwd,
            stdout=output,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            env={**os.environ, **(env or {})},
        )
    try:
        _await_port(process, port, log)
        yield process
    finally:
        _end(process)


def _await_port(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + READY_DEADLINE_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}: {log.read_text(errors='replace')[-500:]}")
        with socket.socket() as probe:
            probe.settimeout(0.2)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        try:  # a pause that ends early when the process does
            process.wait(0.1)
        except subprocess.TimeoutExpired:
            continue
    raise TimeoutError(
        f"no server on port {port} within {READY_DEADLINE_S} s: {log.read_text(errors='replace')[-500:]}"
    )


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the process group that we started for this server."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, sign)
        except ProcessLookupError:
            break
        try:
            process.wait(5)
            break
        except subprocess.TimeoutExpired:
            continue
