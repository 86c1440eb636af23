"""What intake asks for: pure functions over facts, each returning sentences on what is missing (empty: nothing)."""

from apps.applications.rules.completeness import (
    BusinessFacts,
    FacilityFacts,
    PersonFacts,
    WordFacts,
    missing_in_application,
)
from apps.applications.rules.evidence import (
    CheckFacts,
    DocumentFacts,
    VisitFacts,
    checklist_missing,
    duplicates_missing,
    identity_missing,
    visit_missing,
)
from apps.applications.rules.knockout import KnockOut, LendingRange, knock_outs
from apps.applications.rules.promises import (
    ConsentFacts,
    DeclarationFacts,
    consents_missing,
    declaration_missing,
    fresh_consents_missing,
    reconfirmation_missing,
)

__all__ = [
    "BusinessFacts",
    "CheckFacts",
    "ConsentFacts",
    "DeclarationFacts",
    "DocumentFacts",
    "FacilityFacts",
    "KnockOut",
    "LendingRange",
    "PersonFacts",
    "VisitFacts",
    "WordFacts",
    "checklist_missing",
    "consents_missing",
    "declaration_missing",
    "duplicates_missing",
    "fresh_consents_missing",
    "identity_missing",
    "knock_outs",
    "missing_in_application",
    "reconfirmation_missing",
    "visit_missing",
]
