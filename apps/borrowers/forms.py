"""Forms of a borrower's page. Secret fields are never filled in: what is stored shows as a mask, an empty box keeps it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Language
from apps.borrowers import registry
from apps.borrowers.models import Authority, InterestKind, TieKind, VerifiedHow
from apps.borrowers.rules import AccountData, BusinessData, PartyData, account_clean, business_clean, party_clean
from apps.borrowers.writing import pack_in_use
from apps.core import clock
from apps.core.errors import BadInput
from apps.core.forms import CleanForm, DayField
from apps.core.labels import labelled
from apps.core.packs import IdentifierKind

CHOOSE = ("", _("Choose…"))


def kinds(known: Iterable[IdentifierKind]) -> list[tuple[str, Any]]:
    """Choices of kinds of identifiers."""
    return [CHOOSE, *((kind.code, kind.label) for kind in known)]


def hints(known: Iterable[IdentifierKind]) -> str:
    """What the kinds of identifiers look like, in one help text."""
    return " · ".join(labelled(kind.label, kind.hint) for kind in known if kind.module is not None)


class SecretsKept(CleanForm):
    """A form about a stored row: ``stored`` maps secret fields to their masks, shown as placeholders."""

    secrets: tuple[str, ...] = ()

    def __init__(self, *args: Any, stored: dict[str, str] | None = None, **kwargs: Any) -> None:
        self.stored = stored
        super().__init__(*args, **kwargs)
        for name in self.secrets if stored is not None else ():
            self._keep(name, (stored or {}).get(name, ""))

    def _keep(self, name: str, mask: str) -> None:
        field = self.fields[name]
        if mask:
            field.required = False
            field.widget.attrs["placeholder"] = mask
            field.help_text = _("Stored: %(mask)s. Leave it empty to keep it.") % {"mask": mask}

    def hold_to(self, rule: Callable[[], Any]) -> None:
        """Say beside the fields what the rules of the stored row will not take; what was left empty is not judged here."""
        try:
            rule()
        except BadInput as bad:
            for name, lines in bad.errors.items():
                if name in self.fields and name not in self.errors and self.data.get(self.add_prefix(name)):
                    self.add_error(name, [str(line) for line in lines])

    def changes(self) -> dict[str, Any]:
        """What to write: everything typed, without the secrets left empty."""
        left = {name for name in self.secrets if self.stored is not None and self.cleaned_data.get(name) in ("", None)}
        return {name: value for name, value in self.cleaned_data.items() if name not in left}


class BusinessForm(SecretsKept):
    """A business."""

    secrets = ("identifier", "address", "phone", "email")
    halves: tuple[str, ...] = ("identifier_kind", "identifier", "founded_on", "employees", "phone", "email")
    legal_name = forms.CharField(label=_("Legal name"), max_length=200, help_text=_("As it stands in the register."))
    identifier_kind = forms.ChoiceField(label=_("Kind of identifier"), required=False)
    identifier = forms.CharField(
        label=_("Identifier"), max_length=60, required=False, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    industry = forms.CharField(
        label=_("Industry"), max_length=120, required=False,
        help_text=_("What the business does; its code may stand in front: 3118 bakeries."),
    )  # fmt: skip
    founded_on = DayField(label=_("Founded on"), required=False)
    employees = forms.IntegerField(label=_("Employees"), required=False, min_value=0, max_value=5_000_000)
    address = forms.CharField(label=_("Address"), max_length=400, required=False)
    region = forms.CharField(label=_("Town"), max_length=80, required=False)
    phone = forms.CharField(label=_("Phone"), max_length=40, required=False)
    email = forms.CharField(label=_("E-mail"), max_length=254, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = pack_in_use().business_identifiers
        self.fields["identifier_kind"].choices = kinds(known)  # type: ignore[attr-defined]
        if not self.fields["identifier"].help_text:
            self.fields["identifier"].help_text = hints(known)

    def clean(self) -> dict[str, Any]:
        """Hold the business to its rules."""
        cleaned = super().clean() or {}
        if "legal_name" in self.fields:
            self.hold_to(lambda: business_clean(self._typed(cleaned), pack=pack_in_use(), today=clock.today()))
        return cleaned

    def _typed(self, cleaned: dict[str, Any]) -> BusinessData:
        given = {name: cleaned[name] for name in BusinessData.__dataclass_fields__ if cleaned.get(name) is not None}
        return BusinessData(**{"legal_name": "", **given})

    def data_given(self) -> BusinessData:
        """The business as typed."""
        return BusinessData(**{name: self.cleaned_data[name] for name in BusinessData.__dataclass_fields__})


class PartyForm(SecretsKept):
    """A person behind a business."""

    secrets = ("name", "id_number", "born_on", "phone", "email")
    halves: tuple[str, ...] = ("id_kind", "id_number", "born_on", "phone")
    name = forms.CharField(label=_("Full name"), max_length=120, help_text=_("As it stands in the identity document."))
    id_kind = forms.ChoiceField(label=_("Kind of identity document"), required=False)
    id_number = forms.CharField(
        label=_("Identity number"), max_length=60, required=False, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    born_on = DayField(
        label=_("Date of birth"), required=False, help_text=_("Taken from the identity number where that carries it.")
    )
    phone = forms.CharField(label=_("Phone"), max_length=40, required=False)
    email = forms.CharField(label=_("E-mail"), max_length=254, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = pack_in_use().person_identifiers
        self.fields["id_kind"].choices = kinds(known)  # type: ignore[attr-defined]
        if not self.fields["id_number"].help_text:
            self.fields["id_number"].help_text = hints(known)

    def clean(self) -> dict[str, Any]:
        """Hold the person to its rules."""
        cleaned = super().clean() or {}
        given = {name: cleaned[name] for name in PartyData.__dataclass_fields__ if cleaned.get(name) is not None}
        data = PartyData(**{"name": "", **given})
        self.hold_to(lambda: party_clean(data, pack=pack_in_use(), today=clock.today()))
        return cleaned

    def data_given(self) -> PartyData:
        """The person as typed."""
        return PartyData(**{name: self.cleaned_data[name] for name in PartyData.__dataclass_fields__})


class PartForm(CleanForm):
    """A part that a person plays in the business."""

    halves = ("kind", "share", "authority", "authority_until")
    kind = forms.ChoiceField(label=_("Part"), choices=[CHOOSE, *InterestKind.choices])
    share = forms.DecimalField(
        label=_("Share, %"), required=False, max_digits=7, decimal_places=4, min_value=0, max_value=100,
        help_text=_("For owners and beneficial owners."),
    )  # fmt: skip
    authority = forms.ChoiceField(
        label=_("Authority to sign"), required=False, choices=[CHOOSE, *Authority.choices],
        help_text=_("For signers: where the authority comes from."),
    )  # fmt: skip
    authority_until = DayField(label=_("Authority ends on"), required=False)


class AccountForm(SecretsKept):
    """A bank account."""

    halves = ("holder", "number", "bank_name", "bank_code")
    holder = forms.CharField(label=_("Account holder"), max_length=200, help_text=_("As the bank writes it."))
    number = forms.CharField(
        label=_("Account number"), max_length=60, widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("Spaces do not matter. An IBAN is checked."),
    )  # fmt: skip
    bank_name = forms.CharField(label=_("Bank"), max_length=120)
    bank_code = forms.CharField(label=_("Bank code"), max_length=40, required=False)
    is_supplier = forms.BooleanField(label=_("This is a supplier's account, for entrusted payment"), required=False)

    def clean(self) -> dict[str, Any]:
        """Hold the account to its rules."""
        cleaned = super().clean() or {}
        given = {name: cleaned[name] for name in AccountData.__dataclass_fields__ if cleaned.get(name) is not None}
        self.hold_to(lambda: account_clean(AccountData(**{"holder": "", "number": "", "bank_name": "", **given})))
        return cleaned

    def data_given(self) -> AccountData:
        """The account as typed."""
        return AccountData(**{name: self.cleaned_data[name] for name in AccountData.__dataclass_fields__})


class VerifyForm(CleanForm):
    """How an account was verified."""

    how = forms.ChoiceField(label=_("How did you make sure?"), choices=VerifiedHow.choices, widget=forms.RadioSelect)


class RevealForm(CleanForm):
    """Why somebody needs to see a masked value."""

    purpose = forms.ChoiceField(label=_("Why do you need to see it?"), widget=forms.RadioSelect)
    text = forms.CharField(
        label=_("More about it"), max_length=300, required=False,
        help_text=_("Optional. It stays in the log for good: write no names or numbers."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["purpose"].choices = registry.Ports.reasons("purpose")  # type: ignore[attr-defined]


class FreezeForm(CleanForm):
    """Why a borrower is frozen, or the freeze is lifted."""

    reason = forms.ChoiceField(label=_("Reason"), widget=forms.RadioSelect)
    text = forms.CharField(
        label=_("More about it"), max_length=300, required=False,
        help_text=_("Optional. It stays in the log for good: write no names or numbers."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].choices = registry.Ports.reasons("freeze")  # type: ignore[attr-defined]


class GroupForm(CleanForm):
    """The related group of a business: a known one, a new one, or none."""

    group = forms.ChoiceField(label=_("Related group"), required=False)
    name = forms.CharField(
        label=_("Or a new group"), max_length=200, required=False,
        help_text=_("Businesses of one group stand or fall together: their exposure and duties count as one."),
    )  # fmt: skip

    def __init__(self, *args: Any, groups: Iterable[tuple[int, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["group"].choices = [("", _("No group")), *groups]  # type: ignore[attr-defined]


class TieForm(CleanForm):
    """What ties the reader to the business."""

    kind = forms.ChoiceField(
        label=_("What ties you to this business?"), choices=TieKind.choices, widget=forms.RadioSelect
    )


class InviteForm(CleanForm):
    """Which person of the business is invited to the portal, and in which language."""

    party = forms.TypedChoiceField(
        label=_("Person"), coerce=int, widget=forms.RadioSelect,
        help_text=_("Owners, legal representative and signers without access. The link goes to the e-mail address on file."),
    )  # fmt: skip
    language = forms.ChoiceField(label=_("Language"), choices=Language.choices, widget=forms.RadioSelect)

    def __init__(self, *args: Any, people: Iterable[tuple[int, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["party"].choices = list(people)  # type: ignore[attr-defined]
        self.fields["language"].initial = pack_in_use().language


class TieForOtherForm(TieForm):
    """A colleague's tie, declared by who keeps the ties."""

    handle = forms.CharField(
        label=_("Colleague"), max_length=40, help_text=_("The name they sign in with, such as officer-12."),
        widget=forms.TextInput(attrs={"autocapitalize": "none", "spellcheck": "false", "autocomplete": "off"}),
    )  # fmt: skip
    field_order = ("handle", "kind")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].label = _("What ties them to this business?")


class EndTieForm(CleanForm):
    """Why a declared tie ends."""

    why = forms.CharField(
        label=_("Why does it end?"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("It stays in the log for good: write no names or numbers."),
    )  # fmt: skip


class FindForm(CleanForm):
    """An identifier to look for; sent by POST so that it stands in no address or log."""

    identifier = forms.CharField(
        label=_("Identifier"), max_length=60, widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("The whole number: a part of it finds nothing."),
    )  # fmt: skip
