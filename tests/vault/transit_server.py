"""A stand-in for HashiCorp Vault's transit engine that speaks its HTTP protocol: run as a process, it prints its port.

Paths, bodies, statuses and error texts are as Vault's API documentation records them; the cipher is real, so versions and
associated data bind. Every request is appended to the file given, as a line of JSON. ``/stand-in/*`` has it sealed, slow or well.
"""

import base64
import json
import os
import ssl
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

TOKEN = "hvs.stand-in"
NAME = "loanflow"
FAILED = "cipher: message authentication failed"


class Engine:
    """One key with its versions."""

    def __init__(self) -> None:
        self.versions: list[bytes] = [os.urandom(32)]
        self.least = 1
        self.mood = "well"

    def encrypt(self, item: dict[str, str]) -> dict[str, Any]:
        """Encrypt under the newest version."""
        nonce, bound = os.urandom(12), base64.b64decode(item.get("associated_data", ""))
        sealed = AESGCM(self.versions[-1]).encrypt(nonce, base64.b64decode(item["plaintext"]), bound)
        number = len(self.versions)
        text = base64.b64encode(nonce + sealed).decode()
        return {"ciphertext": f"vault:v{number}:{text}", "key_version": number}

    def decrypt(self, item: dict[str, str]) -> dict[str, Any]:
        """Decrypt, or say as Vault does why not."""
        try:
            prefix, version, text = item["ciphertext"].split(":")
            number, raw = int(version.removeprefix("v")), base64.b64decode(text)
        except ValueError:
            return {"error": "invalid ciphertext: no prefix"}
        if prefix != "vault" or not 0 < number <= len(self.versions):
            return {"error": "invalid ciphertext: version is too new"}
        if number < self.least:
            return {"error": "ciphertext or signature version is disallowed by policy (too old)"}
        try:
            bound = base64.b64decode(item.get("associated_data", ""))
            plain = AESGCM(self.versions[number - 1]).decrypt(raw[:12], raw[12:], bound)
        except (InvalidTag, ValueError):
            return {"error": FAILED}
        return {"plaintext": base64.b64encode(plain).decode()}


ENGINE = Engine()
RECORD = Path(sys.argv[1]) if len(sys.argv) > 1 else None


class Handler(BaseHTTPRequestHandler):
    """Answers as Vault would."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_args: Any) -> None:
        """Print nothing."""

    def do_GET(self) -> None:
        """Read the key."""
        self._answer({})

    def do_POST(self) -> None:
        """Everything else."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self._answer(json.loads(body or b"{}"))

    def _answer(self, body: dict[str, Any]) -> None:
        if self.path.startswith("/stand-in/"):
            ENGINE.mood = self.path.rpartition("/")[2]
            return self._send(204, None)
        if RECORD:
            with RECORD.open("a") as file:
                file.write(
                    json.dumps({"method": self.command, "path": self.path, "headers": dict(self.headers), "body": body})
                    + "\n"
                )
        return self._send(*self._judge(body))

    def _judge(self, body: dict[str, Any]) -> tuple[int, Any]:
        if ENGINE.mood == "sealed":
            return 503, {"errors": ["Vault is sealed"]}
        if ENGINE.mood == "slow":
            time.sleep(60)
        if ENGINE.mood == "garbled":
            return 200, {"data": {"batch_results": [{"plaintext": "%%%"}]}}
        if ENGINE.mood == "rambling":
            return 200, ["no object"]
        if ENGINE.mood == "babbling":
            return 200, {"data": {"batch_results": []}}
        if self.headers.get("X-Vault-Token") != TOKEN:
            return 403, {"errors": ["permission denied"]}
        return self._work(body)

    def _work(self, body: dict[str, Any]) -> tuple[int, Any]:
        match self.command, self.path:
            case "GET", "/v1/transit/keys/loanflow":
                newest = len(ENGINE.versions)
                known = {
                    "name": NAME,
                    "type": "aes256-gcm96",
                    "latest_version": newest,
                    "min_decryption_version": ENGINE.least,
                }
                return 200, {"data": {**known, "keys": {str(number + 1): 0 for number in range(newest)}}}
            case "POST", "/v1/transit/keys/loanflow/rotate":
                ENGINE.versions.append(os.urandom(32))
                return 204, None
            case "POST", "/v1/transit/keys/loanflow/config":
                ENGINE.least = int(body["min_decryption_version"])
                return 204, None
            case "POST", "/v1/transit/encrypt/loanflow":
                return 200, {"data": ENGINE.encrypt(body)}
            case "POST", "/v1/transit/decrypt/loanflow":
                results = [ENGINE.decrypt(item) for item in body["batch_input"]]
                failed = any("error" in one for one in results)
                return (400 if failed else 200), {"data": {"batch_results": results}}
        return 404, {"errors": []}

    def _send(self, status: int, body: Any) -> None:
        content = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if len(sys.argv) > 2:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[2])
        server.socket = context.wrap_socket(server.socket, server_side=True)
    print(server.server_address[1], flush=True)  # noqa: T201
    server.serve_forever()
