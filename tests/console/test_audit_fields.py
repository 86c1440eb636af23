"""Columns of the log in words, whatever a body holds."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from apps.console.audit_fields import name_words, parted, value_words


@pytest.mark.parametrize(
    ("key", "name", "said"),
    [
        ("access_rolegrant:3", "by_engagement", "by engagement"),
        ("access_delegation:3", "principal", "who hands over"),
        ("workflow_loancase:1", "principal", "principal"),
        ("nothing_of_ours:1", "odd_name", "odd name"),
        ("", "", ""),
    ],
)
def test_a_column_is_said_in_words(key: str, name: str, said: str) -> None:
    assert name_words(key, name) == said


@pytest.mark.parametrize(
    ("key", "name", "value", "said"),
    [
        ("workflow_loancase:1", "state", "intake", "Intake"),
        ("workflow_loancase:1", "state", "no such state", "no such state"),
        ("access_delegation:1", "agreed_at", "2026-11-27 22:54:10.272347", "2026-11-28 06:54"),
        ("access_delegation:1", "agreed_at", "2026-11-27T22:54:10.583067Z", "2026-11-28 06:54"),
        ("access_delegation:1", "agreed_at", "2026-11-99 22:54", "2026-11-99 22:54"),
        ("access_delegation:1", "agreed_at", "yesterday", "yesterday"),
        ("access_delegation:1", "most", "500000.0000", "500,000"),
        ("access_delegation:1", "most", "NaN", "NaN"),
        ("access_delegation:1", "most", "a lot", "a lot"),
        ("access_delegation:1", "most", None, "–"),
        ("access_rolegrant:1", "by_engagement", False, "no"),
        ("access_rolegrant:1", "branch", 7, "7"),
        ("access_rolegrant:1", "role", ["auditor"], '["auditor"]'),
        ("nothing_of_ours:1", "word", "x" * 50, f"{'x' * 39}…"),
        ("nothing_of_ours:1", "file", {"sha256": "0123456789"}, "01234567…"),
    ],
)
def test_a_value_is_said_as_its_column_says_it(key: str, name: str, value: Any, said: str) -> None:
    with timezone.override("Asia/Shanghai"):
        assert value_words(key, name, value) == said


def test_parts_with_commas_are_parted_by_semicolons() -> None:
    assert parted(["a, b", "c"]) == "a, b; c"
