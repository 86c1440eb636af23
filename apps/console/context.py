"""What the frame of every page shows: places, who is signed in, how fresh the second factor is. Asked for only when drawn."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import get_script_prefix
from django.utils.text import capfirst
from django.utils.translation import get_language_info
from django.utils.translation import gettext as _

from apps.access.delegations import Standing
from apps.access.roles import Role, permissions_held
from apps.access.selectors import held_names
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
    def held(self) -> frozenset[Permission]:
        """Everything that the reader may do with the roles of the moment."""
        return permissions_held(self.actor.held) if self.actor is not None else frozenset()

    @cached_property
    def frame(self) -> str:
        """All that links of the frame depend on besides the language, so that their drawing may be kept: where the
        installation lies, whether staff, a borrower or a stranger reads, and what they hold.
        """
        kind = "" if self.actor is None else self.actor.kind
        return "|".join((get_script_prefix(), settings.ROOT_URLCONF, kind, *sorted(self.held)))

    @cached_property
    def languages(self) -> list[tuple[str, str]]:
        """Codes of the languages with the name that each has in itself."""
        return [(code, capfirst(str(get_language_info(code)["name_local"]))) for code, _name in settings.LANGUAGES]

    @cached_property
    def nav(self) -> list[navigation.Entry]:
        """Entries of the bar, with the number of cases that wait for the actor."""
        if self.actor is None or not self.signed_in:
            return []
        found = navigation.entries(self.held, self.request.path, portal=self.actor.is_borrower)
        for entry in found:
            if entry.count:
                entry.count = work.held_count(self.actor)
        return found

    @property
    def deputising(self) -> Standing | None:
        """The right of another that the reader acts with, if any."""
        found = getattr(self.request, "standing", None)
        return found if isinstance(found, Standing) else None

    @property
    def house(self) -> str:
        """Name of the institution, for its borrowers: they deal with it, and not with a program."""
        found = getattr(self.request, "house", None)
        return found.name if found is not None and self.actor is not None and self.actor.is_borrower else ""

    @property
    def search_url(self) -> str:
        """Where the search box asks; borrowers have none, nor has who sees no cases."""
        return navigation.address("console:search") if self._holds(Permission.CASE_VIEW) else ""

    @property
    def work_url(self) -> str:
        """Where the queue is, for who has one."""
        works = self._holds(Permission.CASE_CLAIM, Permission.CASE_REASSIGN)
        return navigation.address("console:work") if works else ""

    def _holds(self, *permissions: Permission) -> bool:
        """Tell whether a member of staff is signed in whose roles hold any of some permissions."""
        return self.actor is not None and self.actor.is_person and not self.held.isdisjoint(permissions)

    @property
    def new_case_url(self) -> str:
        """Where a new application is begun; ``""`` for who opens none."""
        return navigation.address("applications:new") if self._holds(Permission.CASE_CREATE) else ""

    @property
    def query(self) -> str:
        """What was searched for, on the page of its results."""
        return self.request.GET.get("q", "") if self.request.path == self.search_url else ""

    @property
    def notices_url(self) -> str:
        """Where the bell leads; borrowers have none."""
        return navigation.address("console:notices") if self._holds(Permission.CASE_VIEW) else ""

    @property
    def notice_mail_url(self) -> str:
        """Where one chooses which notices come by mail, for who gets any."""
        return navigation.address("console:notice_mail") if self.notices_url else ""

    @property
    def export_key_url(self) -> str:
        """Where one registers the key that exports are encrypted to, for who may export the log."""
        return navigation.address("accounts:export_key") if self._holds(Permission.AUDIT_EXPORT) else ""

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
        return next(iter(held_names(actor.branch_ids)), _("no branch"))

    @property
    def account_links(self) -> list[dict[str, str]]:
        """Pages of one's own account."""
        wanted = (
            ("accounts:profile", _("My account"), "user"), ("accounts:factors", _("Second factors"), "shield-lock"),
            ("accounts:sessions", _("Sessions"), "devices"),
        )  # fmt: skip
        found = [{"url": navigation.address(name), "label": label, "icon": icon} for name, label, icon in wanted]
        found += [{"url": self.notice_mail_url, "label": _("Notices by mail"), "icon": "mail-cog"}]
        return [link for link in found if link["url"]]

    @property
    def help_links(self) -> list[dict[str, str]]:
        """Pages that explain: words, the process, who may do what."""
        if self.actor is None:
            return []
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
            if needed is None or needed in self.held
        ]

    @property
    def sign_out_url(self) -> str:
        """Where the sign-out button posts."""
        return navigation.address("accounts:sign_out")
