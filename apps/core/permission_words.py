"""Words for every permission, for the page that says who may do what."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.core.permissions import Permission

P = Permission
GROUPS: dict[str, Any] = {
    "accounts": _("People and branches"), "access": _("Roles and rights"), "audit": _("The log"), "borrowers": _("Borrowers"),
    "workflow": _("Cases"), "applications": _("Intake"), "credit_review": _("Credit review"), "collateral": _("Collateral"),
    "approval": _("Approval"), "disbursement": _("Contract and payout"), "post_loan": _("Running loans"), "reports": _("Reports"),
    "portal": _("The portal"),
}  # fmt: skip
"""Words of the apps that permissions belong to."""

WORDS: dict[Permission, Any] = {
    P.PEOPLE_VIEW: _("See people and their roles"), P.PEOPLE_INVITE: _("Invite people"), P.PEOPLE_SUSPEND: _("Suspend and restore people"),
    P.BRANCH_MANAGE: _("Open and change branches"), P.ROLE_GRANT: _("Give roles"), P.ROLE_APPROVE: _("Approve roles that another gave"),
    P.ROLE_ENDORSE: _("Agree to a powerful role as the lead"), P.ROLE_CONFIRM: _("Agree to a powerful role for compliance or security"),
    P.RIGHT_HAND_OVER: _("Hand a right to a deputy for a time, or be one"),
    P.RIGHT_ASK: _("Ask for a right, and answer what one's own people ask for"),
    P.ROLE_FOUND: _("Give the first roles"), P.MATRIX_VIEW: _("See the table of roles"), P.OBJECT_GRANT: _("Share a case, or keep somebody off it"),
    P.SIGHT_VIEW: _("See who can see a case"), P.ENGAGEMENT_MANAGE: _("Make and agree audit engagements"),
    P.AUDIT_VIEW: _("Read the log"), P.AUDIT_EXPORT: _("Export the log"), P.AUDIT_VERIFY: _("Verify the log"), P.AUDIT_REVIEW: _("Review the log, as one of two"),
    P.AUDIT_UNMASK: _("Agree that another's export of the log shows data in clear"),
    P.AUDIT_RETIRE: _("Let a stretch of the log retire, as one of two"),
    P.BORROWER_VIEW: _("See borrowers, masked"), P.BORROWER_EDIT: _("Enter and change borrowers"), P.BORROWER_REVEAL: _("Show masked data in clear, with a purpose"),
    P.BORROWER_FREEZE: _("Freeze a borrower, declare ties"), P.BORROWER_INVITE: _("Give access to the portal"),
    P.PRIVACY_VIEW: _("See what is kept and for how long"), P.HOLD_MANAGE: _("Place a legal hold, or lift another's"),
    P.FORGET_ASK: _("Ask that a borrower be forgotten"), P.FORGET_APPROVE: _("Approve that a borrower is forgotten"),
    P.RETENTION_MANAGE: _("Say how long data are kept"),
    P.PRODUCT_MANAGE: _("Manage products"), P.REASON_MANAGE: _("Manage reasons"), P.PROCESS_VIEW: _("See the process"), P.CASE_VIEW: _("See cases"),
    P.CASE_CREATE: _("Open a case"), P.CASE_IMPORT: _("Import cases"), P.CASE_CLAIM: _("Take a case"), P.CASE_REASSIGN: _("Hand a case to another"),
    P.CASE_FREEZE: _("Freeze a case, or lift another's freeze"), P.CASE_URGENT: _("Put a case on the urgent lane"),
    P.CASE_WITHDRAW: _("Enter a borrower's withdrawal"), P.CASE_EXPIRE: _("Let cases expire"), P.CASE_REOPEN: _("Reopen an ended case"),
    P.CASE_ASK: _("Ask the borrower or a colleague"), P.CASE_ANSWER: _("Enter a borrower's answer"), P.CASE_MESSAGE: _("Write on a case"),
    P.APPLICATION_EDIT: _("Work on an application"), P.APPLICATION_SUBMIT: _("Submit an application"), P.APPLICATION_ACCEPT: _("Accept an application for review"),
    P.APPLICATION_KNOCK_OUT: _("Decline on a rule of the policy"), P.APPLICATION_CORRECT: _("Correct a submitted application"),
    P.DOCUMENT_VIEW: _("Open documents"), P.DOCUMENT_ADD: _("Add documents"), P.VISIT_REPORT: _("Report a visit"), P.IDENTITY_CHECK: _("Check identities"),
    P.CREDIT_VIEW: _("See the credit review"), P.CREDIT_EDIT: _("Work on the credit review"), P.CREDIT_RECOMMEND: _("Recommend a loan"),
    P.CREDIT_DECLINE: _("Decline after review"), P.CASE_SEND_BACK: _("Send a case back"), P.COLLATERAL_VIEW: _("See collateral"),
    P.COLLATERAL_EDIT: _("Work on collateral"), P.COLLATERAL_CONFIRM: _("Confirm collateral"), P.COLLATERAL_RELEASE: _("Release collateral"),
    P.APPROVAL_VIEW: _("See memos, offers and letters"), P.APPROVAL_SIGN: _("Sign a loan"), P.APPROVAL_DECLINE: _("Decline a loan, or refer it higher"),
    P.APPROVAL_RETURN: _("Return a case to an earlier stage"), P.APPROVAL_AMEND: _("Amend or revoke an approval"), P.APPROVAL_WAIVE: _("Waive or defer a condition"),
    P.DECISION_REVIEW: _("Look at a decision again"), P.OFFER_ACCEPT: _("Enter a borrower's answer to an offer"), P.POLICY_MANAGE: _("Lay down the credit policy"),
    P.CONTRACT_MANAGE: _("Draw up contracts"), P.CONTRACT_SIGN: _("Sign contracts for the bank"), P.CONDITION_EVIDENCE: _("Bring evidence for conditions"),
    P.CONDITION_VERIFY: _("Accept evidence for conditions"), P.PAYMENT_VIEW: _("See payments"), P.PAYMENT_PREPARE: _("Prepare payments"),
    P.PAYMENT_RELEASE: _("Release payments"), P.PAYMENT_CONFIRM: _("Take in the bank's answers"), P.PAYING_ACCOUNT_MANAGE: _("Manage accounts to pay from"),
    P.LOAN_VIEW: _("See loans"), P.REPAYMENT_POST: _("Enter repayments"), P.REPAYMENT_CHECK: _("Check repayments"), P.LOAN_CLOSE: _("Close loans"),
    P.REPORT_VIEW: _("See reports"), P.PORTAL_USE: _("Use the portal for one's own business"), P.PORTAL_MANAGE: _("Open the portal for registration"),
    P.ANNOUNCE: _("Write announcements"), P.DATA_REQUEST_DECIDE: _("Answer requests for data"),
}  # fmt: skip
"""Words of each permission, as one would say what somebody may do."""
