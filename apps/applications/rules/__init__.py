"""What intake asks for: pure functions over facts, each returning sentences on what is missing (empty: nothing)."""

from apps.applications.rules.completeness import (
    BusinessFacts,
    FacilityFacts,
    PersonFacts,
    WordFacts,
    business_missing,
    facilities_missing,
    missing_in_application,
    people_missing,
    words_missing,
)
from apps.applications.rules.evidence import (
    CheckFacts,
    DocumentFacts,
    VisitFacts,
    applicants_missing,
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
    "applicants_missing",
    "business_missing",
    "checklist_missing",
    "consents_missing",
    "declaration_missing",
    "duplicates_missing",
    "facilities_missing",
    "fresh_consents_missing",
    "identity_missing",
    "knock_outs",
    "missing_in_application",
    "people_missing",
    "reconfirmation_missing",
    "visit_missing",
    "words_missing",
]
