"""What passes for a bank's reference."""

import pytest

from apps.core.references import is_reference


@pytest.mark.parametrize("text", ["B-1", "2026110912345678", "RP-LN-2026-000001-3", "a", "A/B:C_D+E.F", "x" * 80])
def test_numbers_of_banks_are_references(text: str):
    assert is_reference(text)


@pytest.mark.parametrize("text", ["", " ", "paid by Li Lei", "货款", "-1", "x" * 81, "a\n", "a\x00", "１２"])
def test_words_are_none(text: str):
    assert not is_reference(text)
