"""Say whether a Kafka broker answers a metadata request: ``python3 ready.py HOST PORT``, exit status 0 when it does.

Standard library only, so that it runs before anything is installed. An open port is not enough: a broker listens
some seconds before it knows its controller.
"""

import socket
import struct
import sys

METADATA, VERSION = 3, 4
TIMEOUT_S = 2.0


def answers(host: str, port: int) -> bool:
    """Return whether the broker names at least one broker and a controller."""
    body = struct.pack(">hhih", METADATA, VERSION, 1, -1) + struct.pack(">ib", 0, 0)  # no client id, no topics
    try:
        with socket.create_connection((host, port), TIMEOUT_S) as connection:
            connection.sendall(struct.pack(">i", len(body)) + body)
            data = b""
            while len(data) < 4 or len(data) < 4 + struct.unpack_from(">i", data)[0]:
                chunk = connection.recv(65536)
                if not chunk:
                    return False
                data += chunk
        position = 4 + 4 + 4  # size, correlation id, throttle time
        (brokers,) = struct.unpack_from(">i", data, position)
        position += 4
        for _ in range(brokers):
            position += 4  # node id
            for after in (4, 0):  # host is followed by the port, the rack by the next broker
                (length,) = struct.unpack_from(">h", data, position)
                position += 2 + max(length, 0) + after
        (cluster,) = struct.unpack_from(">h", data, position)
        position += 2 + max(cluster, 0)
        (controller,) = struct.unpack_from(">i", data, position)
    except (OSError, struct.error):
        return False
    return bool(brokers > 0 and controller >= 0)


if __name__ == "__main__":
    sys.exit(0 if answers(sys.argv[1], int(sys.argv[2])) else 1)
