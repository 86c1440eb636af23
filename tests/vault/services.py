"""Key services as processes of their own: a stand-in for Vault's transit engine, and moto's for AWS KMS."""

import datetime as dt
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from apps.vault.keyservice.kms import Kms
from apps.vault.keyservice.transit import Place, Transit
from tests.vault import transit_server

REGION = "eu-central-1"
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_DEFAULT_REGION": REGION,
    "AWS_EC2_METADATA_DISABLED": "true",
}  # fmt: skip


@dataclass(frozen=True)
class Standing:
    """A stand-in for Vault that runs."""

    url: str
    record: Path
    token_file: Path

    def become(self, mood: str) -> None:
        """Have it ``sealed``, ``slow``, ``babbling`` or ``well``."""
        self.post(f"/stand-in/{mood}", {})

    def post(self, path: str, body: Any) -> None:
        """Do as Vault's operator does."""
        headers = {"X-Vault-Token": transit_server.TOKEN}
        with urlopen(Request(self.url + path, json.dumps(body).encode(), headers, method="POST")):
            pass

    def requests(self) -> list[dict[str, Any]]:
        """What it was asked so far."""
        return [json.loads(line) for line in self.record.read_text().splitlines()] if self.record.exists() else []

    def service(self, **changes: Any) -> Transit:
        """A client of it."""
        return Transit(Place(**{"url": self.url, "key": transit_server.NAME, "token_file": self.token_file, **changes}))


@contextmanager
def running(*command: str) -> Iterator[subprocess.Popen[str]]:
    """Run a process and end it."""
    process = subprocess.Popen(
        [sys.executable, *command],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def certificate(folder: Path) -> Path:
    """A certificate for this machine that signed itself, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "certificate.pem"
    kept = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(kept + made.public_bytes(serialization.Encoding.PEM))
    return path


@contextmanager
def transit_standing(folder: Path, tls: Path | None = None) -> Iterator[Standing]:
    """Start the stand-in, behind TLS where there is a certificate."""
    record, token_file = folder / "requests.jsonl", folder / "token"
    folder.chmod(0o700)
    token_file.write_text(transit_server.TOKEN + "\n")
    token_file.chmod(0o600)
    with running("-m", "tests.vault.transit_server", str(record), *([str(tls)] if tls else [])) as process:
        assert process.stdout
        place = "https://localhost" if tls else "http://127.0.0.1"
        yield Standing(f"{place}:{int(process.stdout.readline())}", record, token_file)


@contextmanager
def kms_standing() -> Iterator[str]:
    """Start moto's server; the value is its address."""
    os.environ |= CREDENTIALS
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with running("-m", "moto.server", "-p", str(port)) as process:
        for _attempt in range(600):
            with socket.socket() as link:
                if link.connect_ex(("127.0.0.1", port)) == 0:
                    break
            assert process.poll() is None
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"


def kms_key(url: str) -> str:
    """Make a key in KMS; returns its id."""
    return str(_client(url).create_key()["KeyMetadata"]["KeyId"])


def kms_service(url: str, key: str) -> Kms:
    """A client of a key."""
    return Kms(key, region=REGION, endpoint=url)


def _client(url: str) -> Any:
    return kms_service(url, "none")._client
