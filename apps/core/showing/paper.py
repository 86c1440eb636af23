"""A file as a page shows it: its pages as addresses of pictures, or why there are none.

The look is recorded when the page opens; its pictures carry a ticket of that look, so that nobody fetches pictures alone.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.core.models import Row
from apps.core.showing.drawing import CannotShow, draw, problem_of, shape_of

SALT = "loanflow.showing"
TICKET_AGE = dt.timedelta(minutes=30)
AT_ONCE = 20
NARROW, WIDE = 1200, 2000
Look = Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class PageShown:
    """One page: its number, the address of its picture, and the picture's size in pixels, so that nothing moves when it comes."""

    number: int
    url: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Paper:
    """What a page shows of a file; ``problem`` says why there are no pages."""

    problem: Any = ""
    total: int = 0
    pages: tuple[PageShown, ...] = ()
    before: int | None = None
    after: int | None = None
    wide: bool = False

    @property
    def last(self) -> int:
        """Number of the last page shown."""
        return self.pages[-1].number if self.pages else 0


def paper_of(request: HttpRequest, row: Row, *, content_type: str, look: Look, page_url: Callable[[int], str]) -> Paper:
    """The part of a file that the address asks for (``?from=21``, ``?wide=1``). ``look`` records, then returns the content."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if problem := problem_of(content_type):
        return Paper(problem)
    first, wide = _number(request.GET.get("from", "")), "wide" in request.GET
    try:
        found = shape_of(look(), content_type, width=WIDE if wide else NARROW, first=first, count=AT_ONCE)
    except CannotShow as error:
        return Paper(error.words)
    query = urlencode({"ticket": ticket_for(row, actor), **({"wide": 1} if wide else {})})
    pages = tuple(
        PageShown(at, f"{page_url(at)}?{query}", width, height) for at, (width, height) in enumerate(found.sizes, first)
    )
    end = first + len(pages)
    return Paper(
        "",
        found.pages,
        pages,
        max(1, first - AT_ONCE) if first > 1 else None,
        end if end <= found.pages else None,
        wide,
    )


def picture_of(
    request: HttpRequest, row: Row, *, content_type: str, look: Look, page: int, case_number: str
) -> HttpResponse:
    """Answer with a page's picture to who holds a ticket; ``look`` authorises, then returns the content."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    check_ticket(request.GET.get("ticket", ""), row, actor)
    width = WIDE if "wide" in request.GET else NARROW
    drawn = draw(look(), content_type, page=page, width=width, words=mark_for(actor, case_number))
    return HttpResponse(drawn, content_type="image/jpeg", headers={"Content-Disposition": "inline"})


def mark_for(actor: Actor, case_number: str) -> str:
    """Who looks, when (in the institution's zone), at which case."""
    with clock.at_home():
        now = timezone.localtime(clock.now())
    who = f"{actor.name} / {actor.on_behalf_name}" if actor.on_behalf_name else actor.name
    return f"{who} · {now:%Y-%m-%d %H:%M:%S %Z} · {case_number}"


def ticket_for(row: Row, actor: Actor) -> str:
    """Proof that the actor's session has opened the page of a row; good for half an hour."""
    return signing.TimestampSigner(salt=SALT).sign(_bound(row, actor)).partition(":")[2]


def check_ticket(ticket: str, row: Row, actor: Actor) -> None:
    """Raise ``Refused`` unless the ticket speaks of this row and this session and is young."""
    signer = signing.TimestampSigner(salt=SALT)
    try:
        signer.unsign(f"{_bound(row, actor)}:{ticket}", max_age=TICKET_AGE)
    except signing.BadSignature as bad:
        raise Refused("unopened", _("Open the document's own page first."), subject=row) from bad


def _bound(row: Row, actor: Actor) -> str:
    return "/".join([row.uuid.hex, str(actor.account_id), actor.session])


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and 0 < int(text[:6]) < 100_000 and len(text) < 6 else 1
