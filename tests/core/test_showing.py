"""Untrusted files as pictures: drawn elsewhere within limits, marked, and only for who has opened the page."""

from __future__ import annotations

import io
import re
import struct
import threading
import zlib
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pypdf
import pytest
import time_machine
from django.test import RequestFactory
from PIL import Image, ImageChops
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    EncodedStreamObject,
    NameObject,
    NumberObject,
    TextStringObject,
)

from apps.core.actor import Actor, ActorKind
from apps.core.errors import Refused, Unavailable
from apps.core.showing import CannotShow, child, drawing, paper
from apps.core.showing.drawing import DAMAGED, LOCKED, TOO_LARGE, UNCONFINED, WORDS, draw, shape_of

PDF, PNG, JPEG = "application/pdf", "image/png", "image/jpeg"
WHO = "near-officer · 2026-11-27 10:40:00 CST · LF-2026-000017"


def pdf(*sizes: tuple[float, float], password: str = "", content: bytes = b"") -> bytes:
    writer = pypdf.PdfWriter()
    for width, height in sizes:
        page = writer.add_blank_page(width, height)
        if content:
            stream = DecodedStreamObject()
            stream.set_data(content)
            page[NameObject("/Contents")] = writer._add_object(stream)
    if password:
        writer.encrypt(password, algorithm="AES-256")
    return written(writer.write)


def image(kind: str, size: tuple[int, int], **kw: Any) -> bytes:
    return written(lambda stream: Image.new("RGB", size, (200, 220, 240)).save(stream, kind, **kw))


def written(write: Callable[[io.BytesIO], object]) -> bytes:
    stream = io.BytesIO()
    write(stream)
    return stream.getvalue()


def turned() -> Image.Exif:
    """What a phone held sideways says of its picture."""
    sideways = Image.Exif()
    sideways[0x0112] = 6
    return sideways


def seen(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content), formats=("JPEG",)).convert("RGB")


def test_shape_tells_pages_and_the_sizes_asked_for() -> None:
    found = shape_of(pdf((200, 300), (900, 300), (900, 900)), PDF, width=900, first=2, count=5)
    assert (found.pages, found.sizes) == (3, ((900, 330), (900, 930)))
    assert shape_of(image("PNG", (700, 30)), PNG, width=900).sizes == ((700, 56),)
    assert shape_of(image("JPEG", (40, 700), exif=turned()), JPEG, width=900).sizes == ((700, 66),)


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (pdf((595, 842)), PDF), (pdf((595.3, 841.9)), PDF), (pdf((842, 595)), PDF), (pdf((14_000, 3)), PDF), (pdf((3, 14_000)), PDF),
        (image("PNG", (8, 8)), PNG), (image("PNG", (2401, 1799)), PNG), (image("JPEG", (900, 4000)), JPEG),
        (written(lambda to: Image.new("RGB", (1800, 1003)).save(to, "JPEG", exif=turned())), JPEG),
    ],
)  # fmt: skip
@pytest.mark.parametrize("width", [paper.NARROW, paper.WIDE])
def test_a_picture_comes_in_the_size_that_was_kept_for_it(content: bytes, content_type: str, width: int) -> None:
    ((wide, high),) = shape_of(content, content_type, width=width).sizes
    drawn = seen(draw(content, content_type, page=1, width=width, words=WHO))
    assert drawn.width == wide
    assert abs(drawn.height - high) <= 1


def test_a_file_is_looked_into_once_however_often_its_page_opens(monkeypatch: pytest.MonkeyPatch) -> None:
    content, asked = pdf((77, 99)), []
    monkeypatch.setattr(drawing, "known", drawing.OrderedDict())
    monkeypatch.setattr(drawing, "MOST_KNOWN", 2)
    monkeypatch.setattr(drawing, "_ask", lambda *_all, **kw: asked.append(kw) or b'{"pages": 1, "sizes": []}')
    for width in (100, 100, 200, 300, 300, 100):
        shape_of(content, PDF, width=width)
    assert [each["width"] for each in asked] == [100, 200, 300, 100], "the oldest is forgotten"
    assert len(drawing.known) == 2
    assert content not in {part for each in drawing.known for part in each}


