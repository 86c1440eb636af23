"""Free words are encrypted: see docs/decisions/0018."""

from django.db import migrations

import apps.vault.fields.kinds
from apps.vault.fields.sealing import sealed_column


class Migration(migrations.Migration):

    dependencies = [
        ('access', '0002_second_administrator'),
    ]

    operations = [
        *sealed_column("access", "rolegrant", "reason", apps.vault.fields.kinds.EncryptedTextField(default="", mask="words", max_length=300, owner="person.key_owner")),
    ]
