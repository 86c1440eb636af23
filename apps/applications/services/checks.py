"""Identity checks and duplicates: what intake finds out about people and businesses."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext_lazy as _

from apps.applications.models import CheckMethod, Document, DuplicateFinding, IdentityCheck, Verdict
from apps.applications.services.consents import check_day, own_document
from apps.applications.services.locking import UNSETTLED, case_locked, take_part
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.borrowers.duplicates import duplicates_of
from apps.borrowers.models import BorrowerAccess, Party
from apps.borrowers.services import claim_confirm
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import BadInput, NotVisible, Refused
from apps.core.permissions import Permission
from apps.workflow.models import LoanCase
from apps.workflow.services import case_touch

NEEDS_DOCUMENT = frozenset({CheckMethod.SCANNED_DOCUMENT, CheckMethod.FACE_MATCH})
SHORTEST_EXPLANATION = 10


@act
def identity_check_record(
    *, actor: Actor, case: LoanCase, party: Party, method: str, checked_on: dt.date, passed: bool, evidence: str = "",
    document: Document | None = None,
) -> IdentityCheck:  # fmt: skip
    """Enter how somebody's identity was checked; the actor is the verifier. A check without evidence is none."""
    locked = case_locked(case, actor=actor, permission=Permission.IDENTITY_CHECK, states=UNSETTLED)
    take_part(locked, actor)
    if party.borrower_id != locked.borrower_id:
        raise NotVisible(subject=party)
    if actor.person_id is None:
        raise Refused("permission", _("An identity is checked by a member of staff."), subject=locked)
    own_document(locked, document)
    _check_evidence(method, evidence, document)
    check_day(checked_on, "checked_on")
    check = IdentityCheck.objects.create(
        case=locked, key_owner=locked.borrower.key_owner, party=party, method=method, evidence=evidence.strip(),
        document=document, checked_on=checked_on, verifier_id=actor.person_id, passed=passed,
    )  # fmt: skip
    case_touch(locked, actor=actor)
    record(Tag.IDENTITY_CHECKED, actor=actor, subject=check, case=locked, stage=locked.stage, touched=[party],
           note={"method": method, "passed": passed})  # fmt: skip
    return check


@act
def applicant_confirm(*, actor: Actor, case: LoanCase, access: BorrowerAccess, how: str) -> BorrowerAccess:
    """Say how the bank made sure that who applied by themselves is the person they say; the actor stands behind it."""
    locked = case_locked(case, actor=actor, permission=Permission.IDENTITY_CHECK, states=UNSETTLED)
    take_part(locked, actor)
    if access.borrower_id != locked.borrower_id:
        raise NotVisible(subject=access)
    confirmed = claim_confirm(access, actor, how)
    case_touch(locked, actor=actor)
    record(Tag.BORROWER_ACCESS_CONFIRMED, actor=actor, subject=confirmed, case=locked, stage=locked.stage,
           touched=[locked.borrower], note={"how": how})  # fmt: skip
    return confirmed


def _check_evidence(method: str, evidence: str, document: Document | None) -> None:
    if method not in CheckMethod.values:
        raise BadInput({"method": [_("Choose how the identity was checked.")]})
    if method in NEEDS_DOCUMENT and document is None:
        raise BadInput({"document": [_("Attach the document that was compared.")]})
    if document is None and not evidence.strip():
        raise BadInput({"evidence": [_("Say what proves it: the number of the query, or which document was seen.")]})
    if len(evidence) > 400:
        raise BadInput({"evidence": [_("Use at most %(limit)s characters.") % {"limit": 400}]})


@act
def duplicates_scan(*, actor: Actor, case: LoanCase) -> list[DuplicateFinding]:
    """Look again what the business shares with others; returns what was not known before."""
    locked = case_locked(case, actor=actor, permission=Permission.IDENTITY_CHECK, states=UNSETTLED)
    new = findings_write(locked)
    case_touch(locked, actor=actor)
    record(Tag.DUPLICATES_SCANNED, actor=actor, subject=locked, case=locked, stage=locked.stage, note={"new": len(new)})
    return new


def findings_write(case: LoanCase) -> list[DuplicateFinding]:
    """Keep what duplicates are found and not listed yet."""
    known = set(DuplicateFinding.objects.filter(case=case).values_list("kind", "other_id"))
    new = [each for each in duplicates_of(case.borrower) if (each.kind, each.other_id) not in known]
    owner = case.borrower.key_owner
    return [
        DuplicateFinding.objects.create(case=case, key_owner=owner, kind=each.kind, other_id=each.other_id)
        for each in new
    ]  # fmt: skip


@act
def duplicate_settle(*, actor: Actor, finding: DuplicateFinding, verdict: str, explanation: str) -> DuplicateFinding:
    """Say what a shared feature means, and why."""
    locked = case_locked(finding.case, actor=actor, permission=Permission.IDENTITY_CHECK, states=UNSETTLED)
    take_part(locked, actor)
    if verdict not in Verdict.values:
        raise BadInput({"verdict": [_("Choose what it means.")]})
    words = explanation.strip()
    if not SHORTEST_EXPLANATION <= len(words) <= 1000:
        raise BadInput({"explanation": [_("Explain it in 10 to 1000 characters.")]})
    current = DuplicateFinding.objects.select_related("key_owner").get(pk=finding.pk)
    current.verdict, current.explanation = verdict, words
    current.settled_by_id, current.settled_at = actor.person_id, clock.now()
    current.save(update_fields=["verdict", "explanation", "settled_by", "settled_at"])
    case_touch(locked, actor=actor)
    record(Tag.DUPLICATE_SETTLED, actor=actor, subject=current, case=locked, stage=locked.stage,
           note={"kind": current.kind, "verdict": verdict})  # fmt: skip
    return current
