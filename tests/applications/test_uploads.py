"""Files before they are kept: whole and of a known type, or one sentence that says what to do."""

from __future__ import annotations

import contextlib
import io
import zipfile
from collections.abc import Callable
from typing import Any

import openpyxl
import pypdf
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, TextStringObject

from apps.applications.uploads import UploadRefused, images, inspect, pdfs, sheets
from apps.applications.uploads.inspecting import plain_name
from apps.vault.clamd import ScannerUnavailable
from tests.vault.scanner import EICAR, scanning


def pdf(pages: int = 2, password: str = "", program: str = "") -> bytes:
    writer = pypdf.PdfWriter()
    for _each in range(pages):
        writer.add_blank_page(200, 200)
    if program == "names":
        tree = {NameObject("/Names"): ArrayObject([TextStringObject("start"), DictionaryObject()])}
        names = DictionaryObject({NameObject("/JavaScript"): DictionaryObject(tree)})
        writer.root_object[NameObject("/Names")] = names
    if program == "launch":
        action = {NameObject("/S"): NameObject("/Launch"), NameObject("/F"): TextStringObject("calc.exe")}
        writer.root_object[NameObject("/OpenAction")] = DictionaryObject(action)
    if password:
        writer.encrypt(password, algorithm="AES-256")
    return _written(writer.write)


def _written(write: Callable[[io.BytesIO], object]) -> bytes:
    stream = io.BytesIO()
    write(stream)
    return stream.getvalue()


def picture(kind: str = "PNG", size: tuple[int, int] = (64, 64)) -> bytes:
    noise = Image.effect_noise(size, 90).convert("RGB")
    return _written(lambda stream: noise.save(stream, kind))


def table() -> bytes:
    book = openpyxl.Workbook()
    book.active["A1"] = "Revenue"  # type: ignore[index]
    return _written(book.save)


def archive(**entries: bytes) -> bytes:
    def write(stream: io.BytesIO) -> None:
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as packed:
            for name, content in {"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<workbook/>"}.items():
                packed.writestr(name, content)
            for name, content in entries.items():
                packed.writestr(name.replace("__", "/").replace("_dot_", "."), content)

    return _written(write)


def look(content: bytes, name: str, largest: int = 20 * 2**20) -> object:
    return inspect(io.BytesIO(content), name=name, largest=largest)


def refusal(content: bytes, name: str, largest: int = 20 * 2**20) -> str:
    with pytest.raises(UploadRefused) as refused:
        look(content, name, largest)
    assert list(refused.value.errors) == ["file"]
    return str(refused.value)


@pytest.mark.parametrize(
    ("content", "name", "content_type", "pages"),
    [
        (pdf(3), "Licence.PDF", "application/pdf", 3),
        (picture("JPEG"), "photo.jpeg", "image/jpeg", None),
        (picture("JPEG"), "photo.jpg", "image/jpeg", None),
        (picture("PNG"), "scan.png", "image/png", None),
        (table(), "accounts.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", None),
        (b"month,in,out\r\n1,2,3\r\n", "bank.csv", "text/csv", None),
        ("月份;收入\n一;2\n".encode("gb18030"), "流水.csv", "text/csv", None),
        ("\ufeffa\tb\n".encode(), "tab.csv", "text/csv", None),
    ],
)
def test_good_files_are_taken(content: bytes, name: str, content_type: str, pages: int | None) -> None:
    found = inspect(io.BytesIO(content), name=name)
    assert (found.content_type, found.size, found.pages, found.name) == (content_type, len(content), pages, name)


def test_stream_is_rewound_after_the_look() -> None:
    stream = io.BytesIO(picture())
    inspect(stream, name="a.png")
    assert stream.tell() == 0


@pytest.mark.parametrize(
    ("content", "name", "word"),
    [
        (b"", "empty.pdf", "empty"),
        (pdf(), "licence.png", "ends in"),
        (picture("PNG"), "photo.jpg", "ends in"),
        (pdf(), "licence", "ends in"),
        (b"MZ\x90\x00" + b"\0" * 60, "setup.exe", "type"),
        (b"MZ\x90\x00" + b"\0" * 60, "licence.pdf", "type"),
        (b"<html><script>alert(1)</script>", "page.html", "type"),
        (b"GIF89a" + b"\0" * 20, "a.gif", "type"),
        (b"%PDF-1.7 hello", "a.pdf", "end is missing"),
        (b"%PDF-1.7\nnothing here\n%%EOF", "a.pdf", "damaged"),
        (pdf(0), "none.pdf", "no pages"),
        (pdf(password="secret"), "locked.pdf", "password"),
        (pdf(program="names"), "script.pdf", "program"),
        (pdf(program="launch"), "launch.pdf", "program"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 40, "a.png", "damaged"),
        (b"\xff\xd8\xff\xe0" + b"\0" * 40, "a.jpg", "damaged"),
        (b"PK\x03\x04" + b"\0" * 40, "a.xlsx", "damaged"),
        (archive(xl__vbaProject_dot_bin=b"x"), "macro.xlsx", "macros"),
        (b"\x01\x02,\x03", "a.csv", "table of text"),
        (b"just words without columns\n", "a.csv", "table of text"),
        (b"\xff\xff\xff,\xff\n", "a.csv", "table of text"),
        (b"   \n\n", "a.csv", "table of text"),
    ],
)
def test_bad_files_are_refused_with_a_sentence(content: bytes, name: str, word: str) -> None:
    assert word in refusal(content, name)


