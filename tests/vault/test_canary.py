"""Planted canaries: plain text that must be found nowhere but where it is revealed."""

import datetime as dt
import logging
import traceback
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections
from django.views.debug import ExceptionReporter

from apps.vault.errors import CannotOpen
from apps.vault.files import open_stream, store
from apps.vault.keyservice.keyfile import keyfile_read
from apps.vault.models import EncryptedFile
from tests.vault.factories import again, borrower_owner, deed, installation_made, specimen
from tests.vault.models import Specimen

CANARIES = {
    "name": "CANARY-金丝雀-NAME",
    "id_number": "91370100MA3C4K2K7X",
    "email": "canary.plain@example.com",
    "born_on": dt.date(1987, 6, 5),
    "income": Decimal("918273645.55"),
    "extra": {"json": "CANARY-JSON"},
}
NEEDLES = (
    "CANARY",
    "金丝雀",
    "\\u91d1\\u4e1d\\u96c0",
    "91370100MA3C4K2K7X",
    "1987-06-05",
    "918273645",
    "FILE-CANARY",
)


@pytest.fixture
def planted(committed_rows: str, tmp_path: Path, settings: Any) -> tuple[Specimen, EncryptedFile]:
    """A row and a file full of canaries, committed."""
    settings.MEDIA_ROOT = tmp_path / "files"
    installation_made()
    with deed():
        row = specimen(key_owner=borrower_owner(), **CANARIES)
        file = store(
            row.key_owner,
            [b"FILE-CANARY " * 9000],
            name="CANARY licence.pdf",
            content_type="application/pdf",
            max_bytes=10**6,
        )
    return row, file


def bytes_of_the_database(name: str) -> Iterator[bytes]:
    """Yield everything the database holds, as it lies on the disk or as it says itself."""
    if connection.vendor == "sqlite":
        connections.close_all()
        yield from (path.read_bytes() for path in Path(name).parent.glob(Path(name).name + "*"))
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            for row in cursor.fetchall():
                yield b"|".join(cell if isinstance(cell, bytes) else str(cell).encode() for cell in row)


def found(haystacks: Iterator[bytes] | list[bytes]) -> set[str]:
    return {needle for haystack in haystacks for needle in NEEDLES if needle.encode() in haystack}


def test_no_canary_is_in_the_database_or_on_the_disk(
    planted: tuple[Specimen, EncryptedFile], committed_rows: str, tmp_path: Path
) -> None:
    files = [path.read_bytes() for path in (tmp_path / "files").rglob("*") if path.is_file()]
    assert len(files) == 1
    assert found(bytes_of_the_database(committed_rows)) == found(files) == set()


def test_the_search_would_find_a_canary(planted: tuple[Specimen, EncryptedFile], committed_rows: str) -> None:
    Specimen.objects.update(plain="CANARY-金丝雀")
    assert found(bytes_of_the_database(committed_rows)) == {"CANARY", "金丝雀"}


def test_no_key_is_in_the_database(planted: tuple[Specimen, EncryptedFile], committed_rows: str, settings: Any) -> None:
    roots = list(keyfile_read(Path(settings.LOANFLOW_KEY_FILE)).material.values())
    secrets = [*roots, planted[0].key_owner.active_cipher().material]
    held = list(bytes_of_the_database(committed_rows))
    assert [secret for secret in secrets for one in held if secret in one or secret.hex().encode() in one] == []


def test_canaries_come_back_when_revealed(planted: tuple[Specimen, EncryptedFile]) -> None:
    row, file = again(planted[0]), again(planted[1])
    assert {name: getattr(row, name).reveal() for name in CANARIES} == CANARIES
    assert b"".join(open_stream(file)) == b"FILE-CANARY " * 9000


def test_no_canary_is_in_what_a_program_prints_by_accident(
    planted: tuple[Specimen, EncryptedFile], caplog: pytest.LogCaptureFixture
) -> None:
    for row in (planted[0], again(planted[0]), again(planted[1])):
        printed = [str(row), repr(row), str(vars(row)), *(f"{value} {value!r}" for value in vars(row).values())]
        printed += [str(type(row).objects.filter(pk=row.pk).values().get()), str(list(type(row).objects.values_list()))]
        logging.getLogger("canary").error("%s %r %s", row, row, vars(row), extra={"row": row})
        assert found([line.encode() for line in printed]) == set()
    assert found([caplog.text.encode()]) == set()


def test_no_canary_is_in_the_report_of_an_error(planted: tuple[Specimen, EncryptedFile], rf: Any) -> None:
    row = again(planted[0])
    row.name = CANARIES["name"]
    try:
        row.uuid = None
        row.save()
    except (AttributeError, CannotOpen) as error:
        text = "".join(traceback.format_exception(error))
        report = ExceptionReporter(rf.get("/"), type(error), error, error.__traceback__).get_traceback_text()
        assert found([text.encode(), report.encode()]) == set()
    else:
        pytest.fail("a row without its uuid was sealed")
