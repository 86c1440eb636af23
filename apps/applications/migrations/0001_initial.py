import apps.core.clock
import apps.vault.fields
import django.db.models.deletion
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0001_initial'),
        ('borrowers', '0001_initial'),
        ('vault', '0001_initial'),
        ('workflow', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Application',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('created_at', models.DateTimeField(default=apps.core.clock.now, editable=False)),
                ('purpose', apps.vault.fields.EncryptedTextField(blank=True, editable=True, mask='full', max_length=2000, owner='key_owner', verbose_name='purpose of the loan')),
                ('repayment_source', apps.vault.fields.EncryptedTextField(blank=True, editable=True, mask='full', max_length=2000, owner='key_owner', verbose_name='source of repayment')),
                ('narrative', apps.vault.fields.EncryptedTextField(blank=True, editable=True, mask='full', max_length=4000, owner='key_owner', verbose_name='about the business')),
                ('revision', models.PositiveIntegerField(default=1)),
                ('case', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='application', to='workflow.loancase')),
                ('key_owner', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='vault.keyowner')),
            ],
            options={
                'verbose_name': 'application',
            },
        ),
        migrations.CreateModel(
            name='VisitReport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('created_at', models.DateTimeField(default=apps.core.clock.now, editable=False)),
                ('visited_at', models.DateTimeField(verbose_name='visited at')),
                ('place', apps.vault.fields.EncryptedTextField(editable=True, mask='full', max_length=400, owner='key_owner', verbose_name='place')),
                ('staff_seen', models.PositiveIntegerField(verbose_name='staff seen')),
                ('stock', apps.vault.fields.EncryptedTextField(editable=True, mask='full', max_length=1000, owner='key_owner', verbose_name='stock seen')),
                ('differences', apps.vault.fields.EncryptedTextField(blank=True, editable=True, mask='full', max_length=2000, owner='key_owner', verbose_name='differences from the statements')),
                ('narrative', apps.vault.fields.EncryptedTextField(editable=True, mask='full', max_length=4000, owner='key_owner', verbose_name='what was seen')),
                ('confirmed_at', models.DateTimeField(blank=True, null=True, verbose_name='confirmed by the second visitor')),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='visits', to='workflow.loancase')),
                ('filed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.person')),
                ('first_visitor', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.person', verbose_name='visitor')),
                ('key_owner', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='vault.keyowner')),
                ('second_visitor', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.person', verbose_name='second visitor')),
            ],
            options={
                'verbose_name': 'visit report',
                'constraints': [models.CheckConstraint(condition=models.Q(('first_visitor', models.F('second_visitor')), _negated=True), name='visit_by_two')],
            },
        ),
        migrations.CreateModel(
            name='ChecklistItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('created_at', models.DateTimeField(default=apps.core.clock.now, editable=False)),
                ('code', models.CharField(max_length=40)),
                ('required', models.BooleanField(default=True)),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='checklist', to='workflow.loancase')),
            ],
            options={
                'verbose_name': 'item of the checklist',
                'constraints': [models.UniqueConstraint(fields=('case', 'code'), name='checklist_item_once')],
            },
        ),
        migrations.CreateModel(
            name='DuplicateFinding',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('created_at', models.DateTimeField(default=apps.core.clock.now, editable=False)),
                ('kind', models.CharField(max_length=12, verbose_name='shared')),
                ('verdict', models.CharField(blank=True, choices=[('same', 'the same business, entered twice'), ('related', 'related businesses'), ('unrelated', 'unrelated')], max_length=10, verbose_name='what it means')),
                ('explanation', apps.vault.fields.EncryptedTextField(blank=True, editable=True, mask='full', max_length=1000, owner='key_owner', verbose_name='explanation')),
                ('settled_at', models.DateTimeField(blank=True, null=True)),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='duplicates', to='workflow.loancase')),
                ('key_owner', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='vault.keyowner')),
                ('other', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='borrowers.borrower', verbose_name='shared with')),
                ('settled_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.person')),
            ],
            options={
                'verbose_name': 'duplicate',
                'constraints': [models.UniqueConstraint(fields=('case', 'kind', 'other'), name='duplicate_once')],
            },
        ),
        migrations.CreateModel(
            name='Document',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('created_at', models.DateTimeField(default=apps.core.clock.now, editable=False)),
                ('code', models.CharField(max_length=40, verbose_name='what it is')),
                ('pages', models.PositiveIntegerField(blank=True, null=True)),
                ('uploaded_as', models.CharField(max_length=80)),
                ('verified_at', models.DateTimeField(blank=True, null=True)),
                ('rejected_at', models.DateTimeField(blank=True, null=True)),
                ('rejected_why', apps.vault.fields.EncryptedTextField(blank=True, editable=True, mask='full', max_length=400, owner='key_owner')),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='documents', to='workflow.loancase')),
                ('file', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='vault.encryptedfile')),
                ('key_owner', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='vault.keyowner')),
                ('uploaded_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.person')),
                ('verified_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.person')),
                ('visit', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='photographs', to='applications.visitreport')),
            ],
            options={
                'verbose_name': 'document',
                'indexes': [models.Index(fields=['case', 'code', '-id'], name='document_case_code')],
                'constraints': [models.CheckConstraint(condition=models.Q(('verified_at', None), ('rejected_at', None), _connector='OR'), name='document_one_verdict')],
            },
        ),
        migrations.CreateModel(
            name='IdentityCheck',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('created_at', models.DateTimeField(default=apps.core.clock.now, editable=False)),
                ('method', models.CharField(choices=[('registry', 'register queried'), ('scanned_document', 'scanned document compared'), ('face_match', 'face compared with the document'), ('original_sighted', 'original document seen')], max_length=20, verbose_name='method')),
                ('evidence', apps.vault.fields.EncryptedTextField(blank=True, editable=True, mask='full', max_length=400, owner='key_owner', verbose_name='evidence')),
                ('checked_on', models.DateField(verbose_name='checked on')),
                ('passed', models.BooleanField(verbose_name='the identity is confirmed')),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='identity_checks', to='workflow.loancase')),
                ('document', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='applications.document')),
                ('key_owner', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='vault.keyowner')),
                ('party', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='identity_checks', to='borrowers.party', verbose_name='person')),
                ('verifier', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.person', verbose_name='checked by')),
            ],
            options={
                'verbose_name': 'identity check',
            },
        ),
        migrations.CreateModel(
            name='Declaration',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('created_at', models.DateTimeField(default=apps.core.clock.now, editable=False)),
                ('revision', models.PositiveIntegerField()),
                ('text_version', models.CharField(max_length=16, verbose_name='version of the text')),
                ('how', models.CharField(choices=[('paper', 'signed on paper'), ('portal', 'in the portal')], max_length=8, verbose_name='how')),
                ('signed_on', models.DateField(verbose_name='signed on')),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='declarations', to='workflow.loancase')),
                ('party', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='borrowers.party', verbose_name='signed by')),
                ('document', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='applications.document')),
            ],
            options={
                'verbose_name': 'declaration',
                'constraints': [models.UniqueConstraint(fields=('case', 'party', 'revision'), name='declared_once_a_revision')],
            },
        ),
        migrations.CreateModel(
            name='Consent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('created_at', models.DateTimeField(default=apps.core.clock.now, editable=False)),
                ('kind', models.CharField(max_length=20, verbose_name='for')),
                ('text_version', models.CharField(max_length=16, verbose_name='version of the text')),
                ('how', models.CharField(choices=[('paper', 'signed on paper'), ('portal', 'in the portal')], max_length=8, verbose_name='how')),
                ('given_on', models.DateField(verbose_name='given on')),
                ('withdrawn_at', models.DateTimeField(blank=True, null=True)),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='consents', to='workflow.loancase')),
                ('party', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='borrowers.party', verbose_name='given by')),
                ('document', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='applications.document')),
            ],
            options={
                'verbose_name': 'consent',
                'indexes': [models.Index(fields=['case', 'kind'], name='consent_case_kind')],
            },
        ),
        migrations.CreateModel(
            name='ApplicationVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('created_at', models.DateTimeField(default=apps.core.clock.now, editable=False)),
                ('number', models.PositiveIntegerField()),
                ('revision', models.PositiveIntegerField()),
                ('content', apps.vault.fields.EncryptedJSONField(editable=True, mask='full', owner='key_owner')),
                ('why', models.CharField(choices=[('submitted', 'submitted'), ('before', 'before a correction'), ('corrected', 'corrected')], max_length=10)),
                ('confirmed_how', models.CharField(blank=True, choices=[('paper', 'signed on paper'), ('portal', 'in the portal')], max_length=8)),
                ('confirmed_on', models.DateField(blank=True, null=True)),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='application_versions', to='workflow.loancase')),
                ('confirmed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='borrowers.party')),
                ('key_owner', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='vault.keyowner')),
                ('made_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.person')),
                ('document', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='applications.document')),
            ],
            options={
                'verbose_name': 'version of the application',
                'constraints': [models.UniqueConstraint(fields=('case', 'number'), name='application_version_number')],
            },
        ),
        migrations.CreateModel(
            name='DocumentOpening',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('first_at', models.DateTimeField(default=apps.core.clock.now)),
                ('document', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='openings', to='applications.document')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.person')),
            ],
            options={
                'verbose_name': 'opening of a document',
                'constraints': [models.UniqueConstraint(fields=('document', 'person'), name='opening_once_a_person')],
            },
        ),
        migrations.CreateModel(
            name='ImportRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('created_at', models.DateTimeField(default=apps.core.clock.now, editable=False)),
                ('source', models.CharField(max_length=40, verbose_name='source')),
                ('digest', models.CharField(max_length=64, verbose_name='SHA-256 of the file')),
                ('last_line', models.PositiveIntegerField(default=1)),
                ('taken', models.PositiveIntegerField(default=0, verbose_name='taken')),
                ('known', models.PositiveIntegerField(default=0, verbose_name='known already')),
                ('rejected', models.PositiveIntegerField(default=0, verbose_name='rejected')),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('branch', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.branch')),
            ],
            options={
                'verbose_name': 'import',
                'constraints': [models.UniqueConstraint(fields=('branch', 'source', 'digest'), name='import_file_once')],
            },
        ),
    ]
