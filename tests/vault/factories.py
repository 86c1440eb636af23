"""Makes owners and specimens, through the services."""

from typing import Any

from apps.vault.models import KeyOwner
from apps.vault.services import installation_owner, owner_create
from tests.vault.models import Specimen

ID_NUMBER = "91370100MA3C4K2K7X"


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
