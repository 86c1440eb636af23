"""What is typed into a form and not sent yet: which of it may be kept, and how it comes back.

Core knows nobody, so where drafts lie is a port that accounts fills; while nobody has, and for whoever is no member of staff,
forms work without drafts. A request that keeps goes to the form's own address: whoever may not open the page keeps nothing there.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlencode, urlsplit, urlunsplit

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse, QueryDict
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from apps.core import clock, times
from apps.core.actor import Actor
from apps.core.errors import LoanFlowError
from apps.core.text import whole_number

HEADER = "X-Draft"
INSTEAD = "instead"
"""Value of the header that puts this draft in the place of a newer one."""
VERSION, BASIS, DISCARD = "draft_version", "draft_basis", "draft_discard"
ASK, USE = "draft", "use"
FEW = 3
"""So many fields make a form worth a draft; so does a single box for sentences."""
NEVER = {"one-time-code", "current-password", "new-password"}
SEEN = ("version", "seen")
"""Fields that say which state of its subject a form speaks of."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A draft that is there: ``open`` decrypts what was typed, and raises where that cannot be done."""

    version: int
    at: dt.datetime
    basis: str
    open: Callable[[], Mapping[str, Any]]


class NewerDraft(LoanFlowError):
    """Another window has kept this form meanwhile; nothing was overwritten."""

    status = 409

    def __init__(self, at: dt.datetime) -> None:
        words = _("A newer draft of this form, from %(time)s, stands already: what you type here is not kept.")
        super().__init__(words % {"time": times.moment(at, clock.now())})


class Store(Protocol):
    """Where drafts lie: one for an account and an address."""

    def found(self, actor: Actor, address: str) -> Kept | None:
        """Return the draft that is there."""

    def keep(
        self, actor: Actor, address: str, *, route: str, values: Mapping[str, Any], basis: str, version: int | None,
        about: Mapping[str, Any] | None = None,
    ) -> Kept:  # fmt: skip
        """Keep a draft over the one of ``version`` (``None``: over any); raises ``NewerDraft`` or ``BadInput``.

        ``about`` are the arguments of the address: they say whom the form is about.
        """

    def drop(self, actor: Actor, address: str, version: int | None = None) -> None:
        """Delete a draft, with a ``version`` only one that is no newer."""


class Port:
    """The store; ``None`` until accounts fills it."""

    store: Store | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """What a page says of its form's draft: ``state`` is ``""`` (nothing), ``offered``, ``used`` or ``shut``."""

    version: int
    basis: str
    state: str = ""
    at: dt.datetime | None = None
    changed: bool = False
    words: str = ""


def store_of(request: HttpRequest) -> Store | None:
    """The store, for members of staff; borrowers' forms keep what is typed in the case itself."""
    actor = getattr(request, "actor", None)
    return Port.store if actor is not None and actor.is_person else None


def answered(request: HttpRequest, form: forms.Form) -> HttpResponse | None:
    """Keep what is typed where that is what the request asks for; ``None`` for every other request."""
    store = store_of(request)
    if request.method != "POST" or HEADER not in request.headers or store is None:
        return None
    values = typed(form) if is_large(form) else {}
    try:
        if not values:
            store.drop(request.actor, address_of(request), number(request.POST.get(VERSION)))  # type: ignore[attr-defined]
            return JsonResponse({"version": 0, "words": ""})
        return JsonResponse(_told(_keep(request, store, values)))
    except LoanFlowError as error:
        return JsonResponse({"words": str(error)}, status=error.status)


def _keep(request: HttpRequest, store: Store, values: Mapping[str, Any]) -> Kept:
    instead = request.headers[HEADER] == INSTEAD
    arguments = request.resolver_match.kwargs if request.resolver_match else {}
    return store.keep(
        request.actor, address_of(request),  # type: ignore[attr-defined]
        route=request.resolver_match.view_name if request.resolver_match else "", values=values,
        basis=request.POST.get(BASIS, "")[:64], version=None if instead else number(request.POST.get(VERSION)),
        about={**arguments, **request.GET.dict(), **arguments},
    )  # fmt: skip


def _told(kept: Kept) -> dict[str, Any]:
    words = _("Draft kept at %(time)s.") % {"time": times.moment(kept.at, clock.now())}
    return {"version": kept.version, "words": words}


def discarded(request: HttpRequest) -> HttpResponse | None:
    """Throw the draft away where its reader says so, and show the page without it."""
    store = store_of(request)
    if store is None or request.method != "POST" or DISCARD not in request.POST:
        return None
    store.drop(request.actor, address_of(request), number(request.POST.get(DISCARD)))  # type: ignore[attr-defined]
    return HttpResponseRedirect(address_of(request))


