"""The role table: who may do what, written once. Pages, `can()` and the matrix all read it from here.

A bank's compliance officer can read ``ROLE_TABLE`` line by line; nothing else grants a permission
(object grants are exceptions on one object, see ``selectors``).
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.audit.domains import Domain
from apps.core.actor import HeldRole
from apps.core.permissions import Permission

P = Permission  # the table below stays readable


class Role(models.TextChoices):
    """Every role of the institution, and the borrower's."""

    BORROWER = "borrower", _("Borrower")
    LOAN_OFFICER = "loan_officer", _("Loan officer")
    CREDIT_ANALYST = "credit_analyst", _("Credit analyst")
    APPRAISER = "appraiser", _("Collateral appraiser")
    APPROVER_1 = "approver_1", _("Approver, level 1")
    APPROVER_2 = "approver_2", _("Approver, level 2")
    APPROVER_3 = "approver_3", _("Approver, level 3")
    COMMITTEE_SECRETARY = "committee_secretary", _("Committee secretary")
    DISBURSEMENT_REVIEWER = "disbursement_reviewer", _("Disbursement reviewer")
    PAYMENT_MAKER = "payment_maker", _("Payment maker")
    PAYMENT_CHECKER = "payment_checker", _("Payment checker")
    POST_LOAN_OFFICER = "post_loan_officer", _("Post-loan officer")
    TEAM_LEAD = "team_lead", _("Team lead")
    HEAD_OF_CREDIT = "head_of_credit", _("Head of credit")
    COMPLIANCE_OFFICER = "compliance_officer", _("Compliance officer")
    AUDITOR = "auditor", _("Auditor")
    SECURITY_OFFICER = "security_officer", _("Security officer")
    ADMINISTRATOR = "administrator", _("Administrator")


# What everybody who works on cases sees; lists and pages mask personal data all the same.
SEES_CASES = frozenset({
    P.BORROWER_VIEW, P.CASE_VIEW, P.DOCUMENT_VIEW, P.CREDIT_VIEW, P.COLLATERAL_VIEW, P.APPROVAL_VIEW, P.PAYMENT_VIEW,
    P.LOAN_VIEW, P.PROCESS_VIEW,
})  # fmt: skip
WORKS_ON_CASES = SEES_CASES | {P.RIGHT_ASK, P.RIGHT_HAND_OVER, P.CASE_CLAIM, P.CASE_ASK, P.CASE_MESSAGE, P.DOCUMENT_ADD}
APPROVES = WORKS_ON_CASES | {
    P.APPROVAL_SIGN, P.APPROVAL_DECLINE, P.APPROVAL_RETURN, P.APPROVAL_AMEND, P.APPROVAL_WAIVE,
    P.APPLICATION_CORRECT,
}  # fmt: skip
LEADS = SEES_CASES | {
    P.RIGHT_ASK, P.CASE_MESSAGE, P.CASE_REASSIGN, P.CASE_REOPEN, P.CASE_URGENT, P.CASE_FREEZE, P.CASE_WITHDRAW, P.OBJECT_GRANT, P.SIGHT_VIEW, P.CONTRACT_SIGN,
    P.REPORT_VIEW, P.MATRIX_VIEW, P.DECISION_REVIEW, P.ROLE_ENDORSE,
}  # fmt: skip

