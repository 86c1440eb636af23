"""Makes owners and specimens, through the services."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.core.actor import Actor
from apps.vault.models import KeyOwner
from apps.vault.services import installation_owner, owner_create
from tests.vault.models import Specimen

ID_NUMBER = "91370100MA3C4K2K7X"


ACTOR = Actor.system("vault-tests")


@contextmanager
def deed() -> Iterator[None]:
    """Commit what the block writes, with an event that covers it, as the services of higher apps do."""
    with act(actor=ACTOR):
        yield
        record(Tag.KEY_OWNER_CREATED, actor=ACTOR)


def installation_made() -> KeyOwner:
    """Make and commit the installation's keys."""
    with deed():
        return installation_owner()


def borrower_owner() -> KeyOwner:
    """Make the owner of a borrower's keys, in an installation that has its own."""
    installation_owner()
    return owner_create(kind="borrower")


def specimen(**values: Any) -> Specimen:
    """Save a specimen; its owner is made unless given."""
    values.setdefault("key_owner", None)
    owner = values.pop("key_owner") or borrower_owner()
    return Specimen.objects.create(key_owner=owner, **{"name": "王小明", "id_number": ID_NUMBER, **values})


def again(row: Any) -> Any:
    """Load a row afresh."""
    return type(row).objects.get(pk=row.pk)
