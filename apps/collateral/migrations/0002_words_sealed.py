"""Free words are encrypted: see docs/decisions/0018."""

from django.db import migrations

import apps.vault.fields.kinds
from apps.vault.fields.sealing import sealed_column


class Migration(migrations.Migration):

    dependencies = [
        ('collateral', '0001_initial'),
    ]

    operations = [
        *sealed_column("collateral", "asset", "description", apps.vault.fields.kinds.EncryptedTextField(default="", mask="words", max_length=300, owner="key_owner", verbose_name="description")),
        *sealed_column("collateral", "confirmation", "assets", apps.vault.fields.kinds.EncryptedJSONField(default=b"", mask="full", owner="case.borrower.key_owner", verbose_name="assets")),
    ]
