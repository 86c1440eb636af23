"""What encryption costs, as ratios within one run: `python benchmarks/vault.py` prints JSON, the floors beside it.

The tables are made in a throw-away SQLite file without the rest of the house, so that nothing but the vault is measured.
`--rows N` searches among N rows, `--quick` takes fewer rounds. The field is measured beside every Fernet field library that is
on the path (PYTHONPATH=folder with django-fernet-encrypted-fields, django-encrypted-model-fields, djfernet; none is a
dependency), and in any case beside a field that does no more than they all do; the fastest of them is the measure.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import importlib.util
import io
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from operator import methodcaller
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django

django.setup()

from cryptography.fernet import Fernet, InvalidToken  # noqa: E402
from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: E402
from django.conf import settings  # noqa: E402
from django.db import connection, models, transaction  # noqa: E402
from django.template import Context, Template  # noqa: E402

from apps.core.models import Row  # noqa: E402
from apps.vault import crypto, stream  # noqa: E402
from apps.vault.blind import blind_index, find  # noqa: E402
from apps.vault.fields import BlindIndexField, EncryptedTextField  # noqa: E402
from apps.vault.keyring import keyring  # noqa: E402
from apps.vault.keyservice.keyfile import keyfile_create  # noqa: E402
from apps.vault.models import DataKey, KeyOwner  # noqa: E402
from apps.vault.services import installation_owner, owner_create  # noqa: E402

ASKED = argparse.ArgumentParser(description="Measure the vault.")
ASKED.add_argument("--rows", type=int, default=20_000, help="rows to search among (the floor is meant at a million)")
ASKED.add_argument("--quick", action="store_true", help="three rounds instead of seven")
OPTIONS, _OTHERS = ASKED.parse_known_args()
ROWS, FIELDS, SEARCHED = 50, 6, OPTIONS.rows
ROUNDS = 3 if OPTIONS.quick else 7
BATCH = 5000
FILE = os.urandom(1024) * 32 * 1024  # 32 MiB
NAMES = [f"field{number}" for number in range(FIELDS)]
FERNET_KEY = Fernet.generate_key()
FERNET = Fernet(FERNET_KEY)
LIBRARIES = {
    "django-fernet-encrypted-fields": "encrypted_fields.fields.EncryptedTextField",
    "django-encrypted-model-fields": "encrypted_model_fields.fields.EncryptedTextField",
    "djfernet": "fernet_fields.fields.EncryptedTextField",
}
FLOORS = {
    "decrypt_to_raw_aes_gcm": 2.5,
    "page_masked_to_plain": 3.0,
    "orm_field_to_fernet_field": 0.35,
    "blind_search_to_plain_search": 1.3,
    "file_seal_to_one_shot": 1 / 0.85,
}


class FernetTextField(models.TextField):
    """A Fernet field that does what django-encrypted-model-fields 0.6 and django-fernet-encrypted-fields 0.4 both do."""

    def get_prep_value(self, value: Any) -> str:
        """Encrypt."""
        return FERNET.encrypt(value.encode()).decode()

    def from_db_value(self, value: Any, _expression: Any, _connection: Any) -> Any:
        """Decrypt."""
        return self.to_python(value)

    def to_python(self, value: Any) -> Any:
        """Decrypt whatever is text, and let the kind of field make its value of it."""
        if not isinstance(value, str):
            return value
        try:
            value = FERNET.decrypt(value.encode()).decode()
        except InvalidToken:
            return value
        return super().to_python(value)


def model_of(name: str, field: Callable[[], models.Field[Any, Any]], **more: Any) -> Any:
    """Make a model with six fields of a kind."""
    meta = type("Meta", (), {"app_label": "vault_bench"})
    return type(name, (Row,), {"__module__": __name__, "Meta": meta, **{each: field() for each in NAMES}, **more})


def key_owner() -> Any:
    """Make the link to the owner of a row's key."""
    return models.ForeignKey(KeyOwner, models.PROTECT, related_name="+")


Plain = model_of("Plain", models.TextField)
Sealed = model_of("Sealed", lambda: EncryptedTextField(max_length=200), key_owner=key_owner())
Fernets = model_of("Fernets", FernetTextField)


