"""Every field has a class, declared beside it, and is kept as its class demands."""

from typing import Any

import pytest
from django.db import models
from django.test.utils import isolate_apps

from apps.core.classes import CLASS_OF, WHY, DataClass, Kind, declared
from apps.vault import classified
from apps.vault.classified import check_data_classes, classified_models, inventory
from apps.vault.fields import EncryptedTextField


def test_every_field_of_loanflow_has_a_class_and_is_kept_by_it():
    assert check_data_classes(None) == []
    fields = sum(len(model._meta.concrete_fields) for model in classified_models())
    assert len(list(inventory())) == fields > 1000


def test_every_kind_has_a_class_and_a_reason():
    assert set(CLASS_OF) == set(WHY) == set(Kind)
    assert {str(each) for each in CLASS_OF.values()} == {str(each) for each in DataClass}


def test_what_is_personal_is_sealed_or_stands_in_clear_for_a_reason_of_its_own():
    personal = [each for each in inventory() if each.data_class == DataClass.PERSONAL]
    clear = {each.label: each.kind for each in personal if not each.is_sealed and not each.is_index}
    assert set(clear.values()) == {Kind.NAMES, Kind.ACCOUNTS}
    assert {label for label, kind in clear.items() if kind is Kind.NAMES} == {
        "borrowers.Borrower.legal_name",
        "borrowers.Borrower.name_folded",
        "borrowers.Borrower.industry",
        "borrowers.Borrower.region",
        "borrowers.BorrowerGroup.name",
    }
    assert not any(each.may_leave for each in personal)


def test_passwords_keys_and_factors_are_secret():
    secret = {each.label for each in inventory() if each.data_class == DataClass.SECRET}
    assert {"accounts.Account.password", "accounts.TotpDevice.secret", "vault.DataKey.wrapped"} <= secret
    assert "vault.EncryptedFile.file_key" in secret


def test_no_word_of_people_is_in_clear():
    words = {
        "purpose",
        "description",
        "reason",
        "narrative",
        "note",
        "remark",
        "explanation",
        "body",
        "words",
        "answer",
    }
    assert [each.label for each in inventory() if each.field.name in words and not each.is_sealed] == []


def invented(**attributes: Any) -> type[models.Model]:
    """A model of an app of LoanFlow with some fields."""
    meta = type("Meta", (), {"app_label": "vault"})
    return type("Gossip", (models.Model,), {"__module__": "apps.vault.models", "Meta": meta, **attributes})


TEXT = models.TextField
FAULTS: dict[str, tuple[Any, list[str]]] = {
    "nothing is said": (lambda: {"words": TEXT()}, ["E002"]),
    "a day without a class": (lambda: {"born": models.DateField()}, ["E002"]),
    "words as facts": (lambda: {"words": TEXT(), "data_classes": declared(facts="words")}, ["E004"]),
    "sealed that is not": (lambda: {"words": TEXT(), "data_classes": declared(sealed="words")}, ["E004"]),
    "a name in the log": (lambda: {"words": TEXT(), "data_classes": declared(names="words")}, ["E004"]),
    "a name out of it": (
        lambda: {"words": TEXT(), "data_classes": declared(names="words"), "evidence_hides": ("words",)},
        [],
    ),
    "no such field": (lambda: {"data_classes": declared(facts="words")}, ["E003"]),
    "a secret that shows": (
        lambda: {"words": EncryptedTextField(mask="name", data_class=DataClass.SECRET)},
        ["E004"],
    ),
    "a secret that does not": (lambda: {"words": EncryptedTextField(mask="full", data_class=DataClass.SECRET)}, []),
    "choices are facts": (
        lambda: {"kind": models.CharField(choices=[("a", "A")]), "data_classes": declared(facts="kind")},
        [],
    ),
}


@pytest.mark.parametrize("case", FAULTS)
def test_a_field_that_is_kept_otherwise_than_its_class_demands_is_refused(case: str, monkeypatch: Any):
    attributes, codes = FAULTS[case]
    with isolate_apps("apps.vault"):
        model = invented(**attributes())
    monkeypatch.setattr(classified, "classified_models", lambda: [model])
    assert [found.id for found in check_data_classes(None)] == [f"vault.{code}" for code in codes]


def test_a_field_is_declared_once_and_of_a_known_kind():
    with pytest.raises(ValueError, match="declared twice"):
        declared(facts="one", codes="one")
    with pytest.raises(ValueError, match="gossip"):
        declared(gossip="one")
