import apps.core.clock
import apps.vault.fields
import django.db.models.deletion
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='KeyOwner',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('created_at', models.DateTimeField(default=apps.core.clock.now, editable=False)),
                ('kind', models.CharField(choices=[('borrower', 'borrower'), ('person', 'member of staff'), ('installation', 'installation')], max_length=16, verbose_name='kind')),
                ('label', models.CharField(blank=True, max_length=80, verbose_name='label')),
            ],
            options={
                'verbose_name': 'key owner',
                'verbose_name_plural': 'key owners',
                'constraints': [models.UniqueConstraint(condition=models.Q(('kind', 'installation')), fields=('kind',), name='vault_one_installation')],
            },
        ),
        migrations.CreateModel(
            name='EncryptedFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('created_at', models.DateTimeField(default=apps.core.clock.now, editable=False)),
                ('storage_name', models.CharField(max_length=80, unique=True, verbose_name='stored as')),
                ('size', models.PositiveBigIntegerField(verbose_name='size')),
                ('sha256', models.CharField(db_index=True, max_length=64, verbose_name='SHA-256')),
                ('content_type', models.CharField(max_length=120, verbose_name='content type')),
                ('original_name', apps.vault.fields.EncryptedTextField(editable=True, mask='file', max_length=255, owner='owner', verbose_name='file name')),
                ('file_key', models.BinaryField(verbose_name='file key')),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='files', to='vault.keyowner', verbose_name='owner')),
            ],
            options={
                'verbose_name': 'encrypted file',
                'verbose_name_plural': 'encrypted files',
            },
        ),
        migrations.CreateModel(
            name='DataKey',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('created_at', models.DateTimeField(default=apps.core.clock.now, editable=False)),
                ('use', models.CharField(choices=[('data', 'values and files'), ('index', 'blind indexes')], default='data', max_length=8, verbose_name='use')),
                ('key_id', models.CharField(max_length=16, unique=True, verbose_name='key id')),
                ('suite', models.PositiveSmallIntegerField(choices=[(1, 'AES_256_GCM'), (2, 'SM4_GCM'), (3, 'AES_256_GCM_SIV')], verbose_name='suite')),
                ('wrapped', models.BinaryField(verbose_name='wrapped key')),
                ('root_key_id', models.CharField(db_index=True, max_length=64, verbose_name='root key')),
                ('retired_at', models.DateTimeField(blank=True, null=True, verbose_name='retired at')),
                ('destroyed_at', models.DateTimeField(blank=True, null=True, verbose_name='destroyed at')),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='keys', to='vault.keyowner', verbose_name='owner')),
            ],
            options={
                'verbose_name': 'data key',
                'verbose_name_plural': 'data keys',
                'constraints': [models.UniqueConstraint(condition=models.Q(('destroyed_at', None), ('retired_at', None)), fields=('owner', 'use'), name='vault_one_live_key')],
            },
        ),
    ]