# fmt: off
ROLE_TABLE: dict[Role, frozenset[P]] = {
    # on cases of their own business only, and only through the portal's pages
    Role.BORROWER: frozenset({
        P.PORTAL_USE, P.CASE_VIEW, P.CASE_MESSAGE, P.APPLICATION_EDIT, P.DOCUMENT_VIEW, P.DOCUMENT_ADD, P.LOAN_VIEW,
    }),
    # answers, acceptances and withdrawals that arrive on paper are entered by the officer, with the paper attached
    Role.LOAN_OFFICER: WORKS_ON_CASES | {
        P.BORROWER_EDIT, P.BORROWER_REVEAL, P.BORROWER_INVITE, P.CASE_CREATE, P.CASE_ANSWER, P.CASE_WITHDRAW,
        P.APPLICATION_EDIT, P.APPLICATION_SUBMIT, P.APPLICATION_ACCEPT, P.APPLICATION_KNOCK_OUT, P.APPLICATION_CORRECT, P.VISIT_REPORT,
        P.IDENTITY_CHECK, P.OFFER_ACCEPT, P.CONTRACT_MANAGE, P.CONDITION_EVIDENCE, P.DATA_REQUEST_DECIDE,
    },
    Role.CREDIT_ANALYST: WORKS_ON_CASES | {
        P.BORROWER_REVEAL, P.VISIT_REPORT, P.CREDIT_EDIT, P.CREDIT_RECOMMEND, P.CREDIT_DECLINE, P.CASE_SEND_BACK,
        P.APPLICATION_CORRECT,
    },
    Role.APPRAISER: WORKS_ON_CASES | {
        P.VISIT_REPORT, P.COLLATERAL_EDIT, P.COLLATERAL_CONFIRM, P.COLLATERAL_RELEASE, P.CASE_SEND_BACK,
        P.APPLICATION_CORRECT,
    },
    Role.APPROVER_1: APPROVES,
    Role.APPROVER_2: APPROVES,
    Role.APPROVER_3: APPROVES,
    Role.COMMITTEE_SECRETARY: SEES_CASES | {P.RIGHT_ASK, P.CASE_MESSAGE, P.DOCUMENT_ADD},
    Role.DISBURSEMENT_REVIEWER: WORKS_ON_CASES | {P.BORROWER_REVEAL, P.CONDITION_VERIFY},
    Role.PAYMENT_MAKER: WORKS_ON_CASES | {P.BORROWER_REVEAL, P.PAYMENT_PREPARE},
    Role.PAYMENT_CHECKER: WORKS_ON_CASES | {P.BORROWER_REVEAL, P.PAYMENT_RELEASE},
    Role.POST_LOAN_OFFICER: WORKS_ON_CASES | {
        P.BORROWER_REVEAL, P.PAYMENT_CONFIRM, P.REPAYMENT_POST, P.LOAN_CLOSE, P.COLLATERAL_RELEASE,
    },
    Role.TEAM_LEAD: LEADS | {P.VISIT_REPORT, P.REPAYMENT_CHECK, P.LOAN_CLOSE, P.COLLATERAL_RELEASE},
    Role.HEAD_OF_CREDIT: LEADS | {
        P.BORROWER_FREEZE, P.POLICY_MANAGE, P.PRODUCT_MANAGE, P.REASON_MANAGE, P.PAYING_ACCOUNT_MANAGE, P.PORTAL_MANAGE,
        P.PRIVACY_VIEW, P.FORGET_ASK, P.FORGET_APPROVE, P.RETENTION_MANAGE,
    },
    Role.COMPLIANCE_OFFICER: SEES_CASES | {
        P.BORROWER_REVEAL, P.BORROWER_FREEZE, P.CASE_FREEZE, P.AUDIT_VIEW, P.AUDIT_REVIEW, P.AUDIT_UNMASK, P.AUDIT_RETIRE,
        P.ENGAGEMENT_MANAGE,
        P.SIGHT_VIEW, P.REPORT_VIEW, P.MATRIX_VIEW, P.PEOPLE_VIEW, P.ROLE_CONFIRM, P.RIGHT_ASK,
        P.OBJECT_GRANT, P.DATA_REQUEST_DECIDE, P.PRIVACY_VIEW, P.HOLD_MANAGE, P.FORGET_ASK, P.FORGET_APPROVE,
    },
    Role.AUDITOR: SEES_CASES | {
        P.AUDIT_VIEW, P.AUDIT_EXPORT, P.AUDIT_VERIFY, P.AUDIT_REVIEW, P.AUDIT_RETIRE, P.ENGAGEMENT_MANAGE, P.SIGHT_VIEW, P.REPORT_VIEW, P.MATRIX_VIEW, P.PEOPLE_VIEW, P.PRIVACY_VIEW,
        P.RIGHT_ASK,
    },
    Role.SECURITY_OFFICER: frozenset({
        P.AUDIT_VIEW, P.AUDIT_VERIFY, P.SIGHT_VIEW, P.PEOPLE_VIEW, P.PEOPLE_SUSPEND, P.MATRIX_VIEW, P.PROCESS_VIEW, P.ROLE_CONFIRM,
        P.RIGHT_ASK,
    }),
    Role.ADMINISTRATOR: frozenset({
        P.AUDIT_VIEW, P.PEOPLE_VIEW, P.PEOPLE_INVITE, P.PEOPLE_SUSPEND, P.BRANCH_MANAGE, P.ROLE_GRANT, P.ROLE_APPROVE,
        P.PRODUCT_MANAGE, P.REASON_MANAGE, P.MATRIX_VIEW, P.PROCESS_VIEW, P.PAYING_ACCOUNT_MANAGE, P.PORTAL_MANAGE, P.ANNOUNCE,
        P.RIGHT_ASK,
    }),
}

