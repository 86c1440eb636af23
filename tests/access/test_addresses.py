"""Addresses that name something which no row can be named."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.access.roles import Role
from tests.accounts import factories

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("address", ["/cases/LF%00/", "/cases/%00/who/", "/cases/LF%00/access/"])
def test_an_address_with_nul_in_it_is_of_nothing(client: Client, address: str) -> None:
    """PostgreSQL fails to look for it, so it is not asked; a stranger reads no more than staff."""
    assert client.get(address).status_code == 404
    factories.signed_in(client, factories.staff(Role.LOAN_OFFICER))
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 404
    assert not any("\0" in query["sql"] for query in asked)
