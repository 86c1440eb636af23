"""What the vault may not record by itself reaches the log through its port."""

import pytest

from apps.audit.models import AuditEvent
from apps.audit.services import act
from apps.audit.vault_port import VaultRecorder
from apps.vault import blind
from apps.vault.ports import port
from apps.vault.services import key_rotate, owner_forget, reveal
from tests.audit.factories import SYSTEM, newest, person

pytestmark = pytest.mark.django_db


def test_the_port_is_filled_at_the_start():
    assert isinstance(port.recorder, VaultRecorder)


def test_showing_a_value_in_clear_is_a_look_with_its_purpose():
    someone = person("Ada")
    assert reveal(actor=SYSTEM, row=someone, fields=["name"], purpose="to call them") == {"name": "Ada"}
    event = newest()
    assert (event.action, event.kind, event.data["note"]) == ("vault.revealed", "read", {"fields": ["name"]})
    assert event.object == f"accounts_person:{someone.pk}"
    assert "Ada" not in event.body


def test_a_rotation_and_a_forgetting_tell_of_the_keys_they_changed(monkeypatch: pytest.MonkeyPatch):
    # rows that other tests invent have no table here
    installed = [index for index in blind.indexes() if index.model.__module__.startswith("apps.")]
    monkeypatch.setattr(blind, "indexes", lambda: installed)
    someone = person()
    for service, action in ((key_rotate, "vault.key_rotated"), (owner_forget, "vault.owner_forgotten")):
        with act(actor=SYSTEM):
            service(actor=SYSTEM, owner=someone.key_owner)
        event = AuditEvent.objects.get(action=action)
        assert event.object == f"vault_keyowner:{someone.key_owner_id}"
        assert "vault_datakey" in {one["object"].split(":")[0] for one in event.data["touched"]}
