"""Documents as PDF: the same bytes for the same input, plain text whatever was typed, and a clear word where fonts lack."""

import datetime as dt
import io
from pathlib import Path

import pytest
from pypdf import PdfReader
from pytest_django import Settings

from apps.core import pdf
from apps.core.errors import Unavailable

LETTER = {
    "title": "Offer of a loan", "institution": "Songhua Bank", "reference": "LF-2026-004817", "to": "Songhua Bakery Co.",
    "date": "21 November 2026", "opening": ["We are pleased to offer:"], "pairs": [["Amount", "CNY 1,000,000.00"]],
    "heading": ["Facility", "Amount"], "rows": [["1", "1,000,000.00"]],
    "lists": [{"heading": "Conditions", "lines": ["Mortgage registered"]}], "closing": ["Yours"],
}  # fmt: skip


def text_of(document: bytes) -> str:
    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(document)).pages)


def letter(language: str = "en", **changed: object) -> bytes:
    return pdf.render_pdf("approval/letter.typ", {**LETTER, **changed}, language)


def test_equal_input_gives_equal_bytes():
    assert letter() == letter()


def test_another_word_gives_other_bytes():
    assert letter() != letter(to="Another Bakery Co.")


def test_the_letter_holds_what_was_given():
    text = text_of(letter())
    for words in ("Songhua Bakery Co.", "CNY 1,000,000.00", "Mortgage registered", "LF-2026-004817"):
        assert words in text


def test_chinese_is_set_in_the_installed_font():
    document = letter("zh-hans", to="松花面包有限公司", title="贷款批复通知书")
    assert "松花面包有限公司" in text_of(document)
    assert b"NotoSansSC" in document


@pytest.mark.parametrize(
    "typed",
    [
        '#read("/etc/passwd")', "#panic()", "*bold* _it_ $x^2$ `raw`", '"); #import "x"', "#{ while true {} }", "\\u{1F600}",
        "<script>alert(1)</script>", "// a comment", "= heading", "@label <label>", '{"a": 1}', "a\nb\tc",
    ],
)  # fmt: skip
def test_what_was_typed_is_never_read_as_markup(typed: str):
    squeezed = "".join(text_of(letter(to=typed)).split())
    assert "".join(typed.split()) in squeezed


def test_the_creation_date_is_the_one_given():
    document = pdf.render_pdf(
        "approval/letter.typ", LETTER, "en", made_at=dt.datetime(2026, 11, 21, 16, 2, tzinfo=dt.UTC)
    )
    assert "20261121160200" in str((PdfReader(io.BytesIO(document)).metadata or {}).get("/CreationDate"))


def test_missing_fonts_are_one_clear_sentence(tmp_path: Path, settings: Settings):
    settings.NODE_MODULES = tmp_path
    with pytest.raises(Unavailable, match="make setup"):
        letter()


def test_a_template_reads_nothing_outside_the_templates(tmp_path: Path, settings: Settings):
    root = tmp_path / "templates"
    root.mkdir()
    (tmp_path / "secret.txt").write_text("canary")
    (root / "thief.typ").write_text('#read("/../secret.txt")')
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [root]}]
    with pytest.raises(RuntimeError):
        pdf.render_pdf("thief.typ", {}, "en")


def test_documents_of_several_pages_carry_their_reference_on_each():
    document = letter(opening=["A long paragraph. " * 60] * 12)
    pages = PdfReader(io.BytesIO(document)).pages
    assert len(pages) > 1
    assert all("LF-2026-004817" in page.extract_text() for page in pages)
