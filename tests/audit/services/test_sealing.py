"""What is committed is sealed once, in order, whoever writes, waits, rolls back, seals or dies at the same time."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from django.db import connection, connections, transaction

from apps.audit import hosttime, mac, signing
from apps.audit.models import AuditHead, AuditLeaf, AuditMacKey, AuditObject, AuditObjectNode, AuditSigningKey
from apps.audit.overview import sealing
from apps.audit.proofs import event_proof, growth_proof, object_proof
from apps.audit.seals.objects import MapChanged
from apps.audit.seals.standing import SealBroken
from apps.audit.services import act, record
from apps.audit.services.sealing import has_due
from apps.audit.services.signing import sealer_actor, signing_key_rotate
from apps.audit.tags import Tag
from apps.audit.tree.checking import verify_consistency, verify_inclusion
from apps.audit.tree.objects import verify_object
from apps.vault.errors import KeysUnavailable
from apps.vault.keyservice.current import forget_key_service
from tests.audit.factories import SYSTEM, branch, locks_off, newest, rename, run
from tests.audit.sealing import assert_sealed_well, newest_head, seal, seal_all, unsealed

ON_POSTGRESQL = pytest.mark.skipif("connection.vendor == 'sqlite'", reason="SQLite has one writer")
KILLED = 9


def test_what_is_committed_is_sealed_and_proved(committed_db: str):
    rows = [branch() for _ in range(3)]
    first = seal()
    for row in rows:
        rename(row, "Two")
    second = seal()
    assert (first.added, second.added, second.size) == (4, 3, 7)  # the first with the event of the key
    assert assert_sealed_well() == 7
    assert seal().added == 0
    head, event = newest_head(), newest()
    made = event_proof(event.pk)
    verify_inclusion(made.index, made.size, made.leaf, made.proof, bytes(head.root))
    roots = {row.pk: bytes(row.root) for row in AuditHead.objects.all()}
    verify_consistency(4, 7, growth_proof(4, 7), roots[4], roots[7])
    name = f"accounts_branch:{rows[2].pk}"
    assert verify_object(name, object_proof(name).proof, bytes(head.map_root)) == (2, made.leaf)
    assert (
        verify_object("accounts_branch:999999", object_proof("accounts_branch:999999").proof, bytes(head.map_root))
        is None
    )


def test_nothing_is_due_in_an_empty_log_but_the_event_of_the_first_key(committed_db: str):
    assert (seal().added, seal().added) == (1, 0)
    assert newest().action == Tag.SIGNING_KEY_MADE
    assert has_due() is (connection.vendor == "postgresql")


def test_batches_of_any_size_make_the_same_tree(committed_db: str):
    for _ in range(7):
        branch()
    assert seal(batch=3).added == 8
    assert assert_sealed_well() == 8
    assert [row.pk for row in AuditHead.objects.order_by("pk")] == [3, 6, 8]


def test_sixteen_writers_and_three_sealers_at_once(committed_db: str):
    rows, writers, sealers = [branch() for _ in range(3)], 16, 3
    barrier, done = threading.Barrier(writers + sealers), threading.Event()

    def write(number: int) -> None:
        barrier.wait()
        try:
            for at in range(5):
                with act(actor=SYSTEM):
                    record(Tag.BRANCH_CHANGED, actor=SYSTEM, subject=rows[number % 3], case=rows[(number + 1) % 3])
                    if at == number % 5:
                        transaction.set_rollback(True)
        finally:
            connections.close_all()

    def keep_sealing(_number: int) -> None:
        barrier.wait()
        try:
            while not done.is_set():
                seal(batch=7)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(writers + sealers) as pool:
        sealing = [pool.submit(keep_sealing, number) for number in range(sealers)]
        list(pool.map(write, range(writers)))
        done.set()
        for one in sealing:
            one.result()
    seal()
    assert unsealed() == []
    assert assert_sealed_well() == 3 + 16 * 4 + AuditSigningKey.objects.count()
    assert AuditSigningKey.objects.count() == 1


@ON_POSTGRESQL
def test_a_late_commit_comes_in_after_those_that_overtook_it(committed_db: str):
    branch()
    seal()
    written, finish = threading.Event(), threading.Event()

    def write_late() -> None:
        try:
            with act(actor=SYSTEM):
                record(Tag.SIGNED_IN, actor=SYSTEM)
                written.set()
                finish.wait(30)
        finally:
            connections.close_all()

    late = threading.Thread(target=write_late)
    late.start()
    assert written.wait(30)
    overtaking = [branch() for _ in range(3)]
    assert seal().added == 0, "an older transaction is still open"
    finish.set()
    late.join()
    assert seal().added == 1 + len(overtaking)
    assert unsealed() == []
    assert_sealed_well()


@ON_POSTGRESQL
def test_numbers_that_were_rolled_back_hold_nothing_up(committed_db: str):
    for _ in range(3):
        with act(actor=SYSTEM):
            record(Tag.SIGNED_IN, actor=SYSTEM)
            transaction.set_rollback(True)
        branch()
    assert seal().added == 4
    assert newest().pk > 4
    assert_sealed_well()


def test_a_sealer_killed_at_any_statement_leaves_nothing_to_mend(committed_db: str):
    branch()
    seal_all()
    events = 1 + 1
    for point in range(1, 200):
        branch()
        events += 1
        died = killed_at(point)
        sealed = AuditLeaf.objects.count()
        assert assert_sealed_well() == sealed
        if not died:
            break
        if point % 3 == 0:  # and sometimes what is left grows on
            seal_all()
            assert assert_sealed_well() == events
    assert point > 10, "there are points to be killed at"
    seal_all()
    assert assert_sealed_well() == events


def killed_at(point: int) -> bool:
    """Seal in a child that is killed right after a statement; tells whether it was, or had finished by then."""
    connections.close_all()
    child = os.fork()
    if child == 0:
        done = [0]

        def killing(execute: Any, *given: Any) -> Any:
            result = execute(*given)
            done[0] += 1
            if done[0] == point:
                os._exit(KILLED)
            return result

        try:
            with connection.execute_wrapper(killing):
                seal()
        except BaseException:  # noqa: BLE001 - the parent hears of it
            os._exit(1)
        os._exit(0)
    _child, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    assert code in {0, KILLED}
    return code == KILLED


@ON_POSTGRESQL
def test_a_log_restored_into_another_cluster_is_sealed_on_from_where_it_was(committed_db: str):
    branch()
    seal()
    waiting = branch()
    with locks_off():  # transactions of the old cluster were numbered far beyond ours, or far below
        run("UPDATE audit_event SET txid = txid + 1000000000 WHERE id = %s", (newest().pk,))
        run("UPDATE audit_head SET cluster = 'another', horizon = horizon + 1000000000")
    rename(waiting, "Here")
    assert seal().added == 2
    assert unsealed() == []
    rename(waiting, "Again")
    assert seal().added == 1
    assert newest_head().cluster != "another"
    assert_sealed_well()


@ON_POSTGRESQL
def test_a_restored_log_larger_than_a_batch_is_sealed_whole(committed_db: str):
    branch()
    seal()
    for _ in range(5):
        branch()
    with locks_off():
        run("UPDATE audit_event SET txid = txid + 1000000000 WHERE id NOT IN (SELECT event_id FROM audit_leaf)")
        run("UPDATE audit_head SET cluster = 'another'")
    assert seal(batch=2).added == 5
    assert unsealed() == []
    assert_sealed_well()


def test_a_rotated_key_is_told_of_in_the_tree_and_takes_over_under_two_signatures(committed_db: str):
    branch()
    seal()
    signing_key_rotate(actor=sealer_actor())
    told = newest()
    branch()
    seal()
    both = newest_head()
    branch()
    seal()
    alone = newest_head()
    assert told.data["note"].keys() == {"key", "before"}
    assert (both.note.count("\u2014 "), alone.note.count("\u2014 ")) == (2, 1)
    old, new = map(signing.verifier_key, AuditSigningKey.objects.order_by("pk"))
    assert (told.data["note"]["before"], told.data["note"]["key"]) == (old.text(), new.text())
    assert old.name == new.name
    assert_sealed_well()


def test_a_private_key_stands_nowhere_in_clear(committed_db: str):
    seal()
    row = AuditSigningKey.objects.get()
    material = signing.private_key(row).private_bytes_raw()
    assert material not in bytes(row.wrapped)
    assert material.hex() not in newest().body


def test_an_event_whose_code_does_not_fit_is_not_vouched_for(committed_db: str):
    branch()
    forged = newest()
    with locks_off():
        run("UPDATE audit_event SET mac = %s WHERE id = %s", ("0" * 64, forged.pk))
    branch()
    found = seal()
    assert found.refused == [forged.pk]
    assert unsealed() == [forged.pk]
    with locks_off():
        run("UPDATE audit_event SET mac_key = 'nobody' WHERE id = %s", (newest().pk,))


TAMPERINGS = {
    "a frontier": "UPDATE audit_head SET frontier = root",
    "a short frontier": "UPDATE audit_head SET frontier = SHORT",
    "a root": "UPDATE audit_head SET root = map_root",
    "a note": "UPDATE audit_head SET note = REPLACE(note, 'clock', 'cloak')",
    "a note's time": "UPDATE audit_head SET note = REPLACE(note, 'time 2', 'time 3')",
    "a key": "UPDATE audit_signing_key SET wrapped = public",
    "a key's root": "UPDATE audit_signing_key SET root_key = 'x'",
}


def put_back(held: list[Any]) -> None:
    for row in held:
        type(row).objects.filter(pk=row.pk).update(
            **{
                field.attname: getattr(row, field.attname)
                for field in row._meta.concrete_fields
                if not field.primary_key
            }
        )


def test_nothing_is_signed_on_top_of_a_head_that_somebody_changed(committed_db: str):
    branch()
    branch()
    seal()
    short = "'x'::bytea" if connection.vendor == "postgresql" else "X'00'"
    held = [AuditHead.objects.get(), AuditSigningKey.objects.get()]
    branch()
    for name, statement in TAMPERINGS.items():
        with locks_off():
            run(statement.replace("SHORT", short))
        with pytest.raises(SealBroken):
            seal()
        assert AuditHead.objects.count() == 1, name
        with locks_off():
            put_back(held)
    assert seal().added == 1


def test_nothing_is_signed_on_top_of_a_map_that_somebody_changed(committed_db: str):
    row = branch()
    seal()
    held = [AuditObject.objects.get(), *AuditObjectNode.objects.all()]
    rename(row, "Two")
    for statement in (
        "UPDATE audit_object SET n = n + 1",
        "UPDATE audit_object SET leaf = key",
        "UPDATE audit_object_node SET entries = 2 WHERE id > 511",
        "UPDATE audit_object_node SET hash = (SELECT key FROM audit_object) WHERE id < 512",
    ):
        run(statement)
        with pytest.raises(MapChanged):
            seal()
        put_back(held)
    assert seal().added == 1


def test_while_the_key_service_is_away_nothing_is_sealed_and_nothing_is_lost(committed_db: str, settings: Any):
    branch()
    there = settings.LOANFLOW_KEY_FILE
    settings.LOANFLOW_KEY_FILE = f"{there}.away"
    forget_key_service()
    with pytest.raises(KeysUnavailable):
        seal()
    settings.LOANFLOW_KEY_FILE = there
    forget_key_service()
    assert seal().added == 2
    assert_sealed_well()


def test_the_head_says_how_far_the_clock_is_off(
    committed_db: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    for offset, words in ((None, "clock unknown\n"), (-1_500_000, "clock -1.500000\n"), (12, "clock +0.000012\n")):
        monkeypatch.setattr(hosttime, "clock_offset", lambda given=offset: given)
        branch()
        seal()
        assert words in newest_head().note


def test_keys_of_many_processes_are_known(committed_db: str):
    for _ in range(3):
        mac.forget()
        branch()
    assert AuditMacKey.objects.count() == 3
    assert seal().refused == []


@ON_POSTGRESQL
def test_what_is_open_in_another_database_of_the_server_holds_nothing_up(committed_db: str):
    described = connection.settings_dict
    elsewhere = {"host": described["HOST"] or None, "port": described["PORT"] or None, "user": described["USER"] or None,
                 "password": described["PASSWORD"] or None, "dbname": "postgres"}  # fmt: skip
    with psycopg.connect(**elsewhere) as other:
        other.execute("SELECT pg_current_xact_id()")  # a writer, as far as the server knows
        branch()
        assert seal().added == 2
        assert sealing().waiting == 0
        other.rollback()


@ON_POSTGRESQL
def test_what_is_open_in_this_database_is_waited_for(committed_db: str):
    seal()
    with psycopg.connect(**connection.get_connection_params()) as other:
        other.execute("SELECT pg_current_xact_id()")
        branch()
        assert seal().added == 0
        other.rollback()
    assert seal().added == 1
