"""Every permission, named once. A role table in ``apps.access.roles`` says who holds which."""

from __future__ import annotations

from enum import StrEnum


class Permission(StrEnum):
    """Permission names ``app.verb``; unknown names raise, a permission without a policy denies."""

    PEOPLE_VIEW = "accounts.people_view"
    PEOPLE_INVITE = "accounts.people_invite"
    PEOPLE_SUSPEND = "accounts.people_suspend"
    BRANCH_MANAGE = "accounts.branch_manage"
    ROLE_GRANT = "access.role_grant"
    ROLE_APPROVE = "access.role_approve"
    ROLE_FOUND = "access.role_found"
    MATRIX_VIEW = "access.matrix_view"
    OBJECT_GRANT = "access.object_grant"

    AUDIT_VIEW = "audit.view"
    AUDIT_EXPORT = "audit.export"
    AUDIT_VERIFY = "audit.verify"

    BORROWER_VIEW = "borrowers.view"
    BORROWER_EDIT = "borrowers.edit"
    BORROWER_REVEAL = "borrowers.reveal"
    BORROWER_FREEZE = "borrowers.freeze"
    BORROWER_INVITE = "borrowers.invite"

    PRODUCT_MANAGE = "workflow.product_manage"
    REASON_MANAGE = "workflow.reason_manage"
    PROCESS_VIEW = "workflow.process_view"
    CASE_VIEW = "workflow.view"
    CASE_CREATE = "workflow.create"
    CASE_IMPORT = "workflow.import"
    CASE_CLAIM = "workflow.claim"
    CASE_REASSIGN = "workflow.reassign"
    CASE_FREEZE = "workflow.freeze"
    CASE_URGENT = "workflow.urgent"
    CASE_WITHDRAW = "workflow.withdraw"
    CASE_EXPIRE = "workflow.expire"
    CASE_REOPEN = "workflow.reopen"
    CASE_ASK = "workflow.ask"
    CASE_ANSWER = "workflow.answer"
    CASE_MESSAGE = "workflow.message"

    APPLICATION_EDIT = "applications.edit"
    APPLICATION_SUBMIT = "applications.submit"
    APPLICATION_ACCEPT = "applications.accept"
    APPLICATION_KNOCK_OUT = "applications.knock_out"
    APPLICATION_CORRECT = "applications.correct"
    DOCUMENT_VIEW = "applications.document_view"
    DOCUMENT_ADD = "applications.document_add"
    VISIT_REPORT = "applications.visit_report"
    IDENTITY_CHECK = "applications.identity_check"

    CREDIT_VIEW = "credit_review.view"
    CREDIT_EDIT = "credit_review.edit"
    CREDIT_RECOMMEND = "credit_review.recommend"
    CREDIT_DECLINE = "credit_review.decline"
    CASE_SEND_BACK = "workflow.send_back"

    COLLATERAL_VIEW = "collateral.view"
    COLLATERAL_EDIT = "collateral.edit"
    COLLATERAL_CONFIRM = "collateral.confirm"
    COLLATERAL_RELEASE = "collateral.release"

    APPROVAL_VIEW = "approval.view"
    APPROVAL_SIGN = "approval.sign"
    APPROVAL_DECLINE = "approval.decline"
    APPROVAL_RETURN = "approval.return"
    APPROVAL_AMEND = "approval.amend"
    APPROVAL_WAIVE = "approval.waive"
    OFFER_ACCEPT = "approval.offer_accept"
    POLICY_MANAGE = "approval.policy_manage"

    CONTRACT_MANAGE = "disbursement.contract_manage"
    CONTRACT_SIGN = "disbursement.contract_sign"
    CONDITION_EVIDENCE = "disbursement.condition_evidence"
    CONDITION_VERIFY = "disbursement.condition_verify"
    PAYMENT_VIEW = "disbursement.payment_view"
    PAYMENT_PREPARE = "disbursement.payment_prepare"
    PAYMENT_RELEASE = "disbursement.payment_release"
    PAYMENT_CONFIRM = "disbursement.payment_confirm"
    PAYING_ACCOUNT_MANAGE = "disbursement.paying_account_manage"

    LOAN_VIEW = "post_loan.view"
    REPAYMENT_POST = "post_loan.repayment_post"
    REPAYMENT_CHECK = "post_loan.repayment_check"
    LOAN_CLOSE = "post_loan.close"

    REPORT_VIEW = "reports.view"
    PORTAL_USE = "portal.use"
