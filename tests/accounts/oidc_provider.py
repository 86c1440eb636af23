"""A small OpenID Connect provider that speaks over HTTP: run as a process, it prints its port. Keys are made at the start.

``/authorize`` sends a browser straight back with a code; ``/token`` checks client, code (once), redirect address and PKCE; ``/keys``
is the JWKS. ``/stand-in`` (POST, JSON) says who signs on next and how the next token is false.
"""

import base64
import hashlib
import hmac
import json
import secrets
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

CLIENT, SECRET = "loanflow", "a secret of the tests"


def coded(data: bytes) -> str:
    """base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Provider:
    """Keys, codes that wait, and who signs on next."""

    def __init__(self) -> None:
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.codes: dict[str, dict[str, str]] = {}
        self.next: dict[str, Any] = {}
        self.issuer = ""

    def jwks(self) -> dict[str, Any]:
        """The public key, as a browser of keys takes it."""
        numbers = self.key.public_key().public_numbers()
        whole = {
            name: coded(value.to_bytes((value.bit_length() + 7) // 8, "big"))
            for name, value in (("n", numbers.n), ("e", numbers.e))
        }
        return {"keys": [{"kty": "RSA", "use": "sig", "alg": "RS256", "kid": "one", **whole}]}

    def token(self, asked: dict[str, str]) -> str:
        """A token for a code, with whatever is to be false about it."""
        now = int(time.time())
        claims = {
            "iss": self.issuer, "aud": CLIENT, "sub": "4711", "iat": now, "exp": now + 300, "nonce": asked.get("nonce"),
            "email": self.next.get("email"), "email_verified": True, **self.next.get("claims", {}),
        }  # fmt: skip
        for name in self.next.get("without", []):
            claims.pop(name, None)
        header = {"alg": "RS256", "kid": "one", **self.next.get("header", {})}
        text = f"{coded(json.dumps(header).encode())}.{coded(json.dumps(claims).encode())}"
        if header["alg"] == "none":
            return f"{text}."
        key = self.other if self.next.get("other_key") else self.key
        signature = key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
        if header["alg"] == "HS256":  # signed with what everybody knows: the public key
            public = self.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
            signature = hmac.new(public, text.encode(), hashlib.sha256).digest()
        return f"{text}.{coded(signature)}"

    def granted(self, form: dict[str, str]) -> tuple[int, Any]:
        """Answer of the token endpoint; a code is good once."""
        asked = self.codes.pop(form.get("code", ""), None)
        challenge = coded(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        sound = asked is not None and (form.get("client_id"), form.get("client_secret")) == (CLIENT, SECRET)
        if (
            asked is None
            or not sound
            or asked["redirect_uri"] != form.get("redirect_uri")
            or asked["code_challenge"] != challenge
        ):
            return 400, {"error": "invalid_grant"}
        if self.next.get("status"):
            return self.next["status"], {"error": "server_error"}
        return 200, {"access_token": "opaque", "token_type": "Bearer", "id_token": self.token(asked)}


class Handler(BaseHTTPRequestHandler):
    """Speaks the provider's addresses."""

    def do_GET(self) -> None:
        """Answer a browser at ``/authorize``, and a client at ``/keys``."""
        address = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(address.query).items()}
        if address.path == "/keys":
            return self._send(200, provider.jwks())
        wanted = {"response_type": "code", "client_id": CLIENT, "code_challenge_method": "S256"}
        if address.path != "/authorize" or any(query.get(name) != value for name, value in wanted.items()):
            return self._send(400, {"error": "invalid_request"})
        code = secrets.token_urlsafe(16)
        provider.codes[code] = query
        self.send_response(302)
        self.send_header("Location", f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}")
        self.end_headers()
        return None

    def do_POST(self) -> None:
        """Answer a client at ``/token``, and the tests at ``/stand-in``."""
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if self.path == "/stand-in":
            provider.next = json.loads(body)
            return self._send(200, {})
        if self.path == "/token":
            return self._send(*provider.granted({name: values[0] for name, values in parse_qs(body).items()}))
        return self._send(404, {})

    def _send(self, status: int, body: Any) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_args: Any) -> None:
        """Say nothing."""


provider = Provider()

if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.issuer = f"http://127.0.0.1:{server.server_address[1]}"
    sys.stdout.write(f"{server.server_address[1]}\n")
    sys.stdout.flush()
    server.serve_forever()
