"""No text column is in clear unless it is listed with its reason."""

import collections

import pytest
from django.db import models
from django.test.utils import isolate_apps

from apps.vault import clear
from apps.vault.clear import check_clear_columns, columns_in_clear, columns_listed


def test_every_column_in_clear_is_listed_and_nothing_else_is():
    listed = collections.Counter(columns_listed())
    assert set(listed) == columns_in_clear()
    assert [column for column, times in listed.items() if times > 1] == []


@isolate_apps("apps.vault")
def test_a_new_column_of_free_words_is_refused(monkeypatch: pytest.MonkeyPatch):
    class Gossip(models.Model):
        words = models.TextField()
        kind = models.CharField(max_length=3, choices=[("a", "A")])

        class Meta:
            app_label = "vault"

        __module__ = "apps.vault.models"

        def __str__(self) -> str:
            return "gossip"

    known = clear.apps.get_models()
    monkeypatch.setattr(clear.apps, "get_models", lambda: [*known, Gossip])
    assert [found.id for found in check_clear_columns(None)] == ["vault.E002"]
    assert "vault.Gossip.words" in check_clear_columns(None)[0].msg


def test_no_word_of_people_is_listed():
    words = {"purpose", "description", "reason", "narrative", "note", "remark", "explanation", "body"}
    assert [column for column in columns_listed() if column.rsplit(".", 1)[1] in words] == []