# Given by four people only (``administration.RULES``): one administrator asks, another, a lead and somebody from compliance
# or security agree, and the role counts once its person has enrolled. So nobody makes a whole chain of hands alone, nor
# two or three together. The others prepare a file and decide nothing.
POWERFUL: frozenset[Role] = frozenset({
    Role.APPROVER_1, Role.APPROVER_2, Role.APPROVER_3, Role.DISBURSEMENT_REVIEWER, Role.PAYMENT_MAKER,
    Role.PAYMENT_CHECKER, Role.POST_LOAN_OFFICER, Role.TEAM_LEAD, Role.HEAD_OF_CREDIT, Role.COMPLIANCE_OFFICER,
    Role.AUDITOR, Role.SECURITY_OFFICER, Role.ADMINISTRATOR,
})

# May be given bound to audit engagements (a mark on the grant): its holder then reads what an engagement names, and nothing
# while none is in force. An external auditor is an auditor so bound.
BOUND: frozenset[Role] = frozenset({Role.AUDITOR})

# All that such a role may do, whatever the table gives it: read what the engagement names. People, figures of the whole house
# and the checks of the whole log are none of that. Engagements are its holder's own: who makes them is bound to none.
WITHIN_ENGAGEMENT = SEES_CASES | {
    P.AUDIT_VIEW, P.AUDIT_EXPORT, P.SIGHT_VIEW, P.PRIVACY_VIEW, P.ENGAGEMENT_MANAGE,
}  # fmt: skip

# What of the log a role reads; a role that is not here reads nothing of it, whatever else it holds.
EVERYTHING = frozenset(Domain)
LOG_DOMAINS: dict[Role, frozenset[Domain]] = {
    Role.AUDITOR: EVERYTHING,
    Role.COMPLIANCE_OFFICER: EVERYTHING,
    Role.SECURITY_OFFICER: frozenset({
        Domain.SIGN_IN, Domain.PEOPLE, Domain.ACCESS, Domain.KEYS, Domain.LOG, Domain.RUNNING,
    }),
    Role.ADMINISTRATOR: frozenset({
        Domain.SIGN_IN, Domain.PEOPLE, Domain.ACCESS, Domain.KEYS, Domain.RUNNING, Domain.SETTINGS,
    }),
}

# Jobs and commands act under these names and hold nothing else.
SYSTEM_TABLE: dict[str, frozenset[P]] = {
    "system:init": frozenset({
        P.BRANCH_MANAGE, P.PEOPLE_INVITE, P.ROLE_GRANT, P.ROLE_FOUND, P.PRODUCT_MANAGE, P.REASON_MANAGE, P.POLICY_MANAGE,
    }),
    "system:unlock": frozenset({P.PEOPLE_INVITE}),
    "system:recovery": frozenset({P.ROLE_FOUND}),
    "system:branches": frozenset({P.BRANCH_MANAGE}),
    "system:demo": frozenset({
        P.BRANCH_MANAGE, P.PEOPLE_INVITE, P.ROLE_GRANT, P.ROLE_FOUND, P.PRODUCT_MANAGE, P.REASON_MANAGE,
    }),
    "system:imports": frozenset({P.CASE_IMPORT, P.CASE_CREATE, P.APPLICATION_EDIT, P.BORROWER_EDIT}),
    "system:clock": frozenset({P.CASE_EXPIRE}),
    "system:leaving": frozenset({P.CASE_REASSIGN}),
    "system:process": frozenset({P.APPROVAL_AMEND}),
    "system:closing": frozenset({P.LOAN_CLOSE}),
    "system:bank": frozenset({P.PAYMENT_CONFIRM}),
    "system:payments": frozenset({P.PAYMENT_CONFIRM}),
}
# fmt: on

