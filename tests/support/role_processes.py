"""Roles of a real installation as processes, started and ended by a test."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType

SIGNALS = Path(sys.executable).parent / "signals"
STOP_WITHIN_S = 30.0


class RoleProcesses:
    """Use as a context: leaving it ends every process that still runs.

    Parameters
    ----------
    folder
        For the settings file and a log per process.
    settings
        The settings file's text.
    """

    def __init__(self, folder: Path, settings: str) -> None:
        self.folder = folder
        self.config = folder / "signals.yaml"
        self.config.write_text(settings)
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> "RoleProcesses":
        """Nothing runs yet."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End what runs."""
        for name in list(self._running):
            self.stop(name)

    def start(self, role: str, member: str) -> None:
        """Start one member of a role."""
        log = (self.folder / f"{role}-{member}.log").open("wb")
        with log:
            self._running[f"{role}-{member}"] = subprocess.Popen(
                [SIGNALS, "--config", self.config, "worker", "--role", role, "--http-port", "0"],
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self.folder,
                env=os.environ | {"SIGNALS_MEMBER": member},
            )

    def stop(self, name: str, how: signal.Signals = signal.SIGTERM) -> int:
        """End one member (``role-member``) and return its exit code."""
        process = self._running.pop(name)
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(how)
        try:
            return process.wait(STOP_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()

    def check(self) -> None:
        """Fail with the log when a process has ended by itself."""
        for name, process in self._running.items():
            if process.poll() is not None:
                raise AssertionError(f"{name} ended with {process.returncode}:\n{self.log(name)[-4000:]}")

    def log(self, name: str) -> str:
        """Return what a member has printed."""
        return (self.folder / f"{name}.log").read_text(errors="replace")


class Deadline:
    """A bound for polling something outside this process."""

    def __init__(self, seconds: float, what: str) -> None:
        self._end, self._seconds, self._what = time.monotonic() + seconds, seconds, what

    def check(self, seen: object) -> None:
        """Fail when the time is over."""
        if time.monotonic() > self._end:
            raise AssertionError(f"{self._what} did not happen within {self._seconds:.0f} s; seen: {seen}")
