"""What checking a passkey's signature costs: `python benchmarks/signatures.py` prints milliseconds and the ratio to the bare library.

For each kind of key: what signing in, step-up and signing do (`ceremony.proved`, WebAuthn's checks by py_webauthn), what
`signoffs_verify` does with what is stored (`checking.flaw_of`), and `cryptography` verifying the same bytes with a key that is
loaded already. No database. Exits 1 above 5 ms. `quick` takes fewer rounds.
"""

from __future__ import annotations

import base64
import hashlib
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django

django.setup()

from cryptography.hazmat.primitives.serialization import load_der_public_key  # noqa: E402

from apps.accounts.passkeys import ceremony  # noqa: E402
from apps.accounts.passkeys.checking import flaw_of  # noqa: E402
from apps.audit.standalone.loanflow_verify import ALGORITHMS  # noqa: E402
from tests.accounts.authenticator import EDDSA, ES256, RS256, Authenticator, data, text  # noqa: E402

ROUNDS = 50 if "quick" in sys.argv[1:] else 500
MOST_MS = 5
CHALLENGE = bytes(range(32))


def milliseconds(work: Callable[[], object]) -> float:
    """Median time of a piece of work."""
    times = []
    for _round in range(ROUNDS):
        began = time.perf_counter()
        work()
        times.append((time.perf_counter() - began) * 1000)
    return median(times)


def measured(name: str, algorithm: int) -> float:
    """Print one line; returns the slowest of ours."""
    soft = Authenticator(algorithm)
    key, answer = ceremony.made(soft.makes(CHALLENGE), CHALLENGE).key, soft.signs(CHALLENGE)
    cose = text(soft.cose())
    kept = ceremony.proved(answer, CHALLENGE, cose)
    message = data(kept.authenticator_data) + hashlib.sha256(data(kept.client_data)).digest()
    public, signature = load_der_public_key(base64.b64decode(key)), data(kept.signature)
    stored = {
        "key": key, "client_data": kept.client_data, "authenticator_data": kept.authenticator_data,
        "signature": kept.signature,
    }  # fmt: skip
    bare = milliseconds(lambda: public.verify(signature, message, *ALGORITHMS[algorithm]))  # type: ignore[union-attr, arg-type, call-arg]
    live = milliseconds(lambda: ceremony.proved(answer, CHALLENGE, cose))
    again = milliseconds(lambda: flaw_of(challenge=CHALLENGE, **stored))
    print(
        f"{name:6} answer {live:6.3f} ms ({live / bare:4.1f}x bare)   "
        f"stored {again:6.3f} ms ({again / bare:4.1f}x bare)   bare library {bare:6.3f} ms"
    )
    return max(live, again)


if __name__ == "__main__":
    slowest = max(measured(*kind) for kind in (("ES256", ES256), ("EdDSA", EDDSA), ("RS256", RS256)))
    print(f"verify of an assertion: {slowest:.3f} ms at most (goal {MOST_MS} ms)")
    sys.exit(slowest > MOST_MS)
