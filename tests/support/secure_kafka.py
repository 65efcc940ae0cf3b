"""Apache Kafka with TLS, SCRAM, PLAIN and mutual TLS, and the certificates it takes; made anew for each test run."""

import atexit
import os
import shutil
import socket
import subprocess
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from support.brokers import ROOT

USER, PASSWORD, KEY_PASSWORD = "signals-app", "sasl-Passw0rd!", "key-Passw0rd!"

PROPERTIES = """
listeners=PLAINTEXT://127.0.0.1:@PORT@,SASL_SSL://127.0.0.1:{sasl},SSL://127.0.0.1:{tls},CONTROLLER://127.0.0.1:@CONTROLLER@
advertised.listeners=PLAINTEXT://127.0.0.1:@PORT@,SASL_SSL://127.0.0.1:{sasl},SSL://127.0.0.1:{tls}
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL,SSL:SSL
inter.broker.listener.name=PLAINTEXT
ssl.keystore.type=PEM
ssl.keystore.location={folder}/broker.pem
listener.name.ssl.ssl.client.auth=required
listener.name.ssl.ssl.truststore.type=PEM
listener.name.ssl.ssl.truststore.location={folder}/ca.pem
sasl.enabled.mechanisms=SCRAM-SHA-256,SCRAM-SHA-512,PLAIN
listener.name.sasl_ssl.scram-sha-256.sasl.jaas.config={module}.scram.ScramLoginModule required;
listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config={module}.scram.ScramLoginModule required;
listener.name.sasl_ssl.plain.sasl.jaas.config={module}.plain.PlainLoginModule required user_{user}="{password}";
"""
MODULE = "org.apache.kafka.common.security"


@dataclass(frozen=True)
class SecureKafka:
    """One running broker."""

    folder: Path
    """``ca.pem``, ``other-ca.pem`` (signed nothing here), ``client.pem`` with the encrypted ``client.key``."""
    plain: str
    sasl_ssl: str
    ssl: str
    """Asks for our certificate."""


@cache
def secure_kafka() -> SecureKafka:
    """Return the broker of this test run; skips the test where java, mvn or openssl is missing."""
    if missing := [tool for tool in ("java", "mvn", "openssl") if shutil.which(tool) is None]:
        pytest.skip(f"no Apache Kafka with TLS: {', '.join(missing)} not installed")
    folder = Path(tempfile.mkdtemp(prefix="signals-tls-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    _certificates(folder)
    sasl, tls = _free_ports(2)
    kept = [
        line
        for line in (ROOT / "deploy/kafka/server.properties.in").read_text().splitlines()
        if not line.startswith(("listeners=", "advertised.listeners=", "listener.security.protocol.map="))
    ]
    own = PROPERTIES.format(sasl=sasl, tls=tls, folder=folder, module=MODULE, user=USER, password=PASSWORD)
    (folder / "server.properties.in").write_text("\n".join(kept) + own)
    environment = os.environ | {
        "KAFKA_STATE": str(folder / "state"),
        "KAFKA_PORT": "0",
        "KAFKA_TEMPLATE": str(folder / "server.properties.in"),
        "KAFKA_SCRAM": f"SCRAM-SHA-512=[name={USER},password={PASSWORD}]",
    }
    atexit.register(_stop, environment)
    up = subprocess.run(
        [ROOT / "deploy/kafka/up.sh"], env=environment, capture_output=True, text=True, timeout=110, check=False
    )
    if up.returncode != 0:
        pytest.skip(f"Apache Kafka did not start: {up.stderr.strip()[-300:]}")
    return SecureKafka(folder, up.stdout.strip(), f"127.0.0.1:{sasl}", f"127.0.0.1:{tls}")


def _stop(environment: dict[str, str]) -> None:
    down = [str(ROOT / "deploy/kafka/down.sh"), "--delete"]
    subprocess.run(down, env=environment, capture_output=True, check=False, timeout=60)


def _certificates(folder: Path) -> None:
    for name in ("ca", "other-ca"):
        _openssl(
            folder, "req", "-x509", *NEW_KEY, "-nodes", "-keyout", f"{name}.key", "-out", f"{name}.pem", "-days", "2",
            "-subj", f"/CN={name}", "-addext", "keyUsage=critical,keyCertSign",
        )  # fmt: skip
    (folder / "names").write_text("subjectAltName=IP:127.0.0.1\nauthorityKeyIdentifier=keyid\n")
    for name, protection in (("broker", ["-nodes"]), ("client", ["-passout", f"pass:{KEY_PASSWORD}"])):
        _openssl(
            folder, "req", *NEW_KEY, *protection, "-keyout", f"{name}.key", "-out", f"{name}.csr",
            "-subj", f"/CN={name}",
        )  # fmt: skip
        _openssl(
            folder, "x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
            "-days", "2", "-extfile", "names", "-out", f"{name}.crt",
        )  # fmt: skip
    (folder / "broker.pem").write_text((folder / "broker.key").read_text() + (folder / "broker.crt").read_text())


NEW_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1")


def _openssl(folder: Path, *arguments: str) -> None:
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [int(one.getsockname()[1]) for one in sockets]
    for one in sockets:
        one.close()
    return ports
