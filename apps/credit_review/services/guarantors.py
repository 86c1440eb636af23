"""Guarantors: who stands in for how much, and that their credit has been seen."""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.borrowers.models import Party
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import BadInput, NotVisible
from apps.credit_review import rules
from apps.credit_review.models import Guarantor
from apps.credit_review.models.people import GuaranteeKind
from apps.credit_review.selectors import newest_report
from apps.credit_review.services.entry import review_enter
from apps.workflow.models import LoanCase
from apps.workflow.services import case_touch


@act
def guarantor_add(
    *, actor: Actor, case: LoanCase, version: int, party: Party, kind: str, amount: Decimal, net_worth: Decimal | None = None,
) -> Guarantor:  # fmt: skip
    """Let one of the people behind the business stand in for an amount."""
    locked = review_enter(case, actor=actor, version=version)
    _check(locked, party, kind, amount)
    guarantor = Guarantor.objects.create(
        case=locked, party=party, key_owner_id=party.key_owner_id, kind=kind, currency=locked.currency, amount=amount,
        net_worth=net_worth, added_by_id=actor.person_id,
    )  # fmt: skip
    _done(locked, guarantor, actor, Tag.GUARANTOR_ADDED)
    return guarantor


@act
def guarantor_end(*, actor: Actor, case: LoanCase, version: int, guarantor_id: int) -> Guarantor:
    """Take a guarantor off the case; the row stays."""
    locked = review_enter(case, actor=actor, version=version)
    guarantor = _live(locked, guarantor_id)
    guarantor.ended_at = clock.now()
    guarantor.save(update_fields=["ended_at"])
    _done(locked, guarantor, actor, Tag.GUARANTOR_ENDED)
    return guarantor


@act
def guarantor_credit_seen(*, actor: Actor, case: LoanCase, version: int, guarantor_id: int) -> Guarantor:
    """Say that one has seen the guarantor's bureau report; there must be one, and not a stale one."""
    locked = review_enter(case, actor=actor, version=version)
    guarantor = _live(locked, guarantor_id)
    report = newest_report(locked, guarantor.party)
    if report is None or rules.is_stale(report.report_date, clock.today(), rules.BUREAU_DAYS):
        raise BadInput(
            str(
                _("Enter a bureau report on this guarantor first, not older than %(days)s days.")
                % {"days": rules.BUREAU_DAYS}
            )
        )
    guarantor.report, guarantor.seen_by_id, guarantor.seen_at = report, actor.person_id, clock.now()
    guarantor.save(update_fields=["report", "seen_by", "seen_at"])
    _done(locked, guarantor, actor, Tag.GUARANTOR_ASSESSED)
    return guarantor


def _check(case: LoanCase, party: Party, kind: str, amount: Decimal) -> None:
    errors: dict[str, list[object]] = {}
    if party.borrower_id != case.borrower_id:
        errors["party"] = [_("Choose one of the people behind this business.")]
    elif Guarantor.objects.filter(case=case, party=party, ended_at=None).exists():
        errors["party"] = [_("This person is a guarantor already.")]
    if kind not in GuaranteeKind.values:
        errors["kind"] = [_("Choose from the list.")]
    if amount <= 0:
        errors["amount"] = [_("Enter an amount above zero.")]
    if errors:
        raise BadInput(errors)


def _live(case: LoanCase, guarantor_id: int) -> Guarantor:
    rows = Guarantor.objects.select_related("party", "key_owner").filter(case=case, ended_at=None, pk=guarantor_id)
    guarantor = rows.first()
    if guarantor is None:
        raise NotVisible(subject=case, action=Tag.GUARANTOR_ASSESSED)
    return guarantor


def _done(case: LoanCase, guarantor: Guarantor, actor: Actor, tag: Tag) -> None:
    case_touch(case, actor=actor)
    record(tag, actor=actor, subject=guarantor, case=case, stage=case.stage)
