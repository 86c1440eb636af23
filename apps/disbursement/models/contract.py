"""The contract of a case and who signs it."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.core.classes import declared
from apps.core.models import Row


class Contract(Row):
    """The loan contract in both languages, drawn up from the accepted offer; sealed by its digests, voided by an amendment.

    ``memo_digest`` binds it to exactly what was signed in approval.
    """

    case = models.ForeignKey("workflow.LoanCase", on_delete=models.PROTECT, related_name="contracts")
    number = models.PositiveSmallIntegerField(_("contract"))
    memo_digest = models.CharField(max_length=64)
    file_en = models.ForeignKey("vault.EncryptedFile", on_delete=models.PROTECT, related_name="+")
    file_zh = models.ForeignKey("vault.EncryptedFile", on_delete=models.PROTECT, related_name="+")
    sealed_at = models.DateTimeField(_("sealed"))
    concluded_at = models.DateTimeField(_("concluded"), null=True, blank=True)
    voided_at = models.DateTimeField(_("voided"), null=True, blank=True)

    data_classes = declared(codes="memo_digest", facts="number sealed_at concluded_at voided_at")

    class Meta:
        verbose_name = _("contract")
        constraints = [
            models.UniqueConstraint(fields=["case", "number"], name="contract_number_once"),
            models.UniqueConstraint(fields=["case"], condition=Q(voided_at=None), name="one_live_contract"),
        ]


class ContractParty(Row):
    """One name on the signing list. On paper: the scanned signature page and the two witnesses who compared it.

    The first witness records it and names the second, who confirms by an act of their own; before that it counts for nothing.
    """

    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="parties")
    party = models.ForeignKey("borrowers.Party", on_delete=models.PROTECT, related_name="+")
    role = models.CharField(
        _("signs as"), max_length=12, choices=[("borrower", _("borrower")), ("guarantor", _("guarantor"))]
    )
    signed_on = models.DateField(_("signed on"), null=True, blank=True)
    paper = models.ForeignKey("vault.EncryptedFile", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    witness_one = models.ForeignKey(
        "accounts.Person", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    witness_two = models.ForeignKey(
        "accounts.Person", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    witnessed_at = models.DateTimeField(_("confirmed by the second witness"), null=True, blank=True)

    data_classes = declared(facts="role signed_on witnessed_at")

    class Meta:
        verbose_name = _("contract party")
        verbose_name_plural = _("contract parties")
        constraints = [
            models.UniqueConstraint(fields=["contract", "party", "role"], name="contract_party_once"),
            models.CheckConstraint(
                condition=Q(signed_on=None)
                | (
                    Q(paper__isnull=False, witness_one__isnull=False, witness_two__isnull=False)
                    & ~Q(witness_one=F("witness_two"))
                ),
                name="contract_two_witnesses",
            ),
            models.CheckConstraint(
                condition=Q(witnessed_at=None) | Q(signed_on__isnull=False), name="contract_witnessed_after_signing"
            ),
        ]
