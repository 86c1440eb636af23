"""Real transactions: one page answered twice at once, two passkeys under one memo, a passkey and its copy."""

from __future__ import annotations

import copy
from decimal import Decimal
from typing import Any

from apps.accounts.models import Passkey
from apps.accounts.services import passkeys
from apps.approval import services
from apps.approval.models import Signature
from apps.approval.selectors import sign_prepare
from apps.approval.selectors.signoffs import signoffs_checked
from apps.audit.verify import verify
from apps.core.errors import LoanFlowError, Refused
from tests.accounts import factories as people
from tests.accounts.test_passkeys import enrolled
from tests.applications.factories import again
from tests.approval import factories as approval
from tests.approval.test_signoff import Signer
from tests.disbursement.test_races import at_once


def signer(case: Any) -> Signer:
    """A new approver of the case's branch with a passkey."""
    account = approval.approver_account(approval.ONE, case.branch)
    return Signer(account, enrolled(account))


def answers_to(someone: Signer, case: Any) -> dict[str, Any]:
    """What somebody's browser sends who has signed the page."""
    decision, challenge = sign_prepare(someone.actor, again(case))
    answer = someone.soft.signs(bytes.fromhex(decision.fingerprint))
    return {"actor": someone.actor, "case": case, "version": case.version, "challenge": challenge, "answer": answer}


def test_signatures_at_one_moment(committed_db: str) -> None:
    approval.policy((1_000_000, (approval.ONE, approval.ONE)), totp_up_to=Decimal(1))
    case = approval.case_needing()
    first, second = signer(case), signer(case)

    once = answers_to(first, case)
    results = at_once(*[lambda: services.memo_sign(**once) for _each in range(3)])
    assert [getattr(each, "guard", "") for each in results if isinstance(each, LoanFlowError)] == ["challenge"] * 2
    assert Signature.objects.filter(case=case).count() == 1

    now = again(case)
    third = signer(now)
    both = [answers_to(each, now) for each in (second, third)]
    results = at_once(*[lambda given=given: services.memo_sign(**given) for given in both])
    assert sum(isinstance(each, LoanFlowError) for each in results) == 1, results
    assert again(case).state == "offered"
    assert Signature.objects.filter(case=case).count() == 2
    assert [each.flaws for each in signoffs_checked()] == [(), ()]

    owner = people.staff("approver_1")
    soft = enrolled(owner)
    copied = copy.copy(soft)
    proofs = []
    for each in (soft, copied):
        challenge, sealed = passkeys.challenge_seal(owner, "prove")
        proofs.append({"challenge": sealed, "answer": each.signs(challenge)})
    actor = people.actor_for(owner, fresh=False)
    results = at_once(
        *[lambda given=given: passkeys.passkey_prove(actor=actor, account=owner, **given) for given in proofs]
    )
    refused = [each.guard for each in results if isinstance(each, Refused)]
    assert refused == ["passkey_counter"], "of a passkey and its copy, with one counter, one is found out"
    assert Passkey.objects.get(user=owner).sign_count == 1
    assert verify().intact
