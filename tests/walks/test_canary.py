"""Every secret of the rich world is looked for in everything that is at rest or goes out: tables, log, tasks, files, the
journal, a dump, what the application logs, pages of errors, and exports.

What is secret is read from the models: each encrypted field of each row is opened, and its text must be found nowhere in clear.
"""

from __future__ import annotations

import contextlib
import copy
import io
import json
import logging
import subprocess
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection
from django.test import Client
from django.urls import reverse
from django_tasks_db.models import DBTaskResult
from structlog.stdlib import ProcessorFormatter

from apps.access.roles import Role
from apps.audit.models import AuditEvent, AuditExport
from apps.audit.services.exports import export_run
from apps.borrowers.models import Borrower
from apps.vault.errors import CannotOpen
from apps.vault.secret import Secret
from tests import databases
from tests.accounts import factories as people
from tests.audit import recipients
from tests.audit.recipients import RECIPIENT
from tests.walks.world import NEAR, World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world")]

SHORTEST = 8
"""Shorter texts are found by chance."""


PG_DUMP = tuple(sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_dump"), reverse=True))
BY_DESIGN = {"outbox"}
"""Folders of files that are for others to read: what the bank is told to pay."""


def secrets() -> dict[str, set[str]]:
    """Clear texts by the field that holds them; the names of businesses are clear by design, also as holders of accounts."""
    names, found = set(Borrower.objects.values_list("legal_name", flat=True)), {}
    for model in apps.get_models():
        if not model.__module__.startswith("apps.") or not model._meta.managed:
            continue
        for row in model._default_manager.order_by("pk")[:200]:
            for field in model._meta.concrete_fields:
                value = getattr(row, field.attname)
                text = opened(value) if isinstance(value, Secret) else ""
                if len(text) >= SHORTEST and text not in names:
                    found.setdefault(f"{model._meta.label}.{field.name}", set()).add(text)
    return found


def opened(value: Secret) -> str:
    """The text of a secret, ``""`` where it is no text."""
    with contextlib.suppress(CannotOpen):
        clear = value.reveal()
        return clear if isinstance(clear, str) else ""
    return ""


def at_rest() -> Iterator[tuple[str, bytes]]:
    """Everything that somebody who carries the disks away could read, by its place."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            yield table, b"\n".join(b"\t".join(map(written, row)) for row in cursor.fetchall())
    for folder in (Path(settings.MEDIA_ROOT), Path(settings.LOANFLOW_JOURNAL).parent):
        files = [each for each in folder.rglob("*") if each.is_file() and "sqlite3" not in each.name]
        yield from ((str(each), each.read_bytes()) for each in files if not set(each.parts) & BY_DESIGN)
    if connection.vendor == "sqlite":  # with what deleted rows have left in its pages
        yield "database file", Path(databases.name_of("furnished")).read_bytes()


def written(value: object) -> bytes:
    """A column's value as it lies there."""
    return bytes(value) if isinstance(value, (bytes, memoryview)) else str(value).encode()


def dumped() -> bytes:
    """The database as its own tool writes it out for a backup."""
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        return "\n".join(connection.connection.iterdump()).encode()
    described = connection.settings_dict
    tool = next((path for path in PG_DUMP if path.exists()), None)
    if tool is None:
        pytest.skip("there is no pg_dump here")
    place = [f"--host={described['HOST']}", f"--port={described['PORT'] or 5432}", f"--username={described['USER']}"]
    return subprocess.run([tool, *place, described["NAME"]], check=True, capture_output=True, timeout=120).stdout


def found_in(places: Iterable[tuple[str, bytes]], known: dict[str, set[str]]) -> set[tuple[str, str, str]]:
    """Which secrets stand where, as they are, as JSON writes them, or as the bytes of a dump."""
    return {
        (field, text, place)
        for field, texts in known.items()
        for text in texts
        for place, content in places
        if any(
            form in content for form in (text.encode(), json.dumps(text).encode()[1:-1], text.encode().hex().encode())
        )
    }


@pytest.fixture
def client(world: World) -> Client:
    """A browser of an officer who sees a page when it breaks, as people do."""
    made = Client(raise_request_exception=False)
    people.signed_in(made, world.account(NEAR, Role.LOAN_OFFICER))
    return made


def test_no_secret_is_at_rest_in_clear(world: World) -> None:
    known = secrets()
    assert len(known) > 25, sorted(known)
    places = list(at_rest())
    assert {"audit_event", DBTaskResult._meta.db_table} <= {place for place, _content in places}
    assert found_in(places, known) == set()


def test_no_secret_is_in_a_dump(world: World) -> None:
    dump = dumped()
    assert b"audit_event" in dump
    assert found_in([("dump", dump)], secrets()) == set()


def test_the_search_would_find_a_secret_in_each_of_its_forms() -> None:
    known = {"field": {"王小明 of Jinan"}}
    forms = (
        "王小明 of Jinan".encode(),
        json.dumps("王小明 of Jinan").encode(),
        "王小明 of Jinan".encode().hex().encode(),
    )
    assert all(found_in([("place", form)], known) for form in forms)
    assert not found_in([("place", b"Jinan")], known)


def test_no_secret_is_in_what_the_application_logs_or_says_when_a_page_breaks(
    world: World,
    client: Client,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    known, borrower = secrets(), world.case("intake").borrower
    planted = sorted(text for texts in known.values() for text in texts)

    def breaks(*_args: object) -> None:
        held = planted  # what a traceback with local variables would print
        raise ValueError(" ".join(held))

    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr("apps.borrowers.views.page.borrower_shown", breaks)
    broken = client.get(reverse("borrowers:borrower", args=[borrower.pk]), {"words": planted[0]})
    assert broken.status_code == 500
    wrong = client.post(
        reverse("borrowers:edit", args=[borrower.pk]), {"legal_name": "", "address": planted[0], "identifier": "9"}
    )
    assert wrong.status_code == 400
    missing = client.get("/no/such/page/", {"words": planted[1]})
    assert missing.status_code == 404
    places = [
        ("page of the error", broken.content),
        ("page that is missing", missing.content),
        ("lines of the log", "\n".join(logged(record) for record in caplog.records).encode()),
    ]
    assert b"ValueError" in places[-1][1]
    assert found_in(places, known) == set()


def logged(record: logging.LogRecord) -> str:
    """A record as the application writes it."""
    formatters = (handler.formatter for handler in logging.getLogger().handlers)
    own = next(one for one in formatters if isinstance(one, ProcessorFormatter))
    return own.format(copy.copy(record))


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_no_secret_is_in_an_export_of_the_log(world: World, form: str) -> None:
    auditor = Client()
    people.signed_in(auditor, world.account(NEAR, Role.AUDITOR))
    sent = auditor.post(
        reverse("console:audit_export"), {"format": form, "reason": "internal_audit", "words": "yearly"}
    )
    assert sent.status_code == 200, sent.content[:2000]
    archive = zipfile.ZipFile(io.BytesIO(b"".join(sent.streaming_content)))  # type: ignore[arg-type]
    places = [(name, archive.read(name)) for name in archive.namelist()]
    assert max(len(content) for _name, content in places) > 10_000
    names = {"": set(Borrower.objects.exclude(legal_name="").values_list("legal_name", flat=True))}
    assert found_in(places, {**secrets(), **names}) == set()


def test_an_export_in_clear_shows_borrowers_data_to_its_recipient_and_nobody_elses(world: World) -> None:
    known = secrets()
    auditor, compliance = Client(), Client()
    people.signed_in(auditor, world.account(NEAR, Role.AUDITOR))
    people.signed_in(compliance, world.account(NEAR, Role.COMPLIANCE_OFFICER))
    asked = {"format": "jsonl", "reason": "internal_audit", "words": "yearly", "recipient": RECIPIENT, "in_clear": "on"}
    assert auditor.post(reverse("console:audit_export"), asked).status_code == 302
    row = AuditExport.objects.latest("pk")
    agreed = compliance.post(reverse("console:audit_clear_agree", args=[row.uuid]), {"asked": row.event})
    assert agreed.status_code == 302
    export_run(row.pk)
    taken = auditor.post(reverse("console:audit_export_file", args=[row.uuid]))
    data = b"".join(taken.streaming_content)  # type: ignore[arg-type]
    events = "\n".join(AuditEvent.objects.values_list("body", flat=True)).encode()
    assert found_in([("handed out", data), ("the log", events)], known) == set()
    _record, inner = recipients.opened(data)
    archive = zipfile.ZipFile(io.BytesIO(inner))
    [name] = [name for name in archive.namelist() if "openings" in name]
    shown = found_in([(name, archive.read(name))], known)
    assert {"borrowers.Party.name", "borrowers.Party.phone", "borrowers.Borrower.phone"} <= {
        field for field, *_more in shown
    }
    staff = {label: texts for label, texts in known.items() if label.startswith(("accounts.", "console."))}
    assert found_in([(name, archive.read(name))], staff) == set()
