"""Forms of the review."""

from apps.credit_review.forms.conclusions import DeclineForm, RecommendationForm, RecommendForm
from apps.credit_review.forms.people import BureauForm, ExplanationForm, GuarantorForm, NoteForm
from apps.credit_review.forms.statements import StatementsForm

__all__ = [
    "BureauForm", "DeclineForm", "ExplanationForm", "GuarantorForm", "NoteForm", "RecommendForm", "RecommendationForm",
    "StatementsForm",
]  # fmt: skip
