"""What the frame of every page shows: places, who is signed in, how fresh the second factor is. Asked for only when drawn."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from apps.access.roles import Role, permissions_of
from apps.accounts.models import Branch
from apps.console import navigation
from apps.core import clock, times
from apps.core.actor import Actor
from apps.core.permissions import Permission
from apps.workflow.selectors import work


def chrome(request: HttpRequest) -> dict[str, Any]:
    """Context processor: ``chrome``, the frame of the page."""
    return {"chrome": Chrome(request)}


class Chrome:
    """The frame of one page for one request."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        actor = getattr(request, "actor", None)
        self.actor: Actor | None = actor if isinstance(actor, Actor) else None

    @property
    def signed_in(self) -> bool:
        """Tell whether a person or borrower has signed in completely."""
        return self.actor is not None and (self.actor.is_person or self.actor.is_borrower)

    @cached_property
    def nav(self) -> list[navigation.Entry]:
        """Entries of the bar, with the number of cases that wait for the actor."""
        if self.actor is None or not self.signed_in:
            return []
        held = permissions_of(self.actor.role_names)
        found = navigation.entries(held, self.request.path, portal=self.actor.is_borrower)
        for entry in found:
            if entry.count:
                entry.count = work.held_count(self.actor)
        return found

    @property
    def search_url(self) -> str:
        """Where the search box asks; borrowers have none."""
        return navigation.address("console:search") if self.actor is not None and self.actor.is_person else ""

    @property
    def new_case_url(self) -> str:
        """Where a new application is begun; ``""`` for who opens none."""
        opens = (
            self.actor is not None
            and self.actor.is_person
            and Permission.CASE_CREATE in permissions_of(self.actor.role_names)
        )
        return navigation.address("applications:new") if opens else ""

    @property
    def query(self) -> str:
        """What was searched for, on the page of its results."""
        return self.request.GET.get("q", "") if self.request.path == self.search_url else ""

    @property
    def notices_url(self) -> str:
        """Where the bell leads; borrowers have none."""
        if (
            self.actor is None
            or not self.actor.is_person
            or Permission.CASE_VIEW not in permissions_of(self.actor.role_names)
        ):
            return ""
        return navigation.address("console:notices")

    @cached_property
    def unread(self) -> int:
        """Number of unread notices, counted no further than one hundred."""
        return work.unread_count(self.actor) if self.actor is not None and self.actor.is_person else 0

    @property
    def factor_age(self) -> str:
        """How long ago a member of staff proved the second factor, in words; ``""`` when never; borrowers sign nothing off."""
        age = self.actor.factor_age(clock.now()) if self.actor is not None and self.actor.is_person else None
        return times.span(age) if age is not None else ""

    @property
    def factor_fresh(self) -> bool:
        """Tell whether acts that need a fresh factor would go through now."""
        return self.actor is not None and self.actor.is_fresh(clock.now())

    @property
    def handle(self) -> str:
        """Name of the account."""
        return self.actor.name if self.actor is not None else ""

    @property
    def initials(self) -> str:
        """First letter of the handle and the figure at its end: ``approver-07`` is ``A7``."""
        number = self.handle.rpartition("-")[2].lstrip("0")
        return f"{self.handle[:1].upper()}{number if number.isdigit() else ''}"[:3]

    @cached_property
    def role_line(self) -> str:
        """First role held, how many more, and where: ``Credit analyst · Jinan branch``."""
        if self.actor is None or not self.actor.held:
            return ""
        first, more = Role(self.actor.held[0].role).label, len(self.actor.held) - 1
        roles = f"{first} +{more}" if more else str(first)
        return roles if self.actor.is_borrower else f"{roles} · {self._where(self.actor)}"

    @staticmethod
    def _where(actor: Actor) -> str:
        if actor.everywhere:
            return _("all branches")
        top = Branch.objects.filter(pk__in=actor.branch_ids).order_by("path").values_list("name", flat=True).first()
        return top or _("no branch")

    @property
    def account_links(self) -> list[dict[str, str]]:
        """Pages of one's own account."""
        wanted = (
            ("accounts:profile", _("My account"), "user"), ("accounts:factors", _("Second factors"), "shield-lock"),
            ("accounts:sessions", _("Sessions"), "devices"),
        )  # fmt: skip
        found = [{"url": navigation.address(name), "label": label, "icon": icon} for name, label, icon in wanted]
        return [link for link in found if link["url"]]

    @property
    def help_links(self) -> list[dict[str, str]]:
        """Pages that explain: words, the process, who may do what."""
        if self.actor is None:
            return []
        held = permissions_of(self.actor.role_names)
        wanted = (
            ("portal:tour", _("Tour"), "map-route", None),
            ("console:glossary", _("Words explained"), "vocabulary", None),
            ("console:process", _("The process of a case"), "sitemap", Permission.PROCESS_VIEW),
            ("console:matrix", _("Who may do what"), "table", Permission.PROCESS_VIEW),
            ("portal:safety", _("Safety"), "shield-check", None),
        )  # fmt: skip
        return [
            {"url": navigation.address(name), "label": label, "icon": icon}
            for name, label, icon, needed in wanted
            if needed is None or needed in held
        ]

    @property
    def sign_out_url(self) -> str:
        """Where the sign-out button posts."""
        return navigation.address("accounts:sign_out")
