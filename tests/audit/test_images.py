"""After-images are digests of what the database holds, the same whenever they are made again."""

import uuid
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.db.models import DecimalField

from apps.accounts.models import Branch, Person
from apps.audit.images import _value, columns, commitments, image
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.vault.keyring import keyring
from apps.vault.models import DataKey
from apps.vault.services import owner_forget
from tests.audit.factories import SYSTEM, branch, newest, person, rename


@pytest.mark.django_db
def test_the_image_in_the_event_is_that_of_the_row_as_it_stands():
    row = branch()
    after = rename(row, "Two").data["touched"][0]["after"]
    assert after == image(Branch.objects.get(pk=row.pk))
    assert after != image(
        Branch(pk=row.pk, code=row.code, name="Three", path=row.path, uuid=row.uuid, created_at=row.created_at)
    )


@pytest.mark.django_db
def test_a_partial_save_counts_as_the_whole_row_it_left():
    row = branch()
    row.code = "NEVER"
    row.name = "Two"
    with act(actor=SYSTEM):
        row.save(update_fields=["name"])
        event = record(Tag.BRANCH_CHANGED, actor=SYSTEM)
    assert event.data["touched"][0]["after"] == image(Branch.objects.get(pk=row.pk))


def test_amounts_stand_with_the_places_of_their_column():
    field = DecimalField(decimal_places=2, max_digits=18)
    field.set_attributes_from_name("amount")
    assert [_value(field, SimpleNamespace(amount=Decimal(text))) for text in ("5", "5.0", "5.00")] == ["5.00"] * 3


@pytest.mark.django_db
def test_ciphertext_stands_as_its_hash():
    held = columns(Person.objects.get(pk=person("Ada").pk))
    assert list(held["name"]) == ["sha256"]
    assert held["phone"] is None or list(held["phone"]) == ["sha256"]


@pytest.mark.django_db
def test_commitments_hold_while_the_value_and_its_key_stand():
    someone = Person.objects.get(pk=person("Ada").pk)
    first = commitments(someone)
    assert first == commitments(Person.objects.get(pk=someone.pk))
    other = Person.objects.get(pk=person("Ada").pk)
    assert commitments(other)["name"] != first["name"]


@pytest.mark.django_db
def test_commitments_are_made_under_the_owners_key():
    someone = Person.objects.get(pk=person("Ada").pk)
    assert len(commitments(someone)["name"]) == 64
    someone.uuid = uuid.uuid4()
    assert commitments(someone)["name"] is None, "a value moved to another row can't be opened"


@pytest.mark.django_db
def test_hidden_clear_values_are_committed_to_under_the_owners_key(monkeypatch: pytest.MonkeyPatch):
    someone = Person.objects.get(pk=person("Ada").pk)
    plain_image = columns(someone)
    monkeypatch.setattr(Person, "evidence_hides", ("language",), raising=False)
    held = columns(someone)
    assert plain_image["language"] == "en"
    assert held["language"] == commitments(someone)["language"] != "en"
    assert {**held, "language": "en"} == plain_image
    nameless = Person(key_owner=someone.key_owner, language="en")
    assert len(commitments(nameless)["language"]) == 64, "the owner's active key serves where nothing is sealed yet"
    someone.language = ""
    assert "language" not in commitments(someone)


@pytest.mark.django_db
def test_hidden_values_of_a_forgotten_owner_and_of_none(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(Person, "evidence_hides", ("language",), raising=False)
    monkeypatch.setattr(Branch, "evidence_hides", ("name",), raising=False)
    someone = person("Ada")
    with act(actor=SYSTEM):
        owner_forget(actor=SYSTEM, owner=someone.key_owner)
        keyring.clear()
    assert commitments(Person.objects.get(pk=someone.pk))["language"] is None
    row = branch()
    assert commitments(Branch.objects.get(pk=row.pk)) == {}
    assert columns(Branch.objects.get(pk=row.pk))["name"] == row.name


@pytest.mark.django_db
def test_a_forgotten_owners_values_have_no_commitment_any_more():
    someone = person("Ada")
    with act(actor=SYSTEM):
        owner_forget(actor=SYSTEM, owner=someone.key_owner)
        keyring.clear()
    assert not DataKey.objects.filter(owner=someone.key_owner, destroyed_at=None).exists()
    event = newest()
    assert event.action == "vault.owner_forgotten"
    with act(actor=SYSTEM):
        someone = Person.objects.get(pk=someone.pk)
        someone.language = "zh-hans"
        someone.save(update_fields=["language"])
        told = record(Tag.PERSON_CHANGED, actor=SYSTEM).data["touched"][0]
    assert told["commitments"]["name"] is None