@pytest.mark.parametrize(
    ("content", "content_type"),
    [(pdf((595, 842)), PDF), (image("PNG", (900, 1200)), PNG), (image("JPEG", (900, 1200)), JPEG)],
)
def test_every_quarter_of_a_page_bears_the_readers_mark(content: bytes, content_type: str) -> None:
    marked = seen(draw(content, content_type, page=1, width=900, words=WHO))
    other = seen(draw(content, content_type, page=1, width=900, words=WHO.replace("near-officer", "stranger")))
    ground = max(marked.getcolors(1 << 24) or [])[1]
    half = (marked.width // 2, marked.height // 2)
    for left in (0, half[0]):
        for top in (0, half[1]):
            part = marked.crop((left, top, left + half[0], top + half[1]))
            assert ImageChops.difference(part, Image.new("RGB", part.size, ground)).getbbox(), (left, top)
    assert ImageChops.difference(marked, other).getbbox()


def test_a_small_picture_gets_room_for_the_words() -> None:
    assert seen(draw(image("PNG", (8, 8)), PNG, page=1, width=1200, words=WHO)).width >= 640


def test_what_lies_under_glass_is_drawn_on_white() -> None:
    clear = written(lambda stream: Image.new("RGBA", (700, 700), (0, 0, 0, 0)).save(stream, "PNG"))
    assert max(seen(draw(clear, PNG, page=1, width=700, words=WHO)).getcolors(1 << 24) or [])[1] == (255, 255, 255)


@pytest.mark.parametrize(
    ("content", "content_type", "why"),
    [
        (pdf((200, 200), password="secret"), PDF, WORDS[LOCKED]),
        (b"%PDF-1.7 nothing %%EOF", PDF, WORDS[DAMAGED]),
        (pdf((200, 200))[:120], PDF, WORDS[DAMAGED]),
        (image("PNG", (40, 40))[:60], PNG, WORDS[DAMAGED]),
        (written(lambda stream: Image.new("1", (12_000, 8_000)).save(stream, "PNG")), PNG, WORDS[TOO_LARGE]),
        (b"<svg onload='alert(1)'/>", PNG, WORDS[DAMAGED]),
        (written(lambda stream: Image.new("RGB", (9, 9)).save(stream, "GIF")), PNG, WORDS[DAMAGED]),
        (b"a,b", "text/csv", drawing.NO_PICTURE),
    ],
)
def test_what_cannot_be_shown_says_why(content: bytes, content_type: str, why: Any) -> None:
    for look in (
        lambda: shape_of(content, content_type, width=600),
        lambda: draw(content, content_type, page=1, width=600, words=WHO),
    ):
        with pytest.raises(CannotShow) as refused:
            look()
        assert str(refused.value) == str(why)


@pytest.mark.parametrize("page", [0, 2, -1, 10**9])
def test_a_page_that_is_not_there_is_not_drawn(page: int) -> None:
    with pytest.raises(CannotShow):
        draw(pdf((200, 200)), PDF, page=page, width=600, words=WHO)


@pytest.mark.parametrize("size", [(1, 14_000), (14_000, 1), (0.01, 0.01), (14_000, 14_000)])
def test_pages_of_mad_sizes_stay_small_pictures(size: tuple[float, float]) -> None:
    drawn = seen(draw(pdf(size), PDF, page=1, width=1200, words=WHO))
    assert drawn.width * drawn.height <= 1200 * 4 * 1200 + 2_000_000


def test_a_page_that_takes_too_long_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "SECONDS", 0.05)
    with pytest.raises(CannotShow) as refused:
        draw(pdf((595, 842)), PDF, page=1, width=1200, words=WHO)
    assert str(refused.value) == str(drawing.SLOW)


