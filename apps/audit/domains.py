"""Whose events they are: the domain of every action, in one table. Who administers people reads no borrower's events.

An action belongs to the domain of its app, unless a line of its own says otherwise. Refusals are named by the permission or
the service that was refused, so they go with the app too. What no line tells of is for readers of everything alone.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.db.models import Q, TextChoices
from django.utils.translation import gettext_lazy as _

from apps.audit.tags import Tag


class Domain(TextChoices):
    """What events are about, as far as it decides who reads them."""

    SIGN_IN = "sign_in", _("Sign-in")
    PEOPLE = "people", _("Accounts and branches")
    ACCESS = "access", _("Roles and access")
    KEYS = "keys", _("Keys")
    LOG = "log", _("The log itself")
    RUNNING = "running", _("Running and monitoring")
    SETTINGS = "settings", _("Products, policies and other settings")
    BORROWERS = "borrowers", _("Borrowers and their data")
    CASES = "cases", _("Cases")
    MONEY = "money", _("Payments and loans")


AREAS: Mapping[str, Domain] = {
    "vault": Domain.KEYS,
    "audit": Domain.LOG,
    "accounts": Domain.PEOPLE,
    "access": Domain.ACCESS,
    "borrowers": Domain.BORROWERS,
    "workflow": Domain.CASES,
    "applications": Domain.CASES,
    "credit_review": Domain.CASES,
    "collateral": Domain.CASES,
    "approval": Domain.CASES,
    "disbursement": Domain.MONEY,
    "post_loan": Domain.MONEY,
    "console": Domain.RUNNING,
    "monitoring": Domain.RUNNING,
    "reports": Domain.CASES,
    "portal": Domain.BORROWERS,
    "api": Domain.CASES,
}
"""The domain of an app's actions."""

_ELSEWHERE: Mapping[Domain, tuple[Tag, ...]] = {
    Domain.SIGN_IN: (
        Tag.ENROLLED, Tag.PASSWORD_PROVED, Tag.PROVIDER_PROVED, Tag.SIGNED_IN, Tag.SIGNED_OUT, Tag.SIGN_IN_FAILED, Tag.LOCKED_OUT,
        Tag.FACTOR_RESET_ASKED, Tag.FACTOR_RESET_STARTED, Tag.FACTOR_RESET_STOPPED, Tag.FACTORS_RESET,
        Tag.LOCK_LIFTED, Tag.FACTOR_ADDED, Tag.FACTOR_PROVED, Tag.FACTOR_FAILED, Tag.CODE_SENT, Tag.RECOVERY_CODES_MADE,
        Tag.RECOVERY_CODE_USED, Tag.PASSWORD_CHANGED, Tag.SESSION_ENDED,
        Tag.SESSIONS_ENDED, Tag.SESSION_MOVED,
    ),
    Domain.KEYS: (Tag.SIGNING_KEY_MADE, Tag.SIGNING_KEY_ROTATED, Tag.RECIPIENT_ADDED, Tag.RECIPIENT_RETIRED),
    Domain.SETTINGS: (
        Tag.PRODUCT_CHANGED, Tag.REASON_CHANGED, Tag.POLICY_ACTIVATED, Tag.CONDITION_LISTED, Tag.RETENTION_SET,
        Tag.PAYING_ACCOUNT_ENTERED, Tag.PAYING_ACCOUNT_CONFIRMED, Tag.PAYING_ACCOUNT_REJECTED, Tag.ANNOUNCED,
        Tag.ANNOUNCEMENT_CHANGED, Tag.ANNOUNCEMENT_ENDED,
    ),
    Domain.LOG: (Tag.JOB_STARTED,),  # once it told of exports as well: which events an auditor wants, and why
    Domain.BORROWERS: (Tag.FILE_OPENED, Tag.REVEALED, Tag.VALUES_OPENED),
    Domain.CASES: (Tag.FILTER_SAVED, Tag.FILTER_DELETED, Tag.NEWS_SEEN),
}  # fmt: skip
OWN: Mapping[str, Domain] = {tag.value: domain for domain, tags in _ELSEWHERE.items() for tag in tags}
"""Actions that do not go with their app."""


def domain_of(action: str) -> Domain | None:
    """The domain of an action; ``None`` for one that no line tells of."""
    return OWN.get(action) or AREAS.get(action.partition(".")[0])


def area(name: str) -> Q:
    """Actions of one app, as a range that the index on actions serves ("/" follows ".")."""
    return Q(action__gt=f"{name}.", action__lt=f"{name}/")


def within(domains: Collection[str]) -> Q:
    """Events of some domains, as a condition."""
    areas = [name for name, domain in AREAS.items() if domain in domains]
    condition = Q(action__in=[action for action, domain in OWN.items() if domain in domains])
    for name in areas:
        condition |= area(name)
    elsewhere = [action for action, domain in OWN.items() if domain not in domains]
    return condition & ~Q(action__in=elsewhere)
