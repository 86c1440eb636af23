"""Every model of the house is governed but for those that say why not."""

from django.apps import apps
from django.contrib.auth.models import Group, Permission

from apps.accounts.models import Account, Branch, Person
from apps.audit.governed import UNGOVERNED, clear_fields, governed_models, governed_throughs, owner_side
from apps.audit.models import AuditEvent
from apps.audit.tags import Tag, label_of
from apps.vault.models import DataKey, KeyOwner


def test_models_of_the_house_are_governed_and_others_are_not():
    governed = set(governed_models())
    assert {Account, Branch, Person, KeyOwner} <= governed
    assert not {Group, Permission, AuditEvent} & governed
    house = {model for model in apps.get_models() if model.__module__.startswith("apps.") and model._meta.managed}
    assert house - governed == {model for model in house if model._meta.label in UNGOVERNED}


def test_every_exception_has_a_model_and_a_reason():
    known = {model._meta.label for model in apps.get_models()} | {"audit.FieldDifference"}
    installed = {config.label for config in apps.get_app_configs()}
    assert {label for label in UNGOVERNED if label.split(".")[0] in installed} <= known
    assert all(len(reason) > 10 for reason in UNGOVERNED.values())


def test_links_of_many_to_many_belong_to_the_side_that_has_the_field():
    pairs = {through._meta.db_table: field.model for through, field in governed_throughs()}
    assert pairs["accounts_account_groups"] is Account
    field = Account._meta.get_field("groups")
    assert owner_side(field.remote_field.through) is field
    assert owner_side(Branch) is None


def test_nothing_sealed_or_secret_counts_as_clear():
    assert set(clear_fields(Person)) == {"id", "uuid", "created_at", "key_owner", "language"}
    assert "password" not in clear_fields(Account)
    assert "wrapped" not in clear_fields(DataKey)


def test_every_action_is_named_after_an_app_and_has_words():
    labels = {config.label for config in apps.get_app_configs()} | {
        "borrowers", "workflow", "applications", "credit_review", "collateral", "approval", "disbursement", "post_loan",
        "console", "monitoring", "reports", "portal", "api",
    }  # fmt: skip
    for tag in Tag:
        app, _dot, verb = tag.value.partition(".")
        assert app in labels, tag
        assert verb == verb.lower(), tag
        assert str(tag.label).strip(), tag
    assert len(set(Tag.values)) == len(Tag)


def test_an_action_without_a_tag_is_shown_as_it_stands():
    assert label_of("accounts.signed_in") == "Signed in"
    assert label_of("approval.memo_sign") == "approval.memo_sign"
