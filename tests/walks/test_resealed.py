"""Every table that holds secrets can be sealed anew: no trigger, rule of a model or lock of a row is in the way."""

from __future__ import annotations

import pytest

from apps.console.rotating import rotation_begin, rotation_run
from apps.core.actor import Actor
from apps.vault.models import RotationKind
from apps.vault.services import sealed_models
from tests.console.test_rotating import opened, rows_and_keys
from tests.walks.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world")]


def test_every_table_of_the_rich_world_is_sealed_anew(world: World) -> None:
    before, actor = opened(), Actor.system("rotate_keys")
    for _seen in rotation_run(actor=actor, run=rotation_begin(actor=actor, kind=RotationKind.DATA)):
        pass
    assert opened() == before
    assert {model._meta.label for model in sealed_models() if model._base_manager.exists()} >= {
        "borrowers.Party",
        "vault.EncryptedFile",
        "accounts.Person",
    }
    assert [pair for pair in rows_and_keys() if pair[0] != pair[1]] == []
