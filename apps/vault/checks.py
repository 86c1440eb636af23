"""Refuses to start when keys in the database were wrapped by a key file that is not there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core import checks
from django.db import DatabaseError
from django.utils.translation import gettext as _

from apps.vault.errors import KeysUnavailable
from apps.vault.keyservice.current import key_service
from apps.vault.models import DataKey


def startup_check() -> None:
    """Raise ``KeysUnavailable`` with one clear sentence unless every root key that the database names is at hand.

    Servers call it as they start; commands have it as a system check. It never makes a key file.
    """
    wanted = set(root_keys_in_use())
    service = key_service() if wanted else None
    missing = [root for root in sorted(wanted) if service and not service.knows(root)]
    if service and missing:
        raise KeysUnavailable(
            _(
                "The database holds keys wrapped under the root key %(missing)s, which is not in %(path)s: this is another "
                "key file. Put the right one back; LoanFlow makes no new one in its place."
            )
            % {"missing": ", ".join(missing), "path": service.place}
        )


def root_keys_in_use() -> Iterator[str]:
    """Yield the root keys that live data keys are wrapped under, each by one step through the index."""
    last = ""
    keys = DataKey.objects.filter(destroyed_at=None).order_by("root_key_id").values_list("root_key_id", flat=True)
    while (found := keys.filter(root_key_id__gt=last).first()) is not None:
        yield found
        last = found


def check_key_file(app_configs: Any, **_kwargs: Any) -> list[checks.CheckMessage]:
    """Tell Django's system check what ``startup_check`` has to say; before the first migration there is nothing."""
    try:
        startup_check()
    except DatabaseError:
        return []
    except KeysUnavailable as refusal:
        return [checks.Critical(str(refusal), id="vault.E001")]
    return []
