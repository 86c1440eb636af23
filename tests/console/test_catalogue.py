"""Products and reasons: added, changed, retired; by whom, and what is refused."""

from __future__ import annotations

import datetime as dt
import html
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from apps.access.roles import ROLE_TABLE, Role
from apps.audit.models import AuditEvent
from apps.audit.tags import Tag
from apps.core import clock
from apps.core.permissions import Permission
from apps.workflow.models import Product, Reason
from tests.accounts import factories as people
from tests.workflow import factories

pytestmark = pytest.mark.django_db
PRODUCTS, ADD, REASONS, ADD_REASON = (
    reverse(f"console:{name}") for name in ("products", "product_add", "reasons", "reason_add")
)
TYPED: dict[str, Any] = {
    "code": "bridge", "name_en": "Bridge loan", "name_zh": "过桥贷款", "currency": "CNY", "min_amount": "10,000", "max_amount": "5,000,000.50",
    "min_term": "3", "max_term": "12", "min_rate": "3.5", "max_rate": "9.8", "repayment": "equal_principal", "day_count": "ACT/365",
    "is_secured": "on", "offer_days": "20", "service_hours": "approval 24\ncredit_review: 16",
}  # fmt: skip
TYPED_REASON = {"kind": "return", "code": "figures-unclear", "name_en": "Figures unclear", "name_zh": "数据不清"}


@pytest.fixture
def admin(client: Client) -> Client:
    """Return a browser in which an administrator has signed in."""
    people.signed_in(client, factories.worker(Role.ADMINISTRATOR))
    return client


def words(response: Any) -> str:
    """Text of a page."""
    return html.unescape(response.content.decode())


def test_a_product_is_added_on_record_and_listed(admin: Client) -> None:
    response = admin.post(ADD, TYPED)
    assert response["Location"] == PRODUCTS
    product = Product.objects.get(code="bridge")
    assert (product.min_amount, product.max_amount) == (Decimal(10000), Decimal("5000000.50"))
    assert product.service_hours == {"approval": 24, "credit_review": 16}
    assert product.is_secured
    assert AuditEvent.objects.filter(action=Tag.PRODUCT_CHANGED, outcome="done").count() == 1
    shown = words(admin.get(PRODUCTS))
    for word in ("Bridge loan", "CNY\u00a010,000", "in use", "secured"):
        assert word in shown


@pytest.mark.parametrize(
    ("field", "value", "complaint"),
    [
        ("code", "", "required"),
        ("code", "has space", "slug"),
        ("code", "working-capital", "This code is taken"),
        ("min_amount", "0", "above zero"),
        ("min_amount", "-5", "above zero"),
        ("min_amount", "1.234.567", "begins the decimals"),
        ("min_amount", "9" * 30, "too large"),
        ("min_amount", "1.001", "decimal places"),
        ("max_amount", "9,999", "below the smallest value"),
        ("max_term", "2", "below the smallest value"),
        ("max_term", "0", "greater than or equal to 1"),
        ("max_rate", "1", "below the smallest value"),
        ("max_rate", "101", "less than or equal to 100"),
        ("min_rate", "x", "number"),
        ("currency", "XXX", "valid choice"),
        ("service_hours", "approval many", "cannot be read"),
        ("service_hours", "lunch 3", "cannot be read"),
        ("service_hours", "approval 0", "cannot be read"),
        ("name_en", "nul\x00", "Null characters"),
    ],
)
def test_what_cannot_be_taken_is_answered_beside_the_field(
    admin: Client, field: str, value: str, complaint: str
) -> None:
    factories.product()
    response = admin.post(ADD, {**TYPED, field: value})
    assert response.status_code == 400
    assert complaint in words(response)
    assert 'value="过桥贷款"' in words(response), "what was typed is kept"
    assert Product.objects.count() == 1


