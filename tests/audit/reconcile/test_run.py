"""Whatever is done to business rows with the triggers off is found, and nothing that the application did is."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.accounts.models import Branch, Person
from apps.audit.models import AuditEvent
from apps.audit.reconcile import Kind, reconcile
from apps.audit.reconcile import run as walk
from apps.audit.reconcile import told as telling
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.vault.services import owner_forget
from tests.audit.factories import SYSTEM, branch, locks_off, person, rename, run, unsaved_branch


@pytest.fixture(scope="module")
def book(shared_db: str) -> dict[str, Any]:
    """Two branches with a history, two persons who were renamed, and a branch that was closed for good."""
    first, second = branch(name="One"), branch(name="Two")
    for name in ("Uno", "Eins"):
        rename(first, name)
    ada, bob = person("Ada"), person("Bob")
    for someone, name in ((ada, "Ada King"), (bob, "Bob King")):
        rename_person(someone, name)
    gone = branch()
    key = gone.pk
    with act(actor=SYSTEM):
        gone.delete()
        record(Tag.BRANCH_CHANGED, actor=SYSTEM)
    return {"first": first, "second": second, "ada": ada, "bob": bob, "gone": key}


@pytest.fixture
def tampering(book: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The book, whose rows are put back afterwards as they were."""
    kept = {table: rows(table) for table in ("accounts_branch", "accounts_person")}
    yield book
    with locks_off():
        for table, before in kept.items():
            put_back(table, before)
    assert reconcile().count == 0


def rename_person(someone: Person, name: str) -> None:
    """Change a person in an act of its own."""
    with act(actor=SYSTEM):
        someone.name = name
        someone.save()
        record(Tag.PERSON_CHANGED, actor=SYSTEM, subject=someone)


def rows(table: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table} ORDER BY id")
        return [column[0] for column in cursor.description], cursor.fetchall()


def put_back(table: str, kept: tuple[list[str], list[tuple[Any, ...]]]) -> None:
    names, before = kept
    now = {row[0]: row for row in rows(table)[1]}
    for row in before:
        if row[0] not in now:
            run(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join(['%s'] * len(names))})", row)
        elif row != now[row[0]]:
            run(f"UPDATE {table} SET {', '.join(f'{name} = %s' for name in names)} WHERE id = %s", (*row, row[0]))
    for key in now.keys() - {row[0] for row in before}:
        run(f"DELETE FROM {table} WHERE id = %s", (key,))


def edit_branch(book: dict[str, Any]) -> None:
    run("UPDATE accounts_branch SET name = 'Mine' WHERE id = %s", (book["first"].pk,))


def old_name(book: dict[str, Any]) -> None:
    run("UPDATE accounts_branch SET name = 'Uno' WHERE id = %s", (book["first"].pk,))


def delete_branch(book: dict[str, Any]) -> None:
    run("DELETE FROM accounts_branch WHERE id = %s", (book["second"].pk,))


def add_branch(book: dict[str, Any]) -> None:
    copy_branch(book, 900_001)


def revive_branch(book: dict[str, Any]) -> None:
    copy_branch(book, book["gone"])


def copy_branch(book: dict[str, Any], key: int) -> None:
    names, held = rows("accounts_branch")
    row = dict(zip(names, next(one for one in held if one[0] == book["first"].pk), strict=True))
    row |= {"id": key, "code": f"X{key}", "path": f"X{key}/", "uuid": f"{key:032x}"}
    put_back("accounts_branch", (names, [*held, tuple(row[name] for name in names)]))


def move_name(book: dict[str, Any]) -> None:
    run(
        "UPDATE accounts_person SET name = (SELECT name FROM accounts_person WHERE id = %s) WHERE id = %s",
        (book["bob"].pk, book["ada"].pk),
    )


WAYS: dict[str, tuple[Callable[[dict[str, Any]], None], Kind, str, tuple[str, ...]]] = {
    "edited": (edit_branch, Kind.EDITED, "accounts_branch:{first}", ("name",)),
    "set back": (old_name, Kind.REPLAYED, "accounts_branch:{first}", ("name",)),
    "deleted": (delete_branch, Kind.DELETED, "accounts_branch:{second}", ()),
    "added": (add_branch, Kind.ADDED, "accounts_branch:900001", ()),
    "put back": (revive_branch, Kind.PUT_BACK, "accounts_branch:{gone}", ()),
    "moved": (move_name, Kind.MOVED, "accounts_person:{ada}", ("name",)),
}


