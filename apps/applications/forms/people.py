"""The business and its people within a draft."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.applications.services import Part
from apps.borrowers.forms import BusinessForm, PartForm, PartyForm
from apps.borrowers.models import InterestKind
from apps.borrowers.rules import PartyData
from apps.workflow.forms import CaseForm

OWN_FIELDS = ("version", "seen")


class BusinessSectionForm(CaseForm, BusinessForm):
    """Facts of the business."""


class PersonSectionForm(CaseForm, PartyForm):
    """Facts of a person."""


class PartSectionForm(CaseForm, PartForm):
    """A further part of a person."""

    @staticmethod
    def part(cleaned: dict[str, Any]) -> Part:
        """The part as typed."""
        return Part(**{name: cleaned[name] for name in Part.__dataclass_fields__})


class NewPersonForm(CaseForm, PartyForm):
    """A person with all the parts they play, in one go."""

    halves = (*PartyForm.halves, "share", "authority", "authority_until")
    kind = forms.MultipleChoiceField(
        label=_("Parts"), choices=InterestKind.choices, widget=forms.CheckboxSelectMultiple,
        help_text=_("One person may play several parts."),
    )  # fmt: skip
    share = forms.DecimalField(
        label=_("Share, %"), required=False, max_digits=7, decimal_places=4, min_value=0, max_value=100,
        help_text=_("For owners and beneficial owners."),
    )  # fmt: skip
    authority = PartForm.base_fields["authority"]
    authority_until = PartForm.base_fields["authority_until"]

    @staticmethod
    def person(cleaned: dict[str, Any]) -> PartyData:
        """The person as typed."""
        return PartyData(**{name: cleaned[name] for name in PartyData.__dataclass_fields__})

    @staticmethod
    def parts(cleaned: dict[str, Any]) -> list[Part]:
        """The parts as ticked."""
        shared = {name: cleaned[name] for name in ("share", "authority", "authority_until")}
        return [Part(kind=kind, **shared) for kind in cleaned["kind"]]