def test_no_more_pages_are_drawn_at_once_than_there_are_places(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "places", threading.BoundedSemaphore(1))
    monkeypatch.setattr(drawing, "WAIT_SECONDS", 0.01)
    with drawing.places, pytest.raises(Unavailable):
        shape_of(pdf((201, 200)), PDF, width=600)


def numbers(*values: int) -> ArrayObject:
    return ArrayObject([NumberObject(value) for value in values])


def stretched(factor: int, filters: int = 1) -> bytes:
    """A PDF of few bytes whose one page holds ``factor`` megabytes of spaces."""
    content = b" " * (factor << 20)
    for _each in range(filters):
        content = zlib.compress(content, 9)
    writer = pypdf.PdfWriter()
    page, stream = writer.add_blank_page(200, 200), EncodedStreamObject()
    stream._data = content
    stream[NameObject("/Filter")] = ArrayObject([NameObject("/FlateDecode")] * filters)
    page[NameObject("/Contents")] = writer._add_object(stream)
    return written(writer.write)


def drawing_itself(depth: int = 0) -> bytes:
    """A PDF whose page draws a form that draws itself; its outline, its pages and its actions lead in circles as well."""
    writer = pypdf.PdfWriter()
    page, form = writer.add_blank_page(200, 200), DecodedStreamObject()
    form.set_data(b"q /F Do /F Do Q " + b"q " * depth)
    form.update({NameObject("/Type"): NameObject("/XObject"), NameObject("/Subtype"): NameObject("/Form"), NameObject("/BBox"): numbers(0, 0, 200, 200)})  # fmt: skip
    found = writer._add_object(form)
    form[NameObject("/Resources")] = DictionaryObject({NameObject("/XObject"): DictionaryObject({NameObject("/F"): found})})  # fmt: skip
    content = DecodedStreamObject()
    content.set_data(b"/F Do")
    page[NameObject("/Contents")] = writer._add_object(content)
    page[NameObject("/Resources")] = form[NameObject("/Resources")]
    act = DictionaryObject({NameObject("/S"): NameObject("/Launch"), NameObject("/F"): TextStringObject("/bin/sh")})
    act[NameObject("/Next")] = writer._add_object(act)
    writer.root_object[NameObject("/OpenAction")] = act
    return written(writer.write)


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(*chunks: bytes, size: tuple[int, int] = (9, 9), data: bytes | None = None) -> bytes:
    """A PNG by hand, of grey."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", *size, 8, 0, 0, 0, 0))
    rows = b"".join(b"\0" + bytes(size[0]) for _row in range(min(size[1], 100)))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(chunks) + chunk(b"IDAT", zlib.compress(rows) if data is None else data) + chunk(b"IEND", b"")  # fmt: skip


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "a page that unfolds to 250 MB": (lambda: stretched(250), PDF),
    "folded twice": (lambda: stretched(250, 2), PDF),
    "draws itself": (drawing_itself, PDF),
    "draws itself, never put back": (lambda: drawing_itself(50_000), PDF),
    "a tree of pages that is its own parent": (
        lambda: re.sub(rb"/Kids \[ \d+ 0 R", b"/Kids [ 1 0 R", pdf((200, 200))),
        PDF,
    ),
    "an offset beyond the end": (lambda: re.sub(rb"startxref\n\d+", b"startxref\n99999999999", pdf((200, 200))), PDF),
    "a million brackets": (lambda: b"%PDF-1.7\n1 0 obj" + b"[" * 1_000_000 + b"\n%%EOF", PDF),
    "words that unfold to 250 MB": (lambda: png(chunk(b"zTXt", b"k\0\0" + zlib.compress(bytes(250 << 20), 9))), PNG),
    "colours of a size of their own": (lambda: png(chunk(b"iCCP", b"k\0\0" + zlib.compress(bytes(250 << 20), 9))), PNG),
    "two thousand million pixels": (lambda: png(size=(65_000, 65_000)), PNG),
    "more pixels than are there": (lambda: png(size=(5_000, 5_000)), PNG),
    "rows of nothing": (lambda: png(data=b"x" * 500), PNG),
    "a chunk longer than the file": (lambda: png()[:40] + b"\xff\xff\xff\xf0IDAT", PNG),
    "a photograph cut in its head": (lambda: image("JPEG", (900, 900))[:300], JPEG),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_drawn_within_the_limits_or_not_at_all(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "SECONDS", 3)
    make, content_type = HOSTILE[name]
    content = make()
    told = []
    for look in (
        lambda: shape_of(content, content_type, width=600),
        lambda: seen(draw(content, content_type, page=1, width=600, words=WHO)),
    ):
        try:
            look()
        except CannotShow as refused:
            told.append(str(refused.words))
    assert str(WORDS[UNCONFINED]) not in told
    assert seen(draw(pdf((9, 9)), PDF, page=1, width=600, words=WHO)), "the next one is drawn"


@pytest.mark.parametrize(
    "content",
    [
        written(lambda to: Image.new("CMYK", (90, 90)).save(to, "JPEG")),
        written(lambda to: Image.new("L", (90, 90)).save(to, "JPEG", progressive=True)),
        written(lambda to: Image.new("RGB", (90, 90)).save(to, "MPO", save_all=True, append_images=[Image.new("RGB", (9, 9))])),
        written(lambda to: Image.new("RGB", (90, 90)).save(to, "JPEG", exif=turned())),
        written(lambda to: Image.new("P", (90, 90)).save(to, "PNG", transparency=0)),
        written(lambda to: Image.new("I;16", (90, 90)).save(to, "PNG")),
        written(lambda to: Image.new("LA", (90, 90)).save(to, "PNG", dpi=(300, 300), icc_profile=b"x" * 200)),
    ],
)  # fmt: skip
def test_what_phones_and_scanners_make_is_drawn_behind_the_shut_door(content: bytes) -> None:
    kind = PNG if content.startswith(b"\x89PNG") else JPEG
    assert shape_of(content, kind, width=600).pages == 1
    assert seen(draw(content, kind, page=1, width=600, words=WHO)).width >= 600


def filled() -> bytes:
    """A PDF with a form whose one field draws a black box of 100 by 50 in the middle of its page."""
    writer = pypdf.PdfWriter()
    page, box = writer.add_blank_page(300, 300), DecodedStreamObject()
    box.set_data(b"0 0 0 rg 0 0 100 50 re f")
    box.update({NameObject("/Subtype"): NameObject("/Form"), NameObject("/BBox"): numbers(0, 0, 100, 50)})
    look = DictionaryObject({NameObject("/N"): writer._add_object(box)})
    field = writer._add_object(DictionaryObject({
        NameObject("/Subtype"): NameObject("/Widget"), NameObject("/FT"): NameObject("/Tx"), NameObject("/T"): TextStringObject("name"),
        NameObject("/V"): TextStringObject("x"), NameObject("/F"): NumberObject(4), NameObject("/Rect"): numbers(100, 100, 200, 150),
        NameObject("/AP"): look,
    }))  # fmt: skip
    page[NameObject("/Annots")] = ArrayObject([field])
    writer.root_object[NameObject("/AcroForm")] = DictionaryObject({NameObject("/Fields"): ArrayObject([field])})
    return written(writer.write)


def test_what_was_filled_into_a_form_is_seen() -> None:
    drawn = seen(draw(filled(), PDF, page=1, width=300, words=WHO))
    assert max(drawn.getpixel((150, 175))) < 40  # type: ignore[arg-type,type-var]


@pytest.mark.parametrize(
    ("asked", "content", "told"),
    [
        ({"do": "shape", "kind": "pdf", "width": 900, "first": 1, "count": 9}, pdf((200, 300)), b'{"pages": 1, "sizes": [[900, 1380]]}'),
        ({"do": "shape", "kind": "image", "width": 900}, image("PNG", (4, 3)), b'{"pages": 1, "sizes": [[640, 29]]}'),
        ({"do": "shape", "kind": "pdf", "width": 900, "first": 1, "count": 1}, b"%PDF", DAMAGED),
        ({"do": "shape", "kind": "pdf", "width": 900, "first": 1, "count": 1}, pdf((9, 9), password="x"), LOCKED),
        ({"do": "page", "kind": "pdf", "page": 2, "width": 300, "words": WHO, "font": b""}, pdf((9, 9)), DAMAGED),
        ({"do": "shape", "kind": "image", "width": 900}, written(lambda to: Image.new("1", (10_000, 8_500)).save(to, "PNG")), TOO_LARGE),
    ],
)  # fmt: skip
def test_the_script_answers_with_what_was_asked_or_a_code(asked: dict[str, Any], content: bytes, told: Any) -> None:
    assert child.answer(asked, content) == told


def test_the_script_draws_photographs_and_pages() -> None:
    asked = {"do": "page", "page": 1, "width": 300, "words": WHO, "font": b""}
    for kind, content in (("pdf", filled()), ("image", image("JPEG", (900, 900)))):
        drawn = child.answer({**asked, "kind": kind}, content)
        assert isinstance(drawn, bytes)
        assert seen(drawn).width >= child.ROOM


# -- tickets


def actor(account: int = 7, session: str = "a" * 32, **kw: Any) -> Actor:
    return Actor(ActorKind.PERSON, "near-officer", person_id=3, account_id=account, session=session, **kw)


def row(name: str = "1") -> Any:
    return SimpleNamespace(uuid=SimpleNamespace(hex=name * 32))


def test_a_ticket_opens_its_row_for_its_session_for_half_an_hour() -> None:
    ticket = paper.ticket_for(row(), actor())
    paper.check_ticket(ticket, row(), actor())
    for held, wanted, who in (
        (ticket, row("2"), actor()), (ticket, row(), actor(8)), (ticket, row(), actor(session="b" * 32)),
        ("", row(), actor()), (ticket[:-1], row(), actor()), ("x:y", row(), actor()),
    ):  # fmt: skip
        with pytest.raises(Refused):
            paper.check_ticket(held, wanted, who)
    with time_machine.travel(31 * 60 + __import__("time").time()), pytest.raises(Refused):
        paper.check_ticket(ticket, row(), actor())


@pytest.mark.parametrize(
    ("asked", "first", "before", "after"),
    [("", 1, None, 21), ("from=21", 21, 1, None), ("from=11&wide=1", 11, 1, None), ("from=x", 1, None, 21),
     ("from=-3", 1, None, 21), ("from=٣", 1, None, 21), ("from=999999", 1, None, 21)],
)  # fmt: skip
def test_pages_come_twenty_at_a_time(asked: str, first: int, before: int | None, after: int | None) -> None:
    request = RequestFactory().get(f"/?{asked}")
    request.actor = actor()  # type: ignore[attr-defined]
    content = pdf(*[(200.0, 300.0)] * 25)
    shown = paper.paper_of(request, row(), content_type=PDF, look=lambda: content, page_url=lambda page: f"/p/{page}/")
    assert (shown.pages[0].number, shown.before, shown.after, shown.total) == (first, before, after, 25)
    assert all(("wide=1" in page.url) == shown.wide for page in shown.pages)


def test_pages_beyond_the_end_are_none() -> None:
    request = RequestFactory().get("/?from=40")
    request.actor = actor()  # type: ignore[attr-defined]
    shown = paper.paper_of(request, row(), content_type=PDF, look=lambda: pdf((9, 9)), page_url=str)
    assert (shown.pages, shown.last, shown.before, shown.after) == ((), 0, 20, None)


def test_the_mark_says_who_when_and_which_case(db: None) -> None:
    assert paper.mark_for(actor(), "LF-2026-000017").startswith("near-officer · 20")
    assert paper.mark_for(actor(), "LF-2026-000017").endswith("UTC · LF-2026-000017")
    assert "near-officer / lead" in paper.mark_for(actor(on_behalf_name="lead"), "LF-2026-000017")
