"""Free words are encrypted: see docs/decisions/0018."""

import uuid

from django.db import migrations, models

import apps.vault.fields.kinds
from apps.vault.fields.sealing import sealed_column


class Migration(migrations.Migration):

    dependencies = [
        ('workflow', '0002_lists'),
    ]

    operations = [
        *sealed_column("workflow", "caseblock", "reason", apps.vault.fields.kinds.EncryptedTextField(default="", mask="words", max_length=200, owner="case.borrower.key_owner")),
        *sealed_column("workflow", "facility", "purpose", apps.vault.fields.kinds.EncryptedTextField(blank=True, default="", mask="words", max_length=400, owner="borrower.key_owner", verbose_name="purpose")),
        *sealed_column("workflow", "loancaseuserobjectpermission", "reason", apps.vault.fields.kinds.EncryptedTextField(blank=True, default="", mask="words", max_length=200, owner="content_object.borrower.key_owner")),
        migrations.AddField("loancaseuserobjectpermission", "uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
    ]
