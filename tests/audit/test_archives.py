"""An archive made piece by piece is an archive like any other, and nothing of it is held longer than a piece."""

from __future__ import annotations

import io
import os
import tracemalloc
import zipfile
from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from apps.audit.archives import PIECE, SPOOLED, archive_pieces, json_entry, spooled

FILES = st.dictionaries(
    st.text("abc", min_size=1, max_size=5), st.lists(st.binary(max_size=5000), max_size=5), max_size=4
)


@given(FILES)
def test_it_holds_what_was_put_in(files: dict[str, list[bytes]]):
    data = b"".join(archive_pieces(files.items()))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == {
            name: b"".join(pieces) for name, pieces in files.items()
        }


def test_a_later_entry_is_asked_for_when_the_ones_before_are_written():
    order: list[str] = []

    def entries() -> Iterator[tuple[str, Iterator[bytes]]]:
        for name in "ab":
            order.append(f"asked {name}")
            yield name, written(name)

    def written(name: str) -> Iterator[bytes]:
        yield b"x"
        order.append(f"written {name}")

    b"".join(archive_pieces(entries()))
    assert order == ["asked a", "written a", "asked b", "written b"]


def test_pieces_are_passed_on_as_they_come():
    noise = [os.urandom(PIECE) for _each in range(6)]  # what does not compress
    assert len(list(archive_pieces([("noise", noise)]))) > 1
    (name, [data]) = json_entry("manifest.json", {"words": "目的"})
    assert (name, "目的".encode() in data) == ("manifest.json", True)


def test_what_is_long_lies_on_the_disk_while_it_is_still_being_written():
    count = 16 * SPOOLED // PIECE
    tracemalloc.start()
    try:
        with spooled(number.to_bytes(2, "big") * (PIECE // 2) for number in range(count)) as file:
            _now, most = tracemalloc.get_traced_memory()
            assert file.read(4) == b"\0\0\0\0"
            file.seek(0, os.SEEK_END)
            assert file.tell() == count * PIECE
    finally:
        tracemalloc.stop()
    assert most < 4 * SPOOLED  # a sixteenth of it, and what a growing buffer copies
