"""What a browser sends to the pages of the credit policy, and the installation that their tests share."""

from __future__ import annotations

from dataclasses import dataclass
from html import unescape
from typing import Any

from django.test import Client
from django.urls import reverse

from apps.access.roles import Role
from apps.accounts.models import Account
from apps.approval import services
from tests.accounts import factories as people

LIST, NEW, PUBLISH, CONDITIONS, ADD = (
    reverse(f"approval:{name}") for name in ("policies", "policy_new", "policy_publish", "templates", "template_add")
)


@dataclass(frozen=True)
class World:
    """The head of credit of an installation with its first policy, and what the page of a new version begins with."""

    head: Account
    blank: dict[str, Any]


def build() -> World:
    """Nothing was changed since the first policy."""
    people.institution()
    services.policy_seed(actor=people.SETUP, currency="CNY")
    head = people.staff(Role.HEAD_OF_CREDIT)
    client = Client()
    people.signed_in(client, head)
    return World(head, typed(client.get(NEW).context["page"]))


def words(response: Any) -> str:
    """Text of a page."""
    return unescape(response.content.decode())


def typed(page: Any, **changes: Any) -> dict[str, Any]:
    """What the form of a page would send, with some fields changed."""
    data: dict[str, Any] = {}
    for form in (page.head, page.rows.management_form, *page.rows, page.limits.management_form, *page.limits):
        for bound in form:
            value = bound.value()
            if value is not None and value is not False:
                data[bound.html_name] = [str(each) for each in value] if isinstance(value, list) else str(value)
    return {**data, "why": "Small loans are decided faster.", **changes}


def shown(desk: Client, blank: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """What the page sends after it has shown what changes."""
    data = {**blank, **changes}
    response = desk.post(NEW, data)
    assert response.status_code == 200, words(response)
    return {**data, "seen": response.context["page"].head["seen"].value()}
