"""The store that core's forms keep drafts in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import BigIntegerField, CharField, DateTimeField

from apps.accounts.drafts import services
from apps.accounts.models import Draft
from apps.core import clock
from apps.core.actor import Actor
from apps.core.drafting import Kept
from apps.core.prepared import Prepared

_KEPT: Prepared[Draft] = Prepared(
    lambda account, place, since: Draft.objects.filter(account_id=account, place=place, kept_at__gte=since)[:1],
    {"account": BigIntegerField(), "place": CharField(), "since": DateTimeField()},
)


class Drafts:
    """Drafts of the account that acts, each by the address of its form."""

    def found(self, actor: Actor, address: str) -> Kept | None:
        """Return the draft that is there and not too old; nothing of it is opened yet."""
        place, since = services.place_of(address), clock.now() - services.LIFE
        draft = _KEPT.first(account=actor.account_id or 0, place=place, since=since)
        return None if draft is None else _kept(draft)

    def keep(
        self, actor: Actor, address: str, *, route: str, values: Mapping[str, Any], basis: str, version: int | None,
        about: Mapping[str, Any] | None = None,
    ) -> Kept:  # fmt: skip
        """Keep a draft."""
        draft = services.draft_keep(
            actor=actor, address=address, route=route, values=values, basis=basis, version=version, about=about
        )
        return _kept(draft)

    def drop(self, actor: Actor, address: str, version: int | None = None) -> None:
        """Delete a draft."""
        services.draft_drop(actor=actor, address=address, version=version)


def _kept(draft: Draft) -> Kept:
    return Kept(draft.version, draft.kept_at, draft.basis, lambda: dict(draft.body.reveal()))
