"""Opens an application: a business, new or known, a product, and what is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from apps.access.services import authorize
from apps.accounts.models import Branch
from apps.applications.models import Application
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.borrowers.models import Borrower
from apps.borrowers.rules import BusinessData
from apps.borrowers.services import borrower_create
from apps.core import money
from apps.core.actor import Actor
from apps.core.errors import BadInput, Refused
from apps.core.permissions import Permission
from apps.workflow.models import LoanCase, Product
from apps.workflow.process import Event
from apps.workflow.services import FacilityAsk, case_open, case_touch

LONGEST_TERM = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What the borrower says in words."""

    purpose: str = ""
    repayment_source: str = ""
    narrative: str = ""


@act
def application_create(
    *, actor: Actor, product: Product, facilities: Sequence[FacilityAsk], borrower: Borrower | None = None,
    branch: Branch | None = None, business: BusinessData | None = None, words: Words = Words(),
    source: str = "", source_id: str = "",
) -> LoanCase:  # fmt: skip
    """Open a draft for a known ``borrower``, or for a new ``business`` at a ``branch``.

    Officers, borrowers in the portal and the import open by events of their own. Raises ``BadInput`` by field.
    """
    _check_asks(product, facilities)
    if borrower is None:
        borrower = _new_borrower(actor, branch, business, source, source_id)
    if not actor.is_borrower:  # whose own business it is, the opening event itself checks
        authorize(actor, Permission.CASE_CREATE, borrower)
    if borrower.is_frozen:
        raise Refused("frozen", _("The borrower is frozen: no application can be opened."), subject=borrower)
    case = case_open(
        actor=actor, borrower=borrower, product=product, branch=borrower.branch, event=_event(actor),
        facilities=facilities, source=source, source_id=source_id,
    )  # fmt: skip
    Application.objects.create(
        case=case, key_owner=borrower.key_owner, purpose=words.purpose, repayment_source=words.repayment_source,
        narrative=words.narrative,
    )  # fmt: skip
    case_touch(case, actor=actor)
    record(Tag.APPLICATION_EDITED, actor=actor, subject=case, case=case, stage=case.stage)
    return case


def _new_borrower(
    actor: Actor, branch: Branch | None, business: BusinessData | None, source: str, source_id: str
) -> Borrower:
    if branch is None or business is None:
        raise BadInput({"borrower": [_("Choose a known business, or enter a new one.")]})
    label = f"{source} {source_id}".strip()
    return borrower_create(actor=actor, branch=branch, data=business, label=label[:80])


def _event(actor: Actor) -> str:
    if actor.is_system:
        return Event.IMPORT
    return Event.CREATE_ONLINE if actor.is_borrower else Event.CREATE


def _check_asks(product: Product, facilities: Sequence[FacilityAsk]) -> None:
    if not product.is_active:
        raise BadInput({"product": [_("This product is no longer offered.")]})
    if not facilities:
        raise BadInput({"amount": [_("Enter what is asked for: amount and term.")]})
    for ask in facilities:
        check_ask(ask, product.currency)


def check_ask(ask: FacilityAsk, currency: str) -> None:
    """Raise ``BadInput`` for an amount or a term that no facility can have."""
    if not 0 < ask.amount <= money.LARGEST or not money.is_exact(Decimal(ask.amount), currency):
        raise BadInput({"amount": [_("Enter an amount above zero, with at most the currency's decimals.")]})
    if not 0 < ask.term_months <= LONGEST_TERM:
        raise BadInput({"term_months": [_("Enter a term from 1 to %(most)s months.") % {"most": LONGEST_TERM}]})
