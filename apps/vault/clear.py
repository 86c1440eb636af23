"""Which columns hold text in clear, and why each may: everything else that people type is encrypted."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.core import checks
from django.db import models

CODES = "code, key, digest or number that LoanFlow makes or chooses from a list"
CATALOGUE = "the institution's own catalogue, shown to all who work with it"
NAMES = "name of a business, an institution or a register: clear and searchable by design"
ACCOUNTS = "handle, address or device of whoever acts: evidence names it"
FIGURES = "figures and references made by LoanFlow, no words that anybody typed"
REFERENCE = "a bank's reference: letters and digits only, looked up so that nothing is posted twice"

CLEAR: dict[str, dict[str, str]] = {
    CODES: {
        "vault.DataKey": "key_id root_key_id",
        "vault.EncryptedFile": "storage_name sha256 content_type",
        "vault.KeyOwner": "label",
        "vault.KeyRotation": "root_key_id stage",
        "accounts.Account": "password",
        "accounts.Invitation": "digest",
        "accounts.Registration": "digest",
        "accounts.FailureCount": "key",
        "accounts.RecoveryCode": "digest",
        "accounts.EmailCode": "digest",
        "accounts.Draft": "route place basis",
        "accounts.SentForm": "key url",
        "accounts.Institution": "pack currency time_zone language",
        "accounts.Branch": "code path",
        "accounts.SessionRecord": "end_reason",
        "borrowers.Borrower": "identifier_kind",
        "borrowers.Party": "id_kind",
        "workflow.LoanCase": "number came_from currency grade missing source source_id",
        "workflow.Facility": "currency day_count",
        "workflow.CaseStep": "event from_state to_state reason_codes",
        "workflow.DutyDone": "duty event",
        "workflow.Notice": "kind",
        "workflow.NoticePreference": "zone site",
        "applications.Declaration": "text_version",
        "applications.DuplicateFinding": "kind",
        "applications.Consent": "kind text_version",
        "applications.ChecklistItem": "code",
        "applications.Document": "code",
        "applications.ImportRun": "source digest",
        "applications.Upload": "sha256",
        "credit_review.Guarantor": "currency",
        "credit_review.ScoreRun": "scorecard grade basis",
        "credit_review.Recommendation": "currency",
        "credit_review.FinancialStatement": "currency",
        "collateral.Asset": "asset_class",
        "collateral.Insurance": "currency",
        "collateral.Valuation": "currency",
        "collateral.Confirmation": "currency",
        "approval.DeclineDecision": "level reasons",
        "approval.DecisionMemo": "digest decline_level",
        "approval.Signature": "level fingerprint factor factor_class",
        "approval.SpentNonce": "nonce",
        "approval.Offer": "currency",
        "approval.Letter": "language",
        "disbursement.Contract": "memo_digest",
        "disbursement.SupplierInvoice": "currency",
        "disbursement.PayingAccount": "currency",
        "disbursement.Drawdown": "currency",
        "disbursement.PaymentOrder": "end_to_end_id currency sha256 file_name",
        "post_loan.Loan": "number currency method day_count",
        "monitoring.WorkerBeat": "worker",
    },
    CATALOGUE: {
        "accounts.Institution": "name",
        "accounts.Branch": "name",
        "workflow.Product": "code name_en name_zh currency day_count service_hours",
        "workflow.Reason": "code name_en name_zh",
        "approval.ConditionTemplate": "code text_en text_zh",
        "approval.Condition": "code text_en text_zh",
        "approval.Policy": "currency limits why",
        "approval.PolicyAuthority": "grades currency signatures decline_level",
        "console.SavedFilter": "name query",
        "portal.Announcement": "title_en title_zh text_en text_zh",
    },
    NAMES: {
        "borrowers.BorrowerGroup": "name",
        "borrowers.Borrower": "legal_name name_folded industry region",
        "borrowers.BankAccount": "bank_name bank_code",
        "credit_review.BureauReport": "bureau",
        "collateral.Asset": "title_source",
        "collateral.LienCheck": "register",
        "collateral.Insurance": "insurer",
        "disbursement.PayingAccount": "bank_name bank_code",
    },
    ACCOUNTS: {
        "accounts.Account": "handle",
        "accounts.TotpDevice": "name",
        "accounts.Registration": "address",
        "accounts.SessionRecord": "address device",
        "workflow.LoanCase": "changed_by",
        "workflow.CaseStep": "actor_name",
        "workflow.Message": "author_name",
        "applications.Document": "uploaded_as",
        "approval.Offer": "entered_by",
    },
    FIGURES: {
        "credit_review.Alert": "topic data",
        "credit_review.ScoreRun": "inputs points",
        "credit_review.Recommendation": "waivers",
        "approval.DecisionMemo": "summary needed",
        "approval.Signature": "decision",
        "approval.Offer": "terms asked",
        "post_loan.Repayment": "allocation",
    },
    REFERENCE: {
        "disbursement.PaymentOrder": "bank_reference",
        "post_loan.Repayment": "reference_text",
    },
}
"""Columns by the reason why they stand in clear, then by model. The log's own tables are evidence: audit answers for them."""

TEXTS = (models.CharField, models.TextField, models.JSONField)
OTHERS = {"audit"}


def columns_in_clear() -> set[str]:
    """``app.Model.field`` of every text column of LoanFlow's own tables that is not encrypted; choices are no text."""
    return {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        if model.__module__.startswith("apps.") and model._meta.managed and model._meta.app_label not in OTHERS
        for field in model._meta.concrete_fields
        if isinstance(field, TEXTS) and not field.choices
    }


def columns_listed() -> list[str]:
    """``app.Model.field`` of every column that is listed; one that is listed twice comes twice."""
    return [
        f"{model}.{field}"
        for models_ in CLEAR.values()
        for model, fields in models_.items()
        for field in fields.split()
    ]


def check_clear_columns(app_configs: Any, **_kwargs: Any) -> list[checks.CheckMessage]:
    """Refuse a text column that is neither encrypted nor listed with its reason."""
    return [
        checks.Error(
            f"{column} holds text in clear: encrypt it, or say in apps/vault/clear.py why it may.", id="vault.E002"
        )
        for column in sorted(columns_in_clear() - set(columns_listed()))
    ]
