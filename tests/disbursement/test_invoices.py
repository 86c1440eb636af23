"""Entrusted payment: the invoice's facts are compared with account and amount, and no invoice is paid twice."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from apps.audit.models import AuditEvent
from apps.borrowers.models import BankAccount
from apps.core.errors import BadInput, Refused
from apps.disbursement import services
from apps.disbursement.models import Drawdown, DrawdownState, SupplierInvoice
from apps.disbursement.selectors.invoices import invoice_gaps, invoices_open, unpaid_of
from apps.disbursement.services.invoices import InvoiceGiven
from apps.disbursement.services.preparing import Draw
from tests.accounts import factories as people
from tests.disbursement import factories, worlds
from tests.disbursement.worlds import World
from tests.worlds import once_a_module

SUPPLIER = "Northern Flour Mill Co., Ltd."


def build() -> World:
    """A case in payout whose borrower has a supplier's verified account."""
    made = worlds.payout()
    data = factories.AccountData(
        holder=SUPPLIER, number="6222021234567894433", bank_name="Bank of Jinan", is_supplier=True
    )
    officer, second = (factories.who("loan_officer", made.at) for _each in range(2))
    entered = factories.bank_account_add(actor=officer, borrower=made.at.borrower, data=data)
    supplier = factories.bank_account_verify(actor=second, account=entered, how="invoice")
    return World(made.at, made.accounts, supplier)


world = once_a_module(build)
pytestmark = [pytest.mark.usefixtures("world"), pytest.mark.django_db]


def payee(world: World) -> BankAccount:
    """The supplier's account."""
    assert world.payee is not None
    return world.payee


def pay(
    world: World,
    amount: int | Decimal = 50_000,
    invoice: InvoiceGiven | None = None,
    bill: SupplierInvoice | None = None,
) -> Drawdown:
    """A payment to the supplier."""
    draw = Draw(world.case.facilities.get(), Decimal(amount), payee(world), "Flour", bill)
    return services.payment_prepare(
        actor=world.actor("maker"), case=world.case, version=world.case.version, draw=draw, invoice=invoice
    )


def taken(world: World, total: int = 80_000, amount: int = 50_000) -> SupplierInvoice:
    """An invoice of which some is on its way."""
    bill = pay(world, amount, factories.invoice(SUPPLIER, Decimal(total))).bill
    assert bill is not None
    return SupplierInvoice.objects.get(pk=bill.pk)


def test_the_facts_are_encrypted_and_stand_nowhere_in_the_log(world: World):
    bill = taken(world)
    with connection.cursor() as cursor:
        cursor.execute("SELECT supplier, number FROM disbursement_supplierinvoice WHERE id = %s", [bill.pk])
        row = cursor.fetchone()
    assert not any(word in bytes(cell) for cell in row for word in (b"Flour", b"INV"))
    assert (bill.supplier.reveal(), bill.number.reveal(), bill.amount) == (SUPPLIER, "INV-2026-0017", 80_000)
    bodies = " ".join(map(str, AuditEvent.objects.values_list("body", flat=True)))
    assert "Northern Flour" not in bodies
    assert "INV-2026-0017" not in bodies


def test_an_invoice_is_paid_in_parts_up_to_its_total(world: World):
    bill = taken(world)
    assert unpaid_of(bill) == 30_000
    with pytest.raises(Refused, match=r"Only 30,000\.00 of the invoice is unpaid") as refused:
        pay(world, Decimal("30000.01"), bill=bill)
    assert refused.value.guard == "payee_verified"
    pay(world, 30_000, bill=bill)
    assert (unpaid_of(bill), list(invoices_open(world.case))) == (0, [])


def test_what_is_taken_back_may_be_paid_again(world: World):
    bill = taken(world, amount=80_000)
    services.payment_cancel(actor=world.actor("maker"), drawdown=bill.drawdowns.get())
    assert pay(world, 80_000, bill=bill).state == DrawdownState.PREPARED


@pytest.mark.parametrize(
    ("supplier", "number"),
    [(SUPPLIER, "INV-2026-0017"), ("northern flour mill co ltd", "inv 2026 0017"), ("ＮＯＲＴＨＥＲＮ Flour Mill Co. Ltd", "INV20260017")],
)  # fmt: skip
def test_the_same_invoice_is_not_entered_twice_however_it_is_written(world: World, supplier: str, number: str):
    taken(world)
    with pytest.raises(BadInput, match="known already") as wrong:
        pay(world, 1000, factories.invoice(supplier, number=number))
    assert set(wrong.value.errors) == {"invoice_number"}
    assert SupplierInvoice.objects.count() == 1


