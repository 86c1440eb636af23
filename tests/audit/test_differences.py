"""Field differences come by themselves, personal values never, and nothing is stored beside the log."""

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.db.models import F

from apps.accounts.models import Branch, Person
from apps.audit.acts import Unrecorded
from apps.audit.models import FieldDifference
from apps.audit.services import act, record
from apps.audit.tags import Tag
from tests.audit.factories import SYSTEM, account, branch, newest, person, rename, unsaved_branch


def told(event: Any):
    (one,) = event.data["touched"]
    return one


@pytest.mark.django_db
def test_a_creation_tells_all_clear_values():
    row = branch(code="NEW")
    changes = told(newest())["changes"]
    assert changes["code"] == [None, "NEW"]
    assert changes["uuid"] == [None, row.uuid.hex]
    assert "parent" not in changes


@pytest.mark.django_db
def test_an_update_tells_what_changed_and_nothing_else():
    row = branch()
    assert told(rename(row, "Two"))["changes"] == {"name": [f"Branch {row.code}", "Two"]}


@pytest.mark.django_db
def test_a_save_without_a_change_is_still_told_of():
    row = branch()
    one = told(rename(row, row.name))
    assert one["op"] == "update"
    assert "changes" not in one


@pytest.mark.django_db
def test_several_saves_of_one_row_tell_the_first_and_the_last_value():
    row = branch()
    with act(actor=SYSTEM):
        for name in ("b", "c"):
            row.name = name
            row.save(update_fields=["name"])
        event = record(Tag.BRANCH_CHANGED, actor=SYSTEM)
    assert told(event)["changes"] == {"name": [f"Branch {row.code}", "c"]}


@pytest.mark.django_db
def test_a_row_made_and_changed_in_one_act_is_a_creation():
    with act(actor=SYSTEM):
        row = unsaved_branch()
        row.save()
        row.name = "changed"
        row.save()
        event = record(Tag.BRANCH_CREATED, actor=SYSTEM)
    assert told(event)["op"] == "create"
    assert told(event)["changes"]["name"][1] == "changed"


@pytest.mark.django_db
def test_a_deletion_tells_what_was_lost():
    row = branch(code="OLD")
    key = f"accounts_branch:{row.pk}"
    with act(actor=SYSTEM):
        row.delete()
        event = record(Tag.BRANCH_CHANGED, actor=SYSTEM)
    one = told(event)
    assert (one["object"], one["op"], one["n"], one["changes"]["code"]) == (key, "delete", 2, ["OLD", None])
    assert "after" not in one


@pytest.mark.django_db
def test_a_row_made_and_deleted_in_one_act_was_there():
    with act(actor=SYSTEM):
        row = unsaved_branch()
        row.save()
        row.delete()
        event = record(Tag.BRANCH_CHANGED, actor=SYSTEM)
    assert (told(event)["op"], told(event)["n"]) == ("delete", 1)


@pytest.mark.django_db
def test_expressions_are_told_as_what_they_became():
    row = branch()
    with act(actor=SYSTEM):
        row.name = F("code")
        row.save()
        record(Tag.BRANCH_CHANGED, actor=SYSTEM, subject=row)
    row.refresh_from_db()
    assert row.name == row.code


@pytest.mark.django_db
def test_personal_values_are_committed_to_and_never_told():
    someone = person("Ada Lovelace")
    event = newest()
    one = next(one for one in event.data["touched"] if one["object"] == f"accounts_person:{someone.pk}")
    assert {"name", "email"} <= one["commitments"].keys()
    assert not {"name", "email", "email_index", "phone"} & one["changes"].keys()
    for secret in ("Ada", "Lovelace", "example.test"):
        assert secret not in event.body


@pytest.mark.django_db
def test_a_change_of_a_personal_value_changes_its_commitment():
    someone = person("Ada")
    before = next(one for one in newest().data["touched"] if one["ref"].startswith("person"))["commitments"]
    with act(actor=SYSTEM):
        someone.name = "Grace"
        someone.save(update_fields=["name"])
        after = told(record(Tag.PERSON_CHANGED, actor=SYSTEM))["commitments"]
    assert after["name"] != before["name"]
    assert after["email"] == before["email"]


@pytest.mark.django_db
def test_password_hashes_and_what_a_model_hides_stay_out():
    someone = account()
    with act(actor=SYSTEM):
        someone.set_unusable_password()
        someone.save()
        event = record(Tag.PASSWORD_CHANGED, actor=SYSTEM)
    assert "password" not in told(event).get("changes", {})
    assert someone.password not in event.body


@pytest.mark.django_db
def test_links_of_many_to_many_belong_to_their_owner():
    someone = account()
    group = Group.objects.create(name="readers")
    events = []
    for change in (
        lambda: someone.groups.add(group),
        lambda: someone.groups.remove(group),
        lambda: group.user_set.add(someone),
        lambda: group.user_set.remove(someone),
        lambda: someone.groups.add(group),
        group.user_set.clear,
        lambda: someone.groups.add(group),
        someone.groups.clear,
    ):
        with act(actor=SYSTEM):
            change()
            events.append(record(Tag.PERSON_CHANGED, actor=SYSTEM))
    verbs = [next(iter(told(event)["changes"]["groups"][1])) for event in events]
    assert verbs == ["added", "removed", "added", "removed", "added", "cleared", "added", "cleared"]
    assert {told(event)["object"] for event in events} == {f"accounts_account:{someone.pk}"}


@pytest.mark.django_db
def test_an_unrecorded_link_stops_the_act():
    someone = account()
    group = Group.objects.create(name="readers")
    with pytest.raises(Unrecorded, match="accounts_account"), act(actor=SYSTEM):
        someone.groups.add(group)


@pytest.mark.django_db
def test_auditlog_stores_no_row():
    rename(branch(), "Two")
    assert FieldDifference._meta.db_table not in connection.introspection.table_names()
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM auditlog_logentry")
        assert cursor.fetchone() == (0,)


@pytest.mark.django_db
def test_a_default_manager_that_hides_rows_hides_no_difference():
    assert Branch._base_manager.count() == 0
    assert Person._base_manager.count() == 0
