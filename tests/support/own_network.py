"""A network of one's own for servers that cannot be told to listen on loopback only."""

import ctypes
import fcntl
import os
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

_NEW_NETWORK = 0x40000000  # CLONE_NEWNET
_GET_FLAGS, _SET_FLAGS, _UP = 0x8913, 0x8914, 0x1  # SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP


@contextmanager
def own_network() -> Iterator[None]:
    """Move this thread, and the processes it starts meanwhile, to a network with nothing but loopback.

    Skips the test where that is not allowed. Sockets made before keep working on the old network.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    before = os.open("/proc/thread-self/ns/net", os.O_RDONLY) if Path("/proc/thread-self/ns/net").exists() else -1
    if before < 0 or libc.unshare(_NEW_NETWORK) != 0:
        if before >= 0:
            os.close(before)
        pytest.skip("needs a network namespace of its own (Linux, root): the server listens on every interface")
    try:
        _loopback_up()
        yield
    finally:
        if libc.setns(before, _NEW_NETWORK) != 0:
            raise OSError(ctypes.get_errno(), "cannot return to the first network")
        os.close(before)


def _loopback_up() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        request = struct.pack("16sH14x", b"lo", 0)
        flags = struct.unpack("16sH14x", fcntl.ioctl(control, _GET_FLAGS, request))[1]
        fcntl.ioctl(control, _SET_FLAGS, struct.pack("16sH14x", b"lo", flags | _UP))
