"""Sessions are read as Django keeps them: the same rows, the same signature, and none that has run out."""

from __future__ import annotations

import datetime as dt

import pytest
from django.conf import settings
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.utils import timezone
from django.utils.module_loading import import_string

from apps.accounts.session_store import SessionStore

pytestmark = pytest.mark.django_db


def kept(**values: object) -> str:
    """The key of a session that Django's own store has written."""
    store = db.SessionStore()
    store.update(values)
    store.save()
    return str(store.session_key)


def test_this_store_is_the_one_in_use() -> None:
    assert import_string(f"{settings.SESSION_ENGINE}.SessionStore") is SessionStore


def test_what_djangos_store_has_written_is_read_and_the_other_way_round() -> None:
    store = SessionStore(kept(record="abc"))
    assert dict(store.items()) == {"record": "abc"}
    store["next"] = "/work/"
    store.save()
    assert dict(db.SessionStore(store.session_key).items()) == {"record": "abc", "next": "/work/"}


def test_a_session_that_has_run_out_is_empty_and_its_key_let_go() -> None:
    key = kept(record="abc")
    Session.objects.filter(pk=key).update(expire_date=timezone.now() - dt.timedelta(seconds=1))
    store = SessionStore(key)
    assert (dict(store.items()), store.session_key) == ({}, None)


@pytest.mark.parametrize("key", ["x" * 32, "'; --" * 3, "\u4f60" * 40])
def test_a_key_that_nobody_was_given_opens_nothing(key: str) -> None:
    store = SessionStore(key)
    assert (store.get("record"), store.session_key) == (None, None)


def test_each_asker_gets_what_stands_there_now() -> None:
    key = kept(record="abc")
    assert SessionStore(key)["record"] == "abc"
    other = SessionStore(key)
    other["record"] = "def"
    other.save()
    assert SessionStore(key)["record"] == "def"
    other.delete()
    assert SessionStore(key).get("record") is None