def of_libraries() -> dict[str, Any]:
    """A model of each Fernet field library that is installed here, and of the plainest such field."""
    settings.SALT_KEY, settings.FIELD_ENCRYPTION_KEY = "salt", FERNET_KEY.decode()
    found: dict[str, Any] = {"plainest Fernet field": Fernets}
    for number, (name, path) in enumerate(LIBRARIES.items()):
        module, _dot, field = path.rpartition(".")
        if importlib.util.find_spec(module.partition(".")[0]):
            found[name] = model_of(f"Library{number}", getattr(importlib.import_module(module), field))
    return found


BESIDE = of_libraries()


class Searched(Row):
    """A row to be found in clear and by blind index."""

    key_owner = key_owner()
    clear = models.CharField(max_length=20, db_index=True)
    secret = EncryptedTextField(max_length=20)
    secret_index = BlindIndexField(source="secret")

    class Meta:
        app_label = "vault_bench"


def best(work: Callable[[], Any], *, rounds: int = 15, times: int = 1) -> float:
    """Processor seconds of one call: the median over rounds of the mean over times."""
    work()
    taken = []
    for _ in range(rounds):
        begin = time.thread_time()
        for _ in range(times):
            work()
        taken.append((time.thread_time() - begin) / times)
    return median(taken)


def compare(some: Callable[[], Any], other: Callable[[], Any], **how: int) -> float:
    """How many times longer one piece of work takes than another, both measured in turns."""
    ratios = [best(some, rounds=3, **how) / best(other, rounds=3, **how) for _ in range(ROUNDS)]
    return median(ratios)


def prepare() -> None:
    """Make key file, tables and rows."""
    keyfile_create(Path(settings.LOANFLOW_KEY_FILE))
    with connection.schema_editor() as editor:
        for model in (KeyOwner, DataKey, Plain, Sealed, Searched, *BESIDE.values()):
            editor.create_model(model)
    with transaction.atomic():
        installation_owner()
        values = [{name: f"{name} of a borrower {number}" for name in NAMES} for number in range(ROWS)]
        Plain.objects.bulk_create([Plain(**value) for value in values])
        for model in BESIDE.values():
            model.objects.bulk_create([model(**value) for value in values])
        Sealed.objects.bulk_create([Sealed(key_owner=owner_create(kind="borrower"), **value) for value in values])
        shared = owner_create(kind="borrower")
        for begin in range(0, SEARCHED, BATCH):
            numbers = range(begin, min(begin + BATCH, SEARCHED))
            Searched.objects.bulk_create(
                [
                    Searched(key_owner=shared, clear=f"91370100{each:010}", secret=f"91370100{each:010}")
                    for each in numbers
                ]
            )


def decrypting() -> dict[str, float]:
    """One short value: the envelope, and the whole way from the secret, against the bare cipher."""
    row = Sealed.objects.select_related("key_owner").first()
    secret, field = row.field0, Sealed._meta.get_field("field0")
    envelope, cipher = secret.envelope(), row.key_owner.active_cipher()
    binding = field.place + row.uuid.bytes
    nonce, body, bound = envelope[10:22], envelope[22:], envelope[:22] + binding
    raw = AESGCM(cipher.material)

    def bare() -> bytes:
        return raw.decrypt(nonce, body, bound)

    return {
        "decrypt_to_raw_aes_gcm": compare(lambda: crypto.open_sealed(cipher, envelope, binding), bare, times=5000),
        "reveal_to_raw_aes_gcm": compare(secret.reveal, bare, times=5000),
        "raw_aes_gcm_us": best(bare, times=5000) * 1e6,
    }


TEMPLATE = (
    "{% for row in rows %}<tr>" + "".join(f"<td>{{{{ row.{name} }}}}</td>" for name in NAMES) + "</tr>{% endfor %}"
)


