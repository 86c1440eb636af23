"""Opens a case, locks it against stale forms, and keeps the copies that lists show."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import CharField
from django.utils.translation import gettext_lazy as _

from apps.access.administration import HANDING
from apps.access.duties import Duty
from apps.access.services import authorize
from apps.accounts.models import Branch
from apps.audit.services import record
from apps.borrowers.models import Borrower
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import NotVisible, Refused, Stale
from apps.core.gathered import gather
from apps.core.memory import remembering
from apps.core.prepared import Prepared
from apps.workflow import process, registry
from apps.workflow.eligibility import forward_row
from apps.workflow.evidence import TAG_OF
from apps.workflow.models import CaseCounter, CaseStep, DutyDone, Facility, LoanCase, Product
from apps.workflow.rules import case_number

COPIES = frozenset(
    {"amount_asked", "amount_proposed", "grade", "is_secured", "currency", "is_urgent", "warned_at", "submitted_at"}
)


@dataclass(frozen=True, slots=True)
class FacilityAsk:
    """What is asked for one facility: amount in the product's currency, term in months, purpose, what it replaces."""

    amount: Decimal
    term_months: int
    purpose: str = ""
    kind: str = "new"
    repayment: str = ""
    replaces: Facility | None = None


def case_open(
    *,
    actor: Actor,
    borrower: Borrower,
    product: Product,
    branch: Branch,
    event: str,
    facilities: Sequence[FacilityAsk] = (),
    source: str = "",
    source_id: str = "",
    recorded: bool = True,
) -> LoanCase:
    """Open a draft by one of the process table's opening events and record it; needs an open act.

    ``recorded`` false leaves the event to the caller, who writes more of the same draft and records all at once.
    """
    row = process.find(process.NEW, event)
    if row is None:
        raise Refused("transition", f"{event} does not open a case", action=event)
    _may_open(actor, row, borrower, branch)
    refuse_forgotten(borrower)
    now = clock.now()
    case = LoanCase.objects.create(
        number=_next_number(now),
        borrower=borrower,
        branch=branch,
        product=product,
        currency=product.currency,
        is_secured=product.is_secured,
        amount_asked=sum((ask.amount for ask in facilities), Decimal(0)),
        entered_at=now,
        changed_at=now,
        changed_by=actor.name,
        source=source,
        source_id=source_id,
        holder_id=actor.person_id if actor.is_person else None,
    )
    for position, ask in enumerate(facilities, start=1):
        facility_add(case, ask, position)
    step_write(case, row, actor, process.NEW)
    if not recorded:
        return case
    case.missing = missing_now(case, actor)
    case.save(update_fields=["missing"])
    record(TAG_OF[process.Event(row.event)], actor=actor, subject=case, case=case, stage=case.stage)
    return case


def _may_open(actor: Actor, row: process.Row, borrower: Borrower, branch: Branch) -> None:
    if row.who is process.Who.SYSTEM and not actor.is_system:
        raise Refused("permission", _("Only the system itself takes this step."), action=row.event)
    if row.who is process.Who.BORROWER:
        if not actor.is_borrower or borrower.pk not in actor.borrower_ids:
            raise NotVisible(subject=borrower, action=row.event)
    else:
        authorize(actor, row.permission, branch)


def refuse_forgotten(borrower: Borrower) -> None:
    """Lock the business first: whoever forgets it at this moment waits, and then sees the case; or was first, and is seen."""
    locked = Borrower.objects.select_for_update(of=("self",)).only("forgotten_at").get(pk=borrower.pk)
    if locked.forgotten_at is not None:
        raise Refused("forgotten", _("This business is forgotten: enter it anew."), subject=borrower)


def facility_add(case: LoanCase, ask: FacilityAsk, position: int) -> Facility:
    """Hang one facility on a case."""
    product = case.product
    return Facility.objects.create(
        case=case,
        borrower=case.borrower,
        position=position,
        kind=ask.kind,
        currency=case.currency,
        amount=ask.amount,
        term_months=ask.term_months,
        purpose=ask.purpose,
        replaces=ask.replaces,
        repayment=ask.repayment or product.repayment,
        day_count=product.day_count,
    )


def _next_number(now: dt.datetime) -> str:
    counter, _created = CaseCounter.objects.select_for_update().get_or_create(year=now.year)
    counter.last += 1
    counter.save(update_fields=["last"])
    return case_number(now.year, counter.last)