def test_it_is_not_entered_in_another_case_either(world: World):
    taken(world)
    other = worlds.payout()
    draw = Draw(other.case.facilities.get(), Decimal(1000), other.payee, "Flour")  # type: ignore[arg-type]
    with pytest.raises(BadInput, match="known already"):
        services.payment_prepare(
            actor=other.actor("maker"), case=other.case, version=other.case.version, draw=draw, invoice=factories.invoice(SUPPLIER),
        )  # fmt: skip


def test_the_same_page_is_not_given_for_another_invoice(world: World):
    page = factories.invoice(SUPPLIER).paper
    assert page is not None
    pay(world, 1000, factories.invoice(SUPPLIER, paper=page))
    page.stream.seek(0)
    with pytest.raises(BadInput, match="very page"):
        pay(world, 1000, factories.invoice(SUPPLIER, number="INV-2", paper=page))


def test_the_holder_of_the_account_is_the_supplier_on_the_invoice(world: World):
    with pytest.raises(Refused, match="not the holder of the account"):
        pay(world, 1000, factories.invoice("Southern Flour Mill Co., Ltd."))
    assert not SupplierInvoice.objects.exists()


def test_an_invoice_in_another_currency_is_not_paid(world: World):
    with pytest.raises(Refused, match="in USD"):
        pay(world, 1000, factories.invoice(SUPPLIER, currency="USD"))


def test_an_invoice_goes_with_a_suppliers_account_only(world: World):
    own = factories.account_verified(world.case)
    draw = Draw(world.case.facilities.get(), Decimal(1000), own, "Flour")
    with pytest.raises(BadInput, match="supplier's account"):
        services.payment_prepare(
            actor=world.actor("maker"), case=world.case, version=world.case.version, draw=draw, invoice=factories.invoice(SUPPLIER),
        )  # fmt: skip


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"supplier": " - "}, "supplier"),
        ({"supplier": "x" * 201}, "supplier"),
        ({"number": "."}, "invoice_number"),
        ({"number": "9" * 81}, "invoice_number"),
        ({"amount": None}, "invoice_amount"),
        ({"amount": Decimal(0)}, "invoice_amount"),
        ({"amount": Decimal("1.001")}, "invoice_amount"),
        ({"currency": "XXX"}, "invoice_currency"),
        ({"paper": None}, "invoice"),
    ],
)
def test_what_is_no_invoice_is_named_by_field(world: World, given: dict[str, Any], field: str):
    whole = factories.invoice(SUPPLIER)
    facts = {name: getattr(whole, name) for name in ("supplier", "number", "amount", "currency", "paper")}
    with pytest.raises(BadInput) as wrong:
        pay(world, 1000, InvoiceGiven(**{**facts, **given}))
    assert set(wrong.value.errors) == {field}


def test_the_release_compares_again(world: World):
    bill = taken(world)
    drawdown = bill.drawdowns.get()
    with factories.act(actor=people.SETUP):
        bill.amount = Decimal(49_999)
        bill.save(update_fields=["amount"])
        factories.record(factories.Tag.BRANCH_CHANGED, actor=people.SETUP)
    with pytest.raises(Refused, match=r"49,999\.00 of the invoice"):
        services.payment_release(actor=world.actor("checker"), drawdown=drawdown, version=world.case.version)


def test_another_borrowers_invoice_fits_nothing(world: World):
    bill, other = taken(world), worlds.payout()
    assert other.payee is not None
    lines = invoice_gaps(other.payee, bill, Decimal(1), "CNY")
    assert any("another borrower" in str(line) for line in lines)


@pytest.mark.unrecorded  # the row is refused before an event could speak of it
def test_the_database_itself_refuses_a_second_one(world: World):
    bill = taken(world)
    twin = SupplierInvoice(
        case=world.at, key_owner=bill.key_owner, supplier=SUPPLIER, number="INV-2026-0017", amount=1, currency="CNY", file=bill.file
    )  # fmt: skip
    with pytest.raises(IntegrityError, match=r"supplier_invoice_once|supplier_index"), transaction.atomic():
        twin.save()