def pages() -> dict[str, float]:
    """A page of fifty rows, each of another owner, six values a row, masked: with keys at hand and without."""
    template = Template(TEMPLATE)

    def page(model: Any) -> Callable[[], str]:
        return lambda: template.render(Context({"rows": model.objects.all()[:ROWS]}))

    def cold() -> str:
        keyring.clear()
        return page(Sealed)()

    return {
        "page_masked_to_plain": compare(page(Sealed), page(Plain), times=5),
        "page_masked_cold_to_plain": compare(cold, page(Plain), times=5),
        "page_fernet_to_plain": compare(page(Fernets), page(Plain), times=5),
        "page_plain_ms": best(page(Plain)) * 1e3,
    }


def through_the_orm() -> dict[str, float]:
    """What one encrypted value adds to reading a row, against Fernet's."""

    def read(model: Any, take: Callable[[Any], Any]) -> Callable[[], Any]:
        return lambda: [take(getattr(row, name)) for row in model.objects.all()[:ROWS] for name in NAMES]

    plain, secret = read(Plain, str), read(Sealed, methodcaller("reveal"))
    theirs = {name: read(model, str) for name, model in BESIDE.items()}
    ratios, ours, costs = [], [], {name: [] for name in theirs}
    for _ in range(ROUNDS + 2):
        base = best(plain, times=5)
        ours.append(best(secret, times=5) - base)
        for name, work in theirs.items():
            costs[name].append(best(work, times=5) - base)
        ratios.append(ours[-1] / min(cost[-1] for cost in costs.values()))
    each = 1e6 / ROWS / FIELDS
    return {
        "orm_field_to_fernet_field": median(ratios),
        "orm_field_us": median(ours) * each,
        **{f"{name}, us a field": median(cost) * each for name, cost in costs.items()},
    }


def searching() -> dict[str, float]:
    """One of many rows by its identifier."""
    path, value = "vault_bench.Searched.secret", f"91370100{SEARCHED // 2:010}"

    def plain() -> Any:
        return list(Searched.objects.filter(clear=value))

    def blind() -> Any:
        return list(Searched.objects.filter(secret_index=blind_index(path, value)))

    def confirmed() -> Any:
        return find(path, value, Searched.objects.all())

    return {
        "blind_search_to_plain_search": compare(blind, plain, times=50),
        "blind_search_confirmed_to_plain_search": compare(confirmed, plain, times=50),
    }


def files() -> dict[str, float]:
    """32 MiB through the chunked stream, against one call over the whole."""
    material, nonce = crypto.fresh_material(crypto.Suite.AES_256_GCM), bytes(12)
    cipher = AESGCM(material)
    pieces = [FILE[at : at + stream.CHUNK] for at in range(0, len(FILE), stream.CHUNK)]

    def sealing() -> Iterator[bytes]:
        return stream.seal_stream(crypto.Suite.AES_256_GCM, material, pieces, b"file")

    def seal() -> int:
        return sum(map(len, sealing()))

    sealed, whole = b"".join(sealing()), cipher.encrypt(nonce, FILE, b"file")

    def unseal() -> int:
        return sum(map(len, stream.SealedReader(material, io.BytesIO(sealed), len(sealed), b"file").read()))

    return {
        "file_seal_to_one_shot": compare(seal, lambda: cipher.encrypt(nonce, FILE, b"file")),
        "file_open_to_one_shot": compare(unseal, lambda: cipher.decrypt(nonce, whole, b"file")),
        "file_seal_to_sha256": compare(seal, lambda: hashlib.sha256(FILE).digest()),
    }


def owners() -> dict[str, float]:
    """Owners made one by one, as an import does."""

    def make() -> None:
        with transaction.atomic():
            for _ in range(500):
                owner_create(kind="borrower")

    return {"owner_create_us": best(make, rounds=3) / 500 * 1e6}


def main() -> None:
    """Measure everything."""
    prepare()
    figures = {**decrypting(), **pages(), **through_the_orm(), **searching(), **files(), **owners()}
    missed = [name for name, floor in FLOORS.items() if figures[name] > floor]
    print(
        json.dumps({**{name: round(value, 3) for name, value in figures.items()}, "floors": FLOORS, "missed": missed})
    )


if __name__ == "__main__":
    main()
