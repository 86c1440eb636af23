"""The table of ASVS requirements is whole, and every test that it names exists."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "docs" / "asvs.md").read_text()
ROW = re.compile(r"^\| (\d\.\d\.\d+) \| ([^|]+) \| (.+) \|$", re.MULTILINE)
TEST = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")
SECTIONS = {
    "6.1": 3, "6.2": 12, "6.3": 8, "6.4": 6, "6.5": 8, "6.6": 4, "6.7": 2, "6.8": 4,
    "7.1": 3, "7.2": 4, "7.3": 2, "7.4": 5, "7.5": 3, "7.6": 2,
    "8.1": 4, "8.2": 4, "8.3": 3, "8.4": 2,
}  # fmt: skip
"""How many requirements each section of ASVS 5.0.0 has."""
UNANSWERED = ("Open: ", "Not for code: ", "Does not apply: ")


def test_every_requirement_stands_there_once_in_order() -> None:
    wanted = [f"{section}.{at}" for section, most in SECTIONS.items() for at in range(1, most + 1)]
    assert [number for number, _asks, _answer in ROW.findall(TEXT)] == wanted


@pytest.mark.parametrize(("number", "answer"), [(number, answer) for number, _asks, answer in ROW.findall(TEXT)])
def test_each_is_answered_by_tests_that_exist_or_says_why_not(number: str, answer: str) -> None:
    named = TEST.findall(answer)
    assert named or answer.startswith(UNANSWERED), f"{number} is answered by nothing"
    for file, name in named:
        assert (ROOT / file).is_file(), (number, file)
        assert not name or name in _tests_of(file), (number, file, name)


def test_what_the_chapters_want_written_is_written() -> None:
    written = TEXT.partition("## What these chapters want written down")[2]
    for word in ("Guessing", "Ways to sign in", "A lost factor", "Sessions", "Circumstances"):
        assert f"**{word}.**" in written


def _tests_of(file: str) -> set[str]:
    tree = ast.parse((ROOT / file).read_text())
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}