# "Who administers people or policies neither approves nor pays": no person may hold one of each. Verifying that the
# conditions are met is the last look before money, and counts as paying.
ADMINISTERING = frozenset(
    {
        P.PEOPLE_INVITE,
        P.BRANCH_MANAGE,
        P.ROLE_GRANT,
        P.ROLE_APPROVE,
        P.POLICY_MANAGE,
        P.PAYING_ACCOUNT_MANAGE,
    }
)
APPROVING_OR_PAYING = frozenset({
    P.APPROVAL_SIGN, P.APPROVAL_DECLINE, P.APPROVAL_AMEND, P.APPROVAL_WAIVE, P.PAYMENT_PREPARE, P.PAYMENT_RELEASE,
    P.PAYMENT_CONFIRM, P.CONDITION_VERIFY,
})  # fmt: skip

# What puts a name under something: an approval, a contract, a payment, another's power; or is the second hand of two that
# nothing brings back: collateral given away, money called received, a borrower forgotten, the log shown in clear or retired.
SIGNING = frozenset({
    P.APPROVAL_SIGN, P.APPROVAL_AMEND, P.APPROVAL_WAIVE, P.CONTRACT_SIGN, P.PAYMENT_RELEASE, P.ROLE_APPROVE, P.ROLE_ENDORSE,
    P.ROLE_CONFIRM, P.COLLATERAL_RELEASE, P.REPAYMENT_CHECK, P.FORGET_APPROVE, P.AUDIT_UNMASK, P.AUDIT_RETIRE,
})  # fmt: skip

# Closed for a time after a lost factor: signing, paying and all that counts as it, what gives others an account, a role or a
# place, and carrying the log away.
HELD_BACK = SIGNING | APPROVING_OR_PAYING | ADMINISTERING | {P.AUDIT_EXPORT}

# Done from the networks that ``LOANFLOW_ADMIN_NETWORKS`` names, where it names any: people, roles, places, products, policies
# and what everybody reads. Suspending somebody is not among it: that may have to happen from anywhere.
FROM_INSIDE = ADMINISTERING | {P.PRODUCT_MANAGE, P.REASON_MANAGE, P.PORTAL_MANAGE, P.ANNOUNCE, P.RETENTION_MANAGE}


def permissions_of(roles: Iterable[str]) -> frozenset[P]:
    """Everything that a set of roles may do; raises ``ValueError`` for a role that does not exist."""
    return frozenset(permission for role in roles for permission in ROLE_TABLE[Role(role)])


def permissions_by(held: HeldRole) -> frozenset[P]:
    """What a role may do as it is held: bound to engagements, no more than ``WITHIN_ENGAGEMENT``."""
    permissions = ROLE_TABLE[Role(held.role)]
    return permissions & WITHIN_ENGAGEMENT if held.engaged else permissions


def permissions_held(held: Iterable[HeldRole]) -> frozenset[P]:
    """Everything that somebody may do with the roles that they hold."""
    return frozenset(permission for role in held for permission in permissions_by(role))


def roles_with(permission: P) -> tuple[Role, ...]:
    """Roles that hold a permission, in the order of the table."""
    return tuple(role for role, held in ROLE_TABLE.items() if permission in held)


def who_can(permission: P) -> str:
    """Words for a refusal: the roles that may, such as ``Approver, level 1 · Approver, level 2``."""
    return " · ".join(str(role.label) for role in roles_with(permission))


def incompatible(roles: Iterable[str]) -> tuple[Role, Role] | None:
    """First pair of roles of which one administers and the other approves or pays, or ``None``."""
    held = [Role(role) for role in roles]
    administering = [role for role in held if ROLE_TABLE[role] & ADMINISTERING]
    acting = [role for role in held if ROLE_TABLE[role] & APPROVING_OR_PAYING]
    return (administering[0], acting[0]) if administering and acting else None
