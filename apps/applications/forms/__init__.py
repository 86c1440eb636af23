"""Forms of intake, by section of the stage page."""

from apps.applications.forms.checks import ApplicantForm, DuplicateForm, IdentityForm, VisitForm
from apps.applications.forms.moving import CorrectForm, KnockOutForm
from apps.applications.forms.opening import NewApplicationForm
from apps.applications.forms.people import BusinessSectionForm, NewPersonForm, PartSectionForm, PersonSectionForm
from apps.applications.forms.promises import (
    ConsentsForm,
    DeclarationForm,
    DocumentForm,
    RejectForm,
    WithdrawConsentForm,
)
from apps.applications.forms.request import FacilityForm, WordsForm

__all__ = [
    "ApplicantForm",
    "BusinessSectionForm",
    "ConsentsForm",
    "CorrectForm",
    "DeclarationForm",
    "DocumentForm",
    "DuplicateForm",
    "FacilityForm",
    "IdentityForm",
    "KnockOutForm",
    "NewApplicationForm",
    "NewPersonForm",
    "PartSectionForm",
    "PersonSectionForm",
    "RejectForm",
    "VisitForm",
    "WithdrawConsentForm",
    "WordsForm",
]