def test_a_product_is_changed_but_never_its_code_or_currency(admin: Client) -> None:
    product = factories.product()
    url = reverse("console:product", args=[product.code])
    assert 'value="10000"' in words(admin.get(url))
    response = admin.post(url, {**TYPED, "code": "other", "currency": "USD", "name_en": "Working capital, new"})
    assert response.status_code == 302
    product.refresh_from_db()
    assert (product.code, product.currency, product.name_en) == ("working-capital", "CNY", "Working capital, new")


def test_a_retired_product_stays_and_can_come_back(admin: Client) -> None:
    product = factories.product()
    use = reverse("console:product_use", args=[product.code])
    admin.post(use)
    product.refresh_from_db()
    assert not product.is_active
    assert "retired" in words(admin.get(PRODUCTS))
    admin.post(use, {"in_use": "1"})
    product.refresh_from_db()
    assert product.is_active


def test_empty_catalogues_say_what_to_do(admin: Client) -> None:
    people.institution()
    assert "No products yet" in words(admin.get(PRODUCTS))
    assert "No reasons yet" in words(admin.get(REASONS))


def test_a_reason_is_added_changed_and_retired(admin: Client) -> None:
    assert admin.post(ADD_REASON, TYPED_REASON).status_code == 302
    reason = Reason.objects.get(code="figures-unclear")
    url = reverse("console:reason", args=[reason.code])
    assert "Figures unclear" in words(admin.get(url))
    admin.post(url, {**TYPED_REASON, "kind": "decline", "name_en": "Figures not clear"})
    admin.post(reverse("console:reason_use", args=[reason.code]))
    reason.refresh_from_db()
    assert (reason.kind, reason.name_en, reason.is_active) == ("return", "Figures not clear", False)
    shown = words(admin.get(REASONS))
    assert "Sending back" in shown
    assert "retired" in shown
    assert AuditEvent.objects.filter(action=Tag.REASON_CHANGED).count() == 3


def test_a_reason_code_is_taken_once(admin: Client) -> None:
    admin.post(ADD_REASON, TYPED_REASON)
    response = admin.post(ADD_REASON, {**TYPED_REASON, "kind": "decline"})
    assert response.status_code == 400
    assert "This code is taken" in words(response)


@pytest.mark.parametrize("url", [PRODUCTS, ADD, REASONS, ADD_REASON])
@pytest.mark.parametrize("role", [role for role in ROLE_TABLE if role != Role.BORROWER])
def test_only_those_who_keep_the_catalogues_open_them(client: Client, url: str, role: Role) -> None:
    people.signed_in(client, factories.worker(role))
    allowed = {Permission.PRODUCT_MANAGE, Permission.REASON_MANAGE} <= ROLE_TABLE[role]
    assert client.get(url).status_code == (200 if allowed else 403)


@pytest.mark.parametrize("name", ["product", "product_use", "reason", "reason_use"])
def test_a_code_that_does_not_exist_is_not_found(admin: Client, name: str) -> None:
    url = reverse(f"console:{name}", args=["no-such-code"])
    assert admin.post(url, TYPED).status_code == 404


@pytest.mark.parametrize(("url", "most"), [(PRODUCTS, 10), (REASONS, 10), (ADD, 10)])
def test_the_cost_is_bounded(
    admin: Client, url: str, most: int, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for position in range(4):
        factories.product(f"product-{position}")
        factories.reason("return", f"reason-{position}")
    admin.get(url)
    with django_assert_max_num_queries(most):
        admin.get(url)


@pytest.mark.parametrize("name", ["product_add", "reason_add"])
def test_products_and_reasons_are_changed_with_a_fresh_factor_only(admin: Client, name: str) -> None:
    with clock.at(clock.now() + dt.timedelta(minutes=6)):
        assert admin.get(reverse(f"console:{name}")).url.startswith("/account/step-up/")
        asked = admin.post(reverse(f"console:{name}"), {"code": "x"})
    assert asked.status_code == 403
    assert "one_time_code" in asked.content.decode()
