"""The web server of browser tests lets go of a database only when nothing works on it any more."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from tests.site import Counted


def said(status: str, headers: list[tuple[str, str]]) -> None:
    """Take an answer's first line."""


def test_a_closed_server_waits_for_the_answers_under_way() -> None:
    begun, go_on, written = threading.Event(), threading.Event(), []

    def slow(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        begun.set()
        go_on.wait(10)
        yield b"late"
        written.append(True)

    counted = Counted(slow)
    asked = threading.Thread(target=lambda: list(counted({}, said)))
    asked.start()
    assert begun.wait(10)
    with pytest.raises(TimeoutError, match="1 answers"):
        counted.close(patience=0.01)
    go_on.set()
    counted.close(patience=10)
    assert written == [True]
    asked.join()


def test_a_closed_server_asks_the_application_nothing() -> None:
    asked: list[Any] = []
    counted = Counted(lambda environ, start_response: asked.append(environ) or [b"no"])
    counted.close()
    assert list(counted({}, said)) == []
    assert asked == []


def test_an_answer_that_breaks_is_no_longer_under_way() -> None:
    def broken(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        raise ValueError("broken")

    counted = Counted(broken)
    with pytest.raises(ValueError, match="broken"):
        list(counted({}, said))
    counted.close(patience=0.01)
