"""The rows of intake, by concern."""

from apps.applications.models.application import Application, ApplicationVersion, Declaration, How
from apps.applications.models.checks import CheckMethod, DuplicateFinding, IdentityCheck, Verdict
from apps.applications.models.consents import Consent
from apps.applications.models.documents import ChecklistItem, Document, DocumentOpening
from apps.applications.models.imports import ImportRun
from apps.applications.models.uploads import Upload, UploadPiece
from apps.applications.models.visits import VisitReport

__all__ = [
    "Application",
    "ApplicationVersion",
    "CheckMethod",
    "ChecklistItem",
    "Consent",
    "Declaration",
    "Document",
    "DocumentOpening",
    "DuplicateFinding",
    "How",
    "IdentityCheck",
    "ImportRun",
    "Upload",
    "UploadPiece",
    "Verdict",
    "VisitReport",
]
