"""Writes of intake: each one act, authorised on the case, recorded."""

from apps.applications.services.business import Part, business_save, part_add, part_end, person_add, person_save
from apps.applications.services.checks import (
    applicant_confirm,
    duplicate_settle,
    duplicates_scan,
    identity_check_record,
)
from apps.applications.services.consents import consent_give, consent_withdraw, consents_give, declaration_sign
from apps.applications.services.correcting import Confirmation, Correction, application_correct
from apps.applications.services.documents import document_add, document_open, document_reject, document_verify
from apps.applications.services.editing import application_save, facility_remove, facility_save
from apps.applications.services.moving import application_accept, application_submit, knock_out
from apps.applications.services.opening import Words, application_create
from apps.applications.services.visits import VisitData, visit_confirm, visit_report_file

__all__ = [
    "Confirmation",
    "Correction",
    "Part",
    "VisitData",
    "Words",
    "applicant_confirm",
    "application_accept",
    "application_correct",
    "application_create",
    "application_save",
    "application_submit",
    "business_save",
    "consent_give",
    "consent_withdraw",
    "consents_give",
    "declaration_sign",
    "document_add",
    "document_open",
    "document_reject",
    "document_verify",
    "duplicate_settle",
    "duplicates_scan",
    "facility_remove",
    "facility_save",
    "identity_check_record",
    "knock_out",
    "part_add",
    "part_end",
    "person_add",
    "person_save",
    "visit_confirm",
    "visit_report_file",
]
