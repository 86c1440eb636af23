"""Changes of a draft: its words and what is asked for."""

from __future__ import annotations

import dataclasses
from decimal import Decimal

from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from apps.applications.services.locking import DRAFT_ONLY, case_locked, revise, take_part
from apps.applications.services.opening import Words, check_ask
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.core.actor import Actor
from apps.core.errors import BadInput
from apps.core.permissions import Permission
from apps.workflow.models import Facility, LoanCase
from apps.workflow.services import FacilityAsk, case_touch
from apps.workflow.services.cases import facility_add

LIMITS = {"purpose": 2000, "repayment_source": 2000, "narrative": 4000}
MOST_FACILITIES = 12


@act
def application_save(*, actor: Actor, case: LoanCase, version: int | None, words: Words) -> LoanCase:
    """Write purpose, source of repayment and narrative of a draft."""
    locked = case_locked(case, actor=actor, permission=Permission.APPLICATION_EDIT, version=version, states=DRAFT_ONLY)
    take_part(locked, actor)
    words_write(locked, words)
    return finish(locked, actor)


def words_write(case: LoanCase, words: Words) -> None:
    """Store the words and count the revision."""
    given = {field.name: getattr(words, field.name).strip() for field in dataclasses.fields(words)}
    too_long = {name: [_("Use at most %(limit)s characters.") % {"limit": LIMITS[name]}]
                for name, text in given.items() if len(text) > LIMITS[name]}  # fmt: skip
    if too_long:
        raise BadInput(too_long)
    application = revise(case)
    for name, text in given.items():
        setattr(application, name, text)
    application.save(update_fields=list(given))


@act
def facility_save(
    *, actor: Actor, case: LoanCase, version: int | None, ask: FacilityAsk, position: int | None = None
) -> LoanCase:
    """Add a facility to a draft, or change the one at ``position``."""
    locked = case_locked(case, actor=actor, permission=Permission.APPLICATION_EDIT, version=version, states=DRAFT_ONLY)
    take_part(locked, actor)
    facility_write(locked, ask, position)
    revise(locked)
    return finish(locked, actor)


def facility_write(case: LoanCase, ask: FacilityAsk, position: int | None) -> None:
    """Store one facility of a case."""
    check_ask(ask, case.currency)
    if ask.replaces is not None and ask.replaces.borrower_id != case.borrower_id:
        raise BadInput({"replaces": [_("Choose a facility of this borrower.")]})
    if position is None:
        _add(case, ask)
        return
    facility = Facility.objects.filter(case=case, position=position).first()
    if facility is None:
        raise BadInput({"position": [_("This facility is not there any more.")]})
    facility.amount, facility.term_months, facility.kind = ask.amount, ask.term_months, ask.kind
    facility.replaces, facility.repayment = ask.replaces, ask.repayment or facility.repayment
    facility.save(update_fields=["amount", "term_months", "kind", "replaces", "repayment"])


def _add(case: LoanCase, ask: FacilityAsk) -> None:
    last = Facility.objects.filter(case=case).order_by("-position").values_list("position", flat=True).first() or 0
    if last >= MOST_FACILITIES:
        raise BadInput({"": [_("A case has at most %(most)s facilities.") % {"most": MOST_FACILITIES}]})
    facility_add(case, ask, last + 1)


@act
def facility_remove(*, actor: Actor, case: LoanCase, version: int | None, position: int) -> LoanCase:
    """Take a facility out of a draft; one has to remain."""
    locked = case_locked(case, actor=actor, permission=Permission.APPLICATION_EDIT, version=version, states=DRAFT_ONLY)
    take_part(locked, actor)
    facilities = {facility.position: facility for facility in Facility.objects.filter(case=locked)}
    if len(facilities) <= 1 or position not in facilities:
        raise BadInput({"": [_("A case asks for one facility at least.")]})
    facilities[position].delete()
    revise(locked)
    return finish(locked, actor)


def finish(case: LoanCase, actor: Actor) -> LoanCase:
    """Touch the case with its total and record the edit."""
    case_touch(case, actor=actor, amount_asked=total_asked(case))
    record(Tag.APPLICATION_EDITED, actor=actor, subject=case, case=case, stage=case.stage)
    return case


def total_asked(case: LoanCase) -> Decimal:
    """Sum of what the case's facilities ask for."""
    total = Facility.objects.filter(case=case).aggregate(total=Sum("amount"))["total"]
    return Decimal(total or 0)
