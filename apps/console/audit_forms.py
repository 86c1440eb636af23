"""Forms of the audit explorer: what is asked of the log, and what an export of it is for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.access.roles import Role
from apps.accounts.models import Branch
from apps.audit import pins
from apps.audit.body import Purpose
from apps.audit.domains import Domain
from apps.audit.recipients import recipient_of
from apps.audit.selectors import KINDS, OUTCOMES, WHOLE_LOG, EventFilter, Scope
from apps.audit.tags import Tag
from apps.audit.touched import key_of
from apps.borrowers.models import Borrower
from apps.console.audit_fields import parted
from apps.console.people_forms import BranchChoice
from apps.core.errors import BadInput
from apps.core.forms import CleanForm, DayField
from apps.core.labels import labelled, listed
from apps.workflow.models import LoanCase

WORD = r"\A[A-Za-z0-9_.:/@+-]+\Z"
AREAS = {
    "vault": _("Keys and secrets"), "audit": _("Audit log"), "accounts": _("Accounts"), "access": _("Roles and access"),
    "borrowers": _("Borrowers"), "workflow": _("Cases"), "applications": _("Applications"),
    "credit_review": _("Credit review"), "collateral": _("Collateral"), "approval": _("Approval"),
    "disbursement": _("Disbursement"), "post_loan": _("Loans"), "console": _("Back office"), "reports": _("Reports"),
    "portal": _("Portal"), "api": _("API"),
}  # fmt: skip
LONGEST_NUMBER = 18  # digits that every database takes
MOST_CASES = 500
MOST_OF_HEADS = 1 << 20  # bytes
EARLIEST, LATEST = dt.date(2000, 1, 1), dt.date(2199, 12, 31)
FORMATS = [
    ("csv", _("CSV, for people")), ("xlsx", _("Workbook (XLSX), for people")),
    ("jsonl", _("JSON lines, for machines")), ("bundle", _("Evidence bundle, to be verified offline")),
]  # fmt: skip
PURPOSES = [
    ("supervision", _("Supervisor's or regulator's request")),
    ("internal_audit", _("Internal audit")),
    ("investigation", _("Investigation of an incident")),
    ("complaint", _("Complaint of a borrower")),
    ("other", _("Another purpose, stated below")),
]


def _word(label: Any, help_text: Any = "") -> forms.RegexField:
    """A reference, handle or code: what may be searched for is never a name, because the question goes on record."""
    return forms.RegexField(
        WORD, label=label, max_length=80, required=False, help_text=help_text,
        error_messages={"invalid": _("Enter a reference, handle or code: Latin letters, digits and . : / @ + - _")},
    )  # fmt: skip


def _any(label: Any, words: Any, choices: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, required=False, choices=lambda: [("", words), *choices])


def _day(label: Any) -> DayField:
    return DayField(label=label, required=False, validators=[MinValueValidator(EARLIEST), MaxValueValidator(LATEST)])


def _actions() -> list[tuple[Any, list[tuple[str, Any]]]]:
    """Actions by app; the first of each group stands for all of it."""
    groups: dict[str, list[tuple[str, Any]]] = {}
    for tag in Tag:
        area = tag.value.partition(".")[0]
        groups.setdefault(area, [(f"{area}.", _("All of this group"))]).append((tag.value, tag.label))
    return [(AREAS.get(area, area), choices) for area, choices in groups.items()]


class AuditFilterForm(CleanForm):
    """What the log is narrowed to."""

    about = _word(_("Case, borrower or object"))
    actor = _word(_("Person (handle)"))
    role = _any(_("Role"), _("Any role"), [(role.value, role.label) for role in Role])
    branch = BranchChoice(label=_("Branch"), empty_label=_("All branches"))
    action = _any(_("Action"), _("Any action"), _actions())
    outcome = _any(_("Outcome"), _("Any outcome"), OUTCOMES.items())
    kind = _any(_("Acts and looks"), _("Acts and looks"), KINDS.items())
    since = _day(_("From day"))
    until = _day(_("To day"))
    purpose = _word(_("Purpose code"))
    address = _word(_("Network address"))
    request = _word(_("Request number"))

    def clean(self) -> dict[str, Any]:
        """Refuse a stretch of time that ends before it begins."""
        cleaned = super().clean() or {}
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and until < since:
            self.add_error("until", _("The last day lies before the first."))
        return cleaned

    def asked(self, scope: Scope) -> EventFilter:
        """Return the question of a reader of a part of the log; only for a valid form."""
        data = self.cleaned_data
        same = ("actor", "role", "action", "outcome", "kind", "purpose", "address", "request")
        until = data["until"]
        return EventFilter(
            **{name: data[name] for name in same}, **about(data["about"], scope),
            branch=data["branch"].pk if data["branch"] else None,
            since=_midnight(data["since"]), until=_midnight(until + dt.timedelta(days=1) if until else None),
        )  # fmt: skip


def about(text: str, scope: Scope = WHOLE_LOG) -> dict[str, Any]:
    """Tell an object's key and a borrower's number from a case's reference; a borrower's number reaches their cases too.

    Documents, loans and whatever else belongs to a case carry its reference, so they are found with it. Cases of branches
    beyond the reader's scope are left out: the question is told in a manifest.
    """
    if text.isdigit() and len(text) <= LONGEST_NUMBER:
        cases = LoanCase.objects.filter(borrower_id=int(text))
        cases = cases.filter(scope.of_rows(branch="branch", number="number"))
        numbers = cases.order_by("-pk").values_list("number", flat=True)
        return {"object": key_of(Borrower, text), "cases": tuple(numbers[:MOST_CASES])}
    return {"object" if ":" in text else "case": text} if text else {}


def _midnight(day: dt.date | None) -> dt.datetime | None:
    return timezone.make_aware(dt.datetime.combine(day, dt.time())) if day else None


OTHER_NAMES = {"object": _("Object"), "cases": _("Cases"), "case": _("Case"), "person": _("Person")}


def _read(file: Any) -> str:
    """Text of a file of heads, no more than is taken; raises ``ValueError`` for what is no text."""
    return str(file.read(MOST_OF_HEADS).decode())


def filter_words(asked: EventFilter, scope: Scope, places: Mapping[int, str]) -> str:
    """Say which events are asked for: the filters by their labels, and every part of the log that bounds them, branches by name."""
    labels = {**{name: field.label for name, field in AuditFilterForm.base_fields.items()}, **OTHER_NAMES}
    said = [labelled(labels.get(name, name), text) for name, text in asked.asked().items()]
    parts = [words for part in scope.parts if (words := parted(_part_words(part, places)))]
    if len(parts) == len(scope.parts):  # else one of them has no bounds, and the others add nothing to it
        said.append(f" {gettext('and beside it')} ".join(parts))
    return parted(said) or gettext("the whole log")


def _part_words(part: Scope, places: Mapping[int, str]) -> Iterator[str]:
    """The bounds of one part; places widen each other."""
    if part.is_local:
        named = [places.get(one, str(one)) for one in sorted(part.branches or ())]
        named += [*sorted(part.cases or ()), *sorted(part.objects or ())]
        label = gettext("Branches") if part.branches and not (part.cases or part.objects) else gettext("Places")
        yield labelled(label, listed(named) or gettext("none"))
    if part.domains is not None:
        labels = [str(each.label) for each in Domain if each.value in part.domains]
        yield labelled(gettext("Domains"), listed(labels) or gettext("none"))
    if part.areas is not None:
        labels = [str(words) for name, words in AREAS.items() if name in part.areas]
        yield labelled(gettext("Areas"), listed(labels) or gettext("none"))
    for word, moment in ((_("From"), part.since), (_("Before"), part.until)):
        if moment is not None:
            yield labelled(word, f"{timezone.localtime(moment):%Y-%m-%d %H:%M}")


def places_of(scopes: Iterable[Scope]) -> dict[int, str]:
    """Names of the branches that parts of the log are bounded by; one query."""
    wanted = {branch for scope in scopes for part in scope.parts for branch in part.branches or ()}
    return dict(Branch.objects.filter(pk__in=wanted).values_list("pk", "name"))


class SaveFilterForm(CleanForm):
    """A name for a filter."""

    name = forms.CharField(
        label=_("Name of the filters"), max_length=60, help_text=_("Only you see it. Write no personal data here."),
    )  # fmt: skip


class AuditExportForm(AuditFilterForm):
    """The same question, as a file, for a purpose."""

    halves = tuple(AuditFilterForm.base_fields)
    sections = (
        (_("What for"), ("format", "reason", "words")),
        (_("Who can open it"), ("recipient", "in_clear")),
        (_("For an evidence bundle"), ("heads", "heads_file")),
        (_("Which events"), tuple(AuditFilterForm.base_fields)),
    )
    format = forms.ChoiceField(label=_("Format"), choices=FORMATS, initial="csv")
    reason = forms.ChoiceField(label=_("Purpose of the export"), choices=[("", _("Choose one")), *PURPOSES])
    words = forms.CharField(
        label=_("In your words"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Recorded with the export and written into its manifest. Write no personal data here."),
    )  # fmt: skip
    recipient = forms.CharField(
        label=_("Encrypt to"), max_length=100, required=False, widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=_("An age recipient (age1…): only whoever holds its private key can open the export. Yours stands here once you have registered it under My account. Empty: it is not encrypted."),
    )  # fmt: skip
    in_clear = forms.BooleanField(
        label=_("With the values in clear"), required=False,
        help_text=_("Personal data that the log only commits to is opened. Needs a recipient, and another person who agrees."),
    )  # fmt: skip
    heads = forms.CharField(
        label=_("Heads you kept"), max_length=200_000, required=False, strip=False,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false", "autocomplete": "off"}),
        help_text=_("For an evidence bundle: paste the signed notes of earlier heads, or choose the file that you keep them in. The bundle then shows that the log continues them, and can be verified with --pin."),
    )  # fmt: skip
    heads_file = forms.FileField(label=_("Or the file of heads"), required=False)
    sample = forms.IntegerField(required=False, min_value=1, max_value=(1 << 63) - 1, widget=forms.HiddenInput)
    field_order = ("format", "reason", "words", "recipient", "in_clear", "heads", "heads_file")

    def of_sample(self) -> AuditExportForm:
        """Take the filters out: a sample stays as it was drawn."""
        for name in AuditFilterForm.base_fields:
            del self.fields[name]
        return self

    def clean_recipient(self) -> str:
        """Return the recipient in its one spelling."""
        typed = self.cleaned_data["recipient"]
        try:
            return recipient_of(typed) if typed else ""
        except BadInput as error:
            raise forms.ValidationError(error.errors["recipient"]) from None

    def clean(self) -> dict[str, Any]:
        """Read the heads, pasted or from the file: those that this log has signed."""
        cleaned = super().clean() or {}
        file = cleaned.get("heads_file")
        text = f"{cleaned.get('heads', '')}\n\n{_read(file) if file else ''}"
        cleaned["kept"] = ()
        try:
            cleaned["kept"] = tuple(pins.kept(text)) if text.strip() else ()
        except pins.Foreign as problem:
            self.add_error(
                "heads",
                _(
                    "The log holds no head of %(size)s events like this one. If it was copied from here, the log was changed afterwards: keep it, and tell whoever supervises the institution."
                )
                % {"size": problem.size},
            )
        except ValueError:
            self.add_error(
                "heads",
                _("This is no signed note. Paste it whole, from the name of the log to the last line of signatures."),
            )
        return cleaned

    def stated(self) -> Purpose:
        """Return what the export is for; only for a valid form."""
        return Purpose(self.cleaned_data["reason"], self.cleaned_data["words"])
