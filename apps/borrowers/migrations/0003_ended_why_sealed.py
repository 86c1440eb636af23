"""Free words are encrypted: see docs/decisions/0018."""

from django.db import migrations

import apps.vault.fields.kinds
from apps.vault.fields.sealing import sealed_column


class Migration(migrations.Migration):

    dependencies = [
        ('borrowers', '0002_portal_access_and_ties'),
    ]

    operations = [
        *sealed_column("borrowers", "staffinterest", "ended_why", apps.vault.fields.kinds.EncryptedTextField(blank=True, default="", mask="words", max_length=300, owner="person.key_owner", verbose_name="why it ended")),
    ]
