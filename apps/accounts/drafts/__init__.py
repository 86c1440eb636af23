"""Drafts of forms: kept for the account that types, at the form's address, for thirty days at most.

Offers the store that core's forms keep them in. Never decides who may: the page itself does, before anything is kept.
"""

from apps.accounts.drafts.services import drafts_expire
from apps.accounts.drafts.store import Drafts

__all__ = ["Drafts", "drafts_expire"]