@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
@pytest.mark.parametrize(
    ("whole", "name"), [(pdf(5), "a.pdf"), (picture("JPEG"), "a.jpg"), (picture("PNG"), "a.png"), (table(), "a.xlsx")]
)
def test_truncated_files_are_refused(whole: bytes, name: str, share: float) -> None:
    assert refusal(whole[: int(len(whole) * share)], name)


def test_file_is_refused_one_byte_above_the_limit() -> None:
    content = picture()
    assert look(content, "a.png", largest=len(content))
    assert "larger than" in refusal(content, "a.png", largest=len(content) - 1)


def test_archive_that_would_burst_is_refused_before_it_is_unpacked() -> None:
    assert "too large when opened" in refusal(archive(xl__sheet_dot_xml=b"0" * 30_000_000), "bomb.xlsx")


def test_archive_with_too_many_entries_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "MOST_ENTRIES", 2)
    assert "too large when opened" in refusal(archive(a=b"1"), "many.xlsx")


def test_archive_that_is_no_table_is_refused() -> None:
    def write(stream: io.BytesIO) -> None:
        with zipfile.ZipFile(stream, "w") as packed:
            packed.writestr("hello.txt", b"hello")

    assert "no XLSX" in refusal(_written(write), "a.xlsx")


def test_archive_with_a_damaged_entry_is_refused() -> None:
    content = bytearray(archive(xl__sheet_dot_xml=bytes(range(256)) * 40))
    place = content.index(b"xl/sheet.xml") + 60
    content[place] ^= 0xFF
    assert "damaged" in refusal(bytes(content), "a.xlsx")


def test_image_of_too_many_pixels_is_refused_before_it_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "MOST_PIXELS", 100)
    assert "too many pixels" in refusal(picture(), "a.png")


def test_pdf_of_too_many_pages_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdfs, "MOST_PAGES", 2)
    assert "too many" in refusal(pdf(3), "a.pdf")


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\fakepath\\scan.png", "scan.png"),
        ("a\u202egnp.exe", "agnp.exe"),
        ("", "file"),
        ("\x00\x07", "file"),
        ("x" * 300 + ".pdf", "x" * 116 + ".pdf"),
        ("营业执照.pdf", "营业执照.pdf"),
    ],
)
def test_name_is_kept_without_path_and_tricks(given_name: str, kept: str) -> None:
    assert plain_name(given_name) == kept


@given(st.text(max_size=200))
def test_any_name_becomes_a_short_printable_one(name: str) -> None:
    kept = plain_name(name)
    assert 0 < len(kept) <= 120
    assert "/" not in kept
    assert kept.isprintable()


@given(st.binary(min_size=1, max_size=400), st.sampled_from(["a.pdf", "a.png", "a.jpg", "a.xlsx", "a.csv"]))
def test_any_bytes_are_taken_or_refused_never_a_crash(content: bytes, name: str) -> None:
    with contextlib.suppress(UploadRefused):
        look(content, name)


def test_what_the_scanner_finds_is_refused_and_the_rest_is_taken(
    settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with scanning() as (address, server):
        settings.LOANFLOW_CLAMD = address
        assert inspect(io.BytesIO(b"a;b\n1;2\n"), name="table.csv").size == 8
        assert server.seen == [b"a;b\n1;2\n"]
        with pytest.raises(UploadRefused, match="scanner refuses"):
            inspect(io.BytesIO(b"a;b\n1;" + EICAR + b"\n"), name="Canary Wang.csv")
    assert "Eicar-Test-Signature" in caplog.text
    assert "Canary" not in caplog.text


def test_while_the_scanner_is_away_no_file_is_taken(settings: Any) -> None:
    settings.LOANFLOW_CLAMD = "tcp://127.0.0.1:1"
    with pytest.raises(ScannerUnavailable):
        inspect(io.BytesIO(b"a;b\n1;2\n"), name="table.csv")
