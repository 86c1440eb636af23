"""Writes of borrowers: each authorised on the borrower, in one act, recorded."""

from apps.borrowers.services.accounts import bank_account_add, bank_account_close, bank_account_verify
from apps.borrowers.services.business import borrower_create, borrower_update, group_assign, group_create
from apps.borrowers.services.entering import business_enter, claim_confirm
from apps.borrowers.services.forgetting import forget_approve, forget_ask, forget_refuse
from apps.borrowers.services.freezing import borrower_freeze, borrower_unfreeze, group_freeze, group_unfreeze
from apps.borrowers.services.keeping import hold_lift, hold_place, retention_set
from apps.borrowers.services.people import interest_add, interest_end, party_add, party_update
from apps.borrowers.services.portal import access_end, access_give, portal_invite, portal_reinvite
from apps.borrowers.services.revealing import REVEALABLE, borrower_opened, reveal
from apps.borrowers.services.ties import tie_declare, tie_end

__all__ = [
    "REVEALABLE",
    "access_end",
    "access_give",
    "bank_account_add",
    "bank_account_close",
    "bank_account_verify",
    "borrower_create",
    "borrower_freeze",
    "borrower_opened",
    "borrower_unfreeze",
    "borrower_update",
    "business_enter",
    "claim_confirm",
    "forget_approve",
    "forget_ask",
    "forget_refuse",
    "group_assign",
    "group_create",
    "group_freeze",
    "group_unfreeze",
    "hold_lift",
    "hold_place",
    "interest_add",
    "interest_end",
    "party_add",
    "party_update",
    "portal_invite",
    "portal_reinvite",
    "retention_set",
    "reveal",
    "tie_declare",
    "tie_end",
]