def shown(request: HttpRequest, form: forms.Form) -> Shown | None:
    """What the page says of a draft; one that its reader takes up is put into the form."""
    store = store_of(request)
    if store is None or not is_large(form):
        return None
    now = basis(form)
    if form.is_bound:
        return Shown(number(request.POST.get(VERSION)), now)
    kept = store.found(request.actor, address_of(request))  # type: ignore[attr-defined]
    if kept is None:
        return Shown(0, now)
    about: dict[str, Any] = {"at": kept.at, "changed": kept.basis != now}
    if request.GET.get(ASK) != USE:
        return Shown(kept.version, now, "offered", **about)
    try:
        put_in(form, kept.open())
    except LoanFlowError as error:
        return Shown(kept.version, now, "shut", words=str(error), **about)
    return Shown(kept.version, now, "used", **about)


def sent(request: HttpRequest, address: str = "") -> None:
    """Delete the draft of a form that was taken, unless another window has typed on since; it may stand at another address."""
    store = store_of(request)
    if store is not None:
        given = request.POST.get(VERSION)
        known = None if given is None else number(given)
        store.drop(request.actor, address or address_of(request), known)  # type: ignore[attr-defined]


class Several(forms.Form):
    """The forms of one page as one, for their draft: fields go by their names on the page."""

    def __init__(self, parts: Sequence[forms.BaseForm]) -> None:
        super().__init__()
        self.places = {part.add_prefix(name): (part, name) for part in parts for name in part.fields}
        self.fields = {name: part.fields[own] for name, (part, own) in self.places.items()}
        self.is_bound, self.data, self.files = parts[0].is_bound, parts[0].data, parts[0].files

    def place(self, name: str) -> tuple[forms.BaseForm, str]:
        """The form that a field belongs to, and its name there."""
        return self.places[name]

    @property
    def changed_data(self) -> list[str]:  # type: ignore[override]  # Django keeps it; here the parts do
        """Fields that differ from their first values."""
        return [name for name, (part, own) in self.places.items() if own in part.changed_data]

    def get_initial_for_field(self, field: forms.Field, field_name: str) -> Any:
        """First value of a field, which its own form knows."""
        part, own = self.places[field_name]
        return part.get_initial_for_field(field, own)


def may_keep(field: forms.Field) -> bool:
    """Tell whether a field may be kept: no password, no code, no file, nothing that the page itself carries."""
    secret = isinstance(field, forms.FileField) or isinstance(field.widget, forms.PasswordInput)
    return not (secret or field.widget.is_hidden or field.widget.attrs.get("autocomplete") in NEVER)


def is_large(form: forms.Form) -> bool:
    """Tell whether a form is worth a draft."""
    fields = [field for field in form.fields.values() if may_keep(field)]
    return len(fields) >= FEW or any(isinstance(field.widget, forms.Textarea) for field in fields)


def typed(form: forms.Form) -> dict[str, Any]:
    """What differs from the form's first values, as it was typed."""
    return {
        name: form.fields[name].widget.value_from_datadict(form.data, form.files, form.add_prefix(name))
        for name in form.changed_data
        if may_keep(form.fields[name])
    }


def put_in(form: forms.Form, values: Mapping[str, Any]) -> None:
    """Put a draft on top of the form's first values; fields that it has no more are left out."""
    fields = {name for name, field in form.fields.items() if may_keep(field)}
    for name in fields & set(values):
        part, own = form.place(name) if isinstance(form, Several) else (form, name)
        part.initial[own] = values[name]


def basis(form: forms.Form) -> str:
    """A fingerprint of what the form's first values rest on, to tell later whether that has changed."""
    marks = [name for name in SEEN if name in form.fields] if "version" in form.fields else []
    names = marks or [name for name, field in form.fields.items() if may_keep(field)]
    first = {name: form.get_initial_for_field(form.fields[name], name) for name in names}
    steady = [(name, str(value)) for name, value in first.items() if not isinstance(value, (dt.date, dt.time))]
    return salted_hmac("loanflow.draft", repr(steady), algorithm="sha256").hexdigest()


def number(given: str | None) -> int:
    """A version as a page carries it; anything that is none counts as 0."""
    return whole_number(given or "") or 0


def address_of(request: HttpRequest) -> str:
    """Where a form stands: path and query, for a new application may be one of a known business."""
    return again(request.get_full_path(), use=False)


def again(address: str, *, use: bool = True) -> str:
    """The address that shows the same page with its draft put in, or without it."""
    parts = urlsplit(address)
    query = QueryDict(parts.query, mutable=True)
    query.setlist(ASK, [USE] if use else [])
    return urlunsplit(parts._replace(query=urlencode(list(query.lists()), doseq=True)))