def step_write(case: LoanCase, row: process.Row, actor: Actor, came_from: str, reasons: Sequence[str] = ()) -> None:
    """Write the timeline's step and the duty that the row lays on the actor's person."""
    CaseStep.objects.create(
        case=case,
        event=row.event,
        from_state=came_from,
        to_state=case.state,
        actor_name=f"{actor.name} / {actor.on_behalf_name}"[:80] if actor.is_deputy else actor.name,
        person_id=actor.person_id,
        on_behalf_of_id=actor.on_behalf_of if actor.is_deputy else None,
        reason_codes=list(reasons),
    )
    if row.duty is not None and actor.is_person:
        duties_write(case, actor, row.duty, row.event)


def duties_write(case: LoanCase, actor: Actor, duty: Duty, event: str) -> None:
    """Lay a duty on who acts, and on whom they act for."""
    for person_id in HANDING.bound(actor.person_id, actor.on_behalf_of):
        duty_write(case, person_id, duty, event)


def duty_write(case: LoanCase, person_id: int, duty: Duty, event: str) -> None:
    """Remember that a person took on a duty; once a case is enough."""
    DutyDone.objects.get_or_create(
        case=case,
        person_id=person_id,
        duty=duty,
        defaults={"borrower_id": case.borrower_id, "event": event},
    )


_LOCKED: Prepared[LoanCase] = Prepared(
    lambda number: (
        LoanCase.objects.select_for_update(of=("self",))
        .select_related("borrower", "product", "branch")
        .filter(number=number)[:1]
    ),
    {"number": CharField()},
)


def case_lock(case: LoanCase | str, *, actor: Actor, version: int | None) -> LoanCase:
    """Lock the case's row and compare the version the user saw; raises ``Stale`` or ``NotVisible``."""
    number = case if isinstance(case, str) else case.number
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("a case is locked within an act")
    locked = _LOCKED.first(number=number)
    if locked is None:
        raise NotVisible(action="case_lock")
    _refuse_stale(case, locked, version)
    return locked


def case_unmoved(case: LoanCase, *, version: int) -> None:
    """Raise ``Stale`` where a case has moved on, before anything is spent on it; the act that follows asks again under its lock."""
    now = LoanCase.objects.select_related("borrower").filter(pk=case.pk).first()
    if now is not None:
        _refuse_stale(case, now, version)


def _refuse_stale(seen: LoanCase | str, now: LoanCase, version: int | None) -> None:
    if version is not None and now.version != version:
        raise Stale(by=now.changed_by, at=now.changed_at, subject=now, differences=differences(seen, now))


def differences(seen: LoanCase | str, now: LoanCase) -> dict[str, tuple[Any, Any]]:
    """What differs between the case as the caller holds it and as it stands, for the stale page."""
    if isinstance(seen, str):
        return {}
    names = ("state", "amount_asked", "amount_proposed", "grade", "holder_id", "is_frozen")
    return {
        name: (getattr(seen, name), getattr(now, name)) for name in names if getattr(seen, name) != getattr(now, name)
    }


def case_touch(case: LoanCase, *, actor: Actor, **copies: Any) -> LoanCase:
    """After a stage changed its own records: grow the version, copy figures for lists, list anew what is missing."""
    unknown = set(copies) - COPIES
    if unknown:
        raise TypeError(f"case_touch() does not copy {sorted(unknown)}")
    for name, value in copies.items():
        setattr(case, name, value)
    stamp(case, actor)
    case.missing = missing_now(case, actor)
    case.save()
    return case


def stamp(case: LoanCase, actor: Actor) -> None:
    """Grow the version and say who changed the case when."""
    case.version += 1
    case.changed_at, case.changed_by = clock.now(), actor.name


def missing_now(case: LoanCase, actor: Actor) -> list[str]:
    """Names of standing guards that the next forward step still fails."""
    row = forward_row(case)
    if row is None:
        return []
    checks = [
        registry.guards[name] for name in row.guards if name in registry.guards and registry.guards[name].standing
    ]
    with remembering():  # nothing is written between two of these questions, and no decision rests on the answers
        gather(case, case.borrower)
        return [guard.name for guard in checks if guard.check(case, actor, {})]
