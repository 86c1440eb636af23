"""Drafts of forms: kept for the account that types, at the form's address, for thirty days at most.

Offers the stores that core's forms keep them in, and in which a form that was sent twice is found out. Never decides who may: the page itself does, before anything is kept.
"""

from apps.accounts.drafts.claims import SentForms
from apps.accounts.drafts.services import drafts_expire, drafts_of_borrower_erase
from apps.accounts.drafts.store import Drafts

__all__ = ["Drafts", "SentForms", "drafts_expire", "drafts_of_borrower_erase"]
