"""Rows that the tests of one module share: made once, in a transaction that all its tests run inside and that is rolled back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import transaction
from pytest_django.plugin import DjangoDbBlocker

from apps.audit import mac


def once_a_module(build: Callable[[], Any]) -> Any:
    """Return a fixture of what ``build`` makes; name it in ``usefixtures`` beside ``django_db``, and change nothing for good.

    A case takes a second or two on its way to approval: dozens of tests look at the same one, each behind a savepoint.
    """

    @pytest.fixture(scope="module")
    def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Any]:
        mac.forget()  # the one of before may be wrapped by a key file that is gone
        with django_db_blocker.unblock():
            whole = transaction.atomic()
            whole._from_testcase = True  # durable acts may run inside, as inside Django's own test cases
            whole.__enter__()
            try:
                yield build()
            finally:
                transaction.set_rollback(True)
                whole.__exit__(None, None, None)

    return world
