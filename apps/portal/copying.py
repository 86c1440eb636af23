"""The copy of the data held about a person and, within their right, about the business they act for.

Nothing of how the institution works on a case is in it (notes, grades, scores, memos, names of staff), and nothing of any
other person: their parts, their words and their accounts stay out.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.accounts.models import Account, AccountKind, SessionRecord
from apps.applications.facts import consent_kinds
from apps.applications.kinds import kinds_known
from apps.applications.models import Application, Consent, Declaration, Document
from apps.approval.models import Offer
from apps.borrowers.models import BankAccount, Interest, Party
from apps.borrowers.services.portal import INVITED
from apps.core.text import fold
from apps.portal import words
from apps.portal.models import DataRequest
from apps.post_loan.models import LedgerEntry, Loan, ScheduleRow
from apps.vault.secret import Secret
from apps.workflow.models import Facility, LoanCase, Message

MOST_SIGN_INS = 200

LABELS: dict[str, Any] = {
    "name": gettext_lazy("Name"), "kind": gettext_lazy("Kind"), "number": gettext_lazy("Number"), "born_on": gettext_lazy("Date of birth"),
    "phone": gettext_lazy("Phone"), "email": gettext_lazy("E-mail"), "parts": gettext_lazy("Parts in the business"),
    "account": gettext_lazy("Account"), "language": gettext_lazy("Language"), "since": gettext_lazy("Since"), "until": gettext_lazy("Until"),
    "address": gettext_lazy("Address"), "device": gettext_lazy("Device"), "application": gettext_lazy("Application"),
    "given_on": gettext_lazy("Given on"), "how": gettext_lazy("How"), "withdrawn": gettext_lazy("Withdrawn"), "at": gettext_lazy("At"),
    "from": gettext_lazy("From"), "text": gettext_lazy("Text"), "file": gettext_lazy("File"), "sha256": gettext_lazy("SHA-256"),
    "industry": gettext_lazy("Industry"), "founded_on": gettext_lazy("Founded on"), "employees": gettext_lazy("Employees"),
    "town": gettext_lazy("Town"), "holder": gettext_lazy("Account holder"), "bank": gettext_lazy("Bank"), "product": gettext_lazy("Product"),
    "amount": gettext_lazy("Amount"), "currency": gettext_lazy("Currency"), "state": gettext_lazy("State"), "purpose": gettext_lazy("Purpose"),
    "repayment": gettext_lazy("Source of repayment"), "about": gettext_lazy("About the business"), "term": gettext_lazy("Term, months"),
    "rate": gettext_lazy("Rate, % a year"), "loan": gettext_lazy("Loan"), "balance": gettext_lazy("Balance"), "due_on": gettext_lazy("Due on"),
    "principal": gettext_lazy("Principal"), "interest": gettext_lazy("Interest"), "paid": gettext_lazy("Paid"), "on": gettext_lazy("On"),
    "what": gettext_lazy("What"), "day": gettext_lazy("Value date"),
}  # fmt: skip
"""Words of the columns; their keys are those of the JSON."""


@dataclass(frozen=True, slots=True)
class Part:
    """One table of the copy: ``keys`` name its columns, ``rows`` hold plain text."""

    code: str
    title: str
    keys: tuple[str, ...]
    rows: Sequence[Sequence[str]]

    def as_data(self) -> list[dict[str, str]]:
        """Rows by key, for the JSON."""
        return [dict(zip(self.keys, row, strict=True)) for row in self.rows]

    def as_page(self) -> dict[str, Any]:
        """Title, headings and rows, for the PDF."""
        return {"title": self.title, "heading": [str(LABELS[key]) for key in self.keys], "rows": self.rows}


def parts_of_copy(request: DataRequest) -> list[Part]:
    """Everything of the copy, opened for the one who asked; the act that makes it records so first."""
    parts = [*_own(request), *(_business(request) if speaks_for_business(request.party) else ())]
    return [part for part in parts if part.rows]


def speaks_for_business(party: Party) -> bool:
    """Tell whether a person owns or speaks for the business, so that its data are theirs to ask for."""
    return Interest.objects.filter(party=party, ended_on=None, kind__in=INVITED).exists()


def _own(request: DataRequest) -> Iterator[Part]:
    party, account = request.party, request.account
    live = Interest.objects.filter(party=party, ended_on=None).order_by("id")
    bears = ", ".join(str(each.get_kind_display()) for each in live)
    facts = (party.name, party.id_kind, party.id_number, party.born_on, party.phone, party.email, bears)
    yield _part("person", _("You"), ("name", "kind", "number", "born_on", "phone", "email", "parts"), [facts])
    person = account.person
    yield _part(
        "account", _("Your account"), ("account", "name", "email", "phone", "language", "since"),
        [(account.handle, person.name, person.email, person.phone, person.get_language_display(), account.created_at)],
    )  # fmt: skip
    records = SessionRecord.objects.filter(account=account).order_by("-id")[:MOST_SIGN_INS]
    yield _part(
        "sign_ins", _("Sign-ins"), ("since", "until", "address", "device"),
        [(row.created_at, row.ended_at, row.address, row.device) for row in records],
    )  # fmt: skip
    yield from _said(request)


def _said(request: DataRequest) -> Iterator[Part]:
    kinds = consent_kinds()
    consents = Consent.objects.filter(party=request.party).select_related("case").order_by("id")
    yield _part(
        "consents", _("Consents that you gave"), ("kind", "application", "given_on", "how", "withdrawn"),
        [(kinds.get(row.kind, row.kind), row.case.number, row.given_on, row.get_how_display(), row.withdrawn_at) for row in consents],
    )  # fmt: skip
    declared = Declaration.objects.filter(party=request.party).select_related("case").order_by("id")
    yield _part(
        "declarations", _("Declarations that you signed"), ("application", "on", "how"),
        [(row.case.number, row.signed_on, row.get_how_display()) for row in declared],
    )  # fmt: skip
    yield _part("messages", _("Messages"), ("application", "at", "from", "text"), list(_messages(request)))
    known = kinds_known()
    papers = Document.objects.filter(case__borrower=request.borrower, uploaded_by=request.account.person)
    yield _part(
        "documents", _("Documents that you handed in"), ("application", "what", "file", "at", "sha256"),
        [
            (row.case.number, known.get(row.code, row.code), row.file.original_name, row.created_at, row.sha256)
            for row in papers.select_related("case", "file__owner").order_by("id")
        ],
    )  # fmt: skip


def _messages(request: DataRequest) -> Iterator[Sequence[Any]]:
    """What this person wrote and what the institution wrote to the business; a colleague's words are the colleague's."""
    own = request.account.person_id
    colleagues = Account.objects.filter(kind=AccountKind.BORROWER).exclude(person=own)
    rows = Message.objects.filter(case__borrower=request.borrower, audience="borrower")
    rows = rows.exclude(author__in=colleagues.values("person"))
    for row in rows.select_related("case", "key_owner").order_by("id"):
        yield row.case.number, row.created_at, _("you") if row.author_id == own else _("the institution"), row.body


def _business(request: DataRequest) -> Iterator[Part]:
    firm = request.borrower
    facts = (
        firm.legal_name, firm.identifier_kind, firm.identifier, firm.industry, firm.founded_on, firm.employees,
        firm.address, firm.region, firm.phone, firm.email,
    )  # fmt: skip
    keys = ("name", "kind", "number", "industry", "founded_on", "employees", "address", "town", "phone", "email")
    yield _part("business", _("The business"), keys, [facts])
    yield _part(
        "bank_accounts", _("Bank accounts"), ("holder", "number", "bank"),
        [(row.holder, row.number, row.bank_name) for row in _own_accounts(request)],
    )  # fmt: skip
    cases = list(LoanCase.objects.filter(borrower=firm).select_related("product", "borrower").order_by("id"))
    yield _part(
        "applications", _("Applications"),
        ("number", "product", "amount", "currency", "state", "on", "purpose", "repayment", "about"), list(_applied(cases)),
    )  # fmt: skip
    yield from _agreed(cases)
    yield from _loans(request)


def _own_accounts(request: DataRequest) -> Iterator[BankAccount]:
    """Accounts in the name of the business or of the one who asks; another holder's are that holder's."""
    names = {fold(request.borrower.legal_name), fold(str(request.party.name.reveal()))}
    rows = BankAccount.objects.filter(borrower=request.borrower, is_supplier=False).select_related("key_owner")
    return (row for row in rows.order_by("id") if fold(str(row.holder.reveal())) in names)


def _applied(cases: Iterable[LoanCase]) -> Iterator[Sequence[Any]]:
    said = {row.case_id: row for row in Application.objects.filter(case__in=cases).select_related("key_owner")}
    for case in cases:
        held = said.get(case.pk)
        texts = (held.purpose, held.repayment_source, held.narrative) if held else ("", "", "")
        figures = (case.amount_asked, case.currency, words.step_label(case.state), case.submitted_at)
        yield case.number, case.product.name, *figures, *texts


def _agreed(cases: Sequence[LoanCase]) -> Iterator[Part]:
    numbers = {case.pk: case.number for case in cases}
    asked = Facility.objects.filter(case__in=cases).order_by("case_id", "position")
    yield _part(
        "asked", _("What was asked for"), ("application", "amount", "currency", "term"),
        [(numbers[row.case_id], row.amount, row.currency, row.term_months) for row in asked],
    )  # fmt: skip
    offers = Offer.objects.filter(case__in=cases).order_by("id")
    yield _part(
        "offers", _("Offers"), ("application", "amount", "currency", "term", "rate", "at", "until"),
        [
            (numbers[offer.case_id], terms["amount"], offer.currency, terms["term"], terms["rate"], offer.made_at, offer.ends_on)
            for offer in offers
            for terms in offer.terms["facilities"]
        ],
    )  # fmt: skip


def _loans(request: DataRequest) -> Iterator[Part]:
    loans = list(Loan.objects.filter(borrower=request.borrower).order_by("id"))
    yield _part(
        "loans", _("Loans"), ("loan", "amount", "currency", "rate", "term", "on", "balance"),
        [(row.number, row.principal, row.currency, row.rate, row.term_months, row.paid_out_on, row.balance) for row in loans],
    )  # fmt: skip
    rows = ScheduleRow.objects.filter(loan__in=loans).select_related("loan").order_by("loan_id", "number")
    yield _part(
        "schedule", _("Instalments"), ("loan", "due_on", "principal", "interest", "paid", "currency"),
        [(row.loan.number, row.due_on, row.principal, row.interest, row.as_due().paid_total, row.loan.currency) for row in rows],
    )  # fmt: skip
    moved = LedgerEntry.objects.filter(loan__in=loans).select_related("loan").order_by("id")
    yield _part(
        "movements", _("Movements"), ("loan", "day", "what", "amount", "balance", "currency"),
        [(row.loan.number, row.value_on, row.get_kind_display(), row.amount, row.balance, row.loan.currency) for row in moved],
    )  # fmt: skip


def _part(code: str, title: str, keys: tuple[str, ...], rows: Iterable[Sequence[Any]]) -> Part:
    return Part(code, title, keys, [[_plain(cell) for cell in row] for row in rows])


def _plain(value: Any) -> str:
    """Text of a cell: secrets opened, days and moments by ISO 8601, amounts plain."""
    opened = value.reveal() if isinstance(value, Secret) else value
    if isinstance(opened, dt.datetime):
        return opened.isoformat(timespec="minutes")
    if isinstance(opened, dt.date):
        return opened.isoformat()
    return _figure(opened) if isinstance(opened, Decimal) else str(opened if opened is not None else "")


def _figure(value: Decimal) -> str:
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def as_json(parts: Iterable[Part], about: Mapping[str, str]) -> dict[str, Any]:
    """The whole copy for machines."""
    return {"about": dict(about), **{part.code: part.as_data() for part in parts}}
