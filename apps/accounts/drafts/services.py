"""Keeping, dropping and forgetting drafts. No act: nobody's duty hangs on what was not sent (docs/decisions/0020)."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from apps.accounts.drafts.subjects import Port, borrower_of
from apps.accounts.models import Account, Draft, SentForm
from apps.core import clock
from apps.core.actor import Actor
from apps.core.drafting import NewerDraft
from apps.core.errors import BadInput

LIFE = dt.timedelta(days=30)
SENT_LIFE = dt.timedelta(days=2)
LONGEST = 100_000
"""Characters of one draft: more than any form takes."""
MOST = 60
"""Drafts of one account; the oldest makes room."""


def place_of(address: str) -> str:
    """Digest of an address: it may name a case, and a draft's row need not."""
    return hashlib.sha256(address.encode()).hexdigest()


def drafts_at(actor: Actor, address: str) -> QuerySet[Draft]:
    """The actor's own draft of an address, if there is one."""
    return Draft.objects.filter(account_id=actor.account_id or 0, place=place_of(address))


def draft_keep(
    *, actor: Actor, address: str, route: str, values: Mapping[str, Any], basis: str, version: int | None,
    about: Mapping[str, Any] | None = None,
) -> Draft:  # fmt: skip
    """Keep what an account has typed at an address; raises ``NewerDraft`` where another window has kept it since ``version``.

    About a borrower who is forgotten nothing is kept; their row is locked first, as a forgetting does, which then finds the draft.
    """
    if len(json.dumps(values)) > LONGEST:
        raise BadInput(_("This is too much to be kept as a draft. Send the form to keep it."))
    borrower = borrower_of(route, about or {})
    with transaction.atomic():
        if borrower is not None and Port.is_forgotten(borrower):
            raise BadInput(_("This borrower is forgotten: nothing that is typed about them is kept."))
        draft = drafts_at(actor, address).select_for_update().first()
        if draft is not None and version is not None and draft.version != version:
            raise NewerDraft(draft.kept_at)
        draft = draft or Draft(place=place_of(address), version=version or 0, **_owned(actor))
        draft.version += 1
        draft.borrower = borrower
        draft.route, draft.basis, draft.kept_at, draft.body = route, basis, clock.now(), dict(values)
        _save(draft)
    return draft


def _owned(actor: Actor) -> dict[str, Any]:
    account = Account.objects.select_related("person__key_owner").get(pk=actor.account_id or 0)
    return {"account": account, "key_owner": account.person.key_owner}


def _save(draft: Draft) -> None:
    try:
        with transaction.atomic():
            draft.save()
    except IntegrityError as twice:  # two windows at the very same moment
        raise NewerDraft(clock.now()) from twice
    kept = Draft.objects.filter(account_id=draft.account_id).order_by("-kept_at", "-pk")
    for old in kept.values_list("pk", flat=True)[MOST:]:
        Draft.objects.filter(pk=old).delete()


def draft_drop(*, actor: Actor, address: str, version: int | None = None) -> None:
    """Delete an account's draft of an address; with a ``version`` only one that is no newer."""
    mine = drafts_at(actor, address)
    (mine if version is None else mine.filter(version__lte=version)).delete()


def drafts_of_borrower_erase(borrower: int) -> int:
    """Erase what anybody has typed into forms about a borrower and not sent; returns how many drafts."""
    return Draft.objects.filter(borrower=borrower).delete()[0]


def drafts_expire(actor: Actor) -> int:
    """Forget drafts that nobody has touched for thirty days, and forms sent longer ago than two; returns how many drafts."""
    SentForm.objects.filter(sent_at__lt=clock.now() - SENT_LIFE).delete()
    return Draft.objects.filter(kept_at__lt=clock.now() - LIFE).delete()[0]