def test_what_the_application_did_is_as_the_log_says(book: dict[str, Any]):
    report = reconcile()
    assert (report.count, report.left_out, report.differences) == (0, 0, [])
    assert report.checked > 8


@pytest.mark.parametrize("way", WAYS)
def test_a_write_with_the_triggers_off_is_found(tampering: dict[str, Any], way: str):
    tamper, kind, name, fields = WAYS[way]
    with locks_off():
        tamper(tampering)
    [found] = reconcile().differences
    keys = {role: getattr(row, "pk", row) for role, row in tampering.items()}
    assert (found.object, found.kind, found.fields) == (name.format(**keys), kind, fields)
    assert found.object in found.words
    assert (found.event > 0) is (kind is not Kind.ADDED)


def test_an_older_ciphertext_put_back_is_named_with_the_event_that_wrote_it(book: dict[str, Any]):
    dora = person("Dora")
    rename_person(dora, "Dora King")
    older, written = Person.objects.get(pk=dora.pk).name.envelope(), AuditEvent.objects.latest("pk").pk
    rename_person(dora, "Dora Lovelace")
    with locks_off():
        run("UPDATE accounts_person SET name = %s WHERE id = %s", (older, dora.pk))
    [found] = reconcile().differences
    assert (found.kind, found.fields, found.older) == (Kind.REPLAYED, ("name",), written)
    assert f"as of event {written}" in found.words
    rename_person(Person.objects.get(pk=dora.pk), "Dora")  # an act gives the row a new image: it is settled
    assert reconcile().count == 0


def test_every_difference_is_found_at_once_and_pages_change_nothing(
    tampering: dict[str, Any], monkeypatch: pytest.MonkeyPatch
):
    with locks_off():
        edit_branch(tampering)
        delete_branch(tampering)
        add_branch(tampering)
        revive_branch(tampering)
        move_name(tampering)
    whole = reconcile()
    monkeypatch.setattr(telling, "PAGE", 3)
    monkeypatch.setattr(walk, "BATCH", 2)
    told: list[int] = []
    assert reconcile(progress=told.append).as_json() == whole.as_json()
    assert (sum(told), whole.count, len(whole.kinds)) == (whole.checked, 5, 5)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ways=st.sets(st.sampled_from(["edited", "deleted", "added", "put back", "moved"])))
def test_any_mixture_is_found_and_nothing_else(book: dict[str, Any], ways: set[str]):
    kept = {table: rows(table) for table in ("accounts_branch", "accounts_person")}
    with locks_off():
        for way in sorted(ways):
            WAYS[way][0](book)
    found = {difference.kind for difference in reconcile().differences}
    with locks_off():
        for table, before in kept.items():
            put_back(table, before)
    assert found == {WAYS[way][1] for way in ways}


def test_an_honest_writer_beside_it_is_never_suspected(book: dict[str, Any]):
    row, stop = branch(), threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            rename(row, f"name {number}")
        connection.close()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert [reconcile().count for _round in range(5)] == [0] * 5
    finally:
        stop.set()
        writer.join()


def test_a_row_that_changes_at_every_look_is_left_alone(book: dict[str, Any], monkeypatch: pytest.MonkeyPatch):
    row = branch()
    told = telling.newest_write(f"accounts_branch:{row.pk}")
    numbers = iter(range(1000))
    monkeypatch.setattr(walk, "newest_write", lambda _name: told._replace(n=next(numbers)))
    monkeypatch.setattr(walk, "fits", lambda *_given: False)
    assert reconcile().count == 0


def test_a_forgotten_owner_is_no_difference(book: dict[str, Any]):
    someone = person("Cleo")
    with act(actor=SYSTEM):
        owner_forget(owner=someone.key_owner, actor=SYSTEM)
    assert reconcile().count == 0


def test_a_body_that_somebody_spoiled_makes_its_rows_differ(book: dict[str, Any]):
    assert telling._read("{") == {}
    assert telling._read("[]") == {}
    assert telling.entry_of({"touched": ["x", {"object": "other:1"}]}, "accounts_branch:1") == {}


def test_objects_of_tables_that_are_governed_no_more_are_left_out():
    assert walk._place("gone_table:1", {}) is None
    assert walk._place("accounts_branch:x", {"accounts_branch": Branch}) is None


def test_a_rolled_back_act_leaves_nothing_to_find(book: dict[str, Any]):
    class Undone(Exception):
        pass

    with pytest.raises(Undone), act(actor=SYSTEM):
        unsaved_branch().save()
        record(Tag.BRANCH_CHANGED, actor=SYSTEM)
        raise Undone
    with transaction.atomic():
        pass
    assert reconcile().count == 0
