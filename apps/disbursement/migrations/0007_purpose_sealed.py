"""Free words are encrypted: see docs/decisions/0018."""

from django.db import migrations

import apps.vault.fields.kinds
from apps.vault.fields.sealing import sealed_column


class Migration(migrations.Migration):

    dependencies = [
        ('disbursement', '0006_evidence_openings'),
    ]

    operations = [
        *sealed_column("disbursement", "drawdown", "purpose", apps.vault.fields.kinds.EncryptedTextField(default="", mask="words", max_length=200, owner="case.borrower.key_owner", verbose_name="purpose")),
    ]
