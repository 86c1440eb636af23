import apps.borrowers.rules
import apps.core.clock
import apps.core.text
import apps.vault.fields
import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        # tables of packages first: altering them later would render every model of ours anew
        ('auditlog', '0017_add_actor_email'),
        ('auth', '0012_alter_user_first_name_max_length'),
        ('django_tasks_database', '0021_conditional_partial_index_ordering'),
        ('guardian', '0003_remove_groupobjectpermission_guardian_gr_content_ae6aec_idx_and_more'),
        ('sessions', '0001_initial'),
        ('accounts', '0001_initial'),
        ('accounts', '__first__'),
        ('vault', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='BorrowerGroup',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('created_at', models.DateTimeField(default=apps.core.clock.now, editable=False)),
                ('name', models.CharField(max_length=200, verbose_name='name')),
                ('frozen', models.BooleanField(default=False, verbose_name='frozen')),
                ('frozen_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.person')),
            ],
            options={
                'verbose_name': 'related group',
            },
        ),
        migrations.CreateModel(
            name='Borrower',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('created_at', models.DateTimeField(default=apps.core.clock.now, editable=False)),
                ('legal_name', models.CharField(max_length=200, verbose_name='legal name')),
                ('name_folded', models.CharField(default='', editable=False, max_length=200)),
                ('identifier_kind', models.CharField(blank=True, max_length=20, verbose_name='kind of identifier')),
                ('identifier', apps.vault.fields.EncryptedTextField(blank=True, editable=True, mask='identifier', max_length=60, owner='key_owner', verbose_name='identifier')),
                ('identifier_index', apps.vault.fields.BlindIndexField(bits=64, normaliser=apps.borrowers.rules.compact, source='identifier')),
                ('industry', models.CharField(blank=True, max_length=120, verbose_name='industry')),
                ('founded_on', models.DateField(blank=True, null=True, verbose_name='founded on')),
                ('employees', models.PositiveIntegerField(blank=True, null=True, verbose_name='employees')),
                ('address', apps.vault.fields.EncryptedTextField(blank=True, editable=True, mask='full', max_length=400, owner='key_owner', verbose_name='address')),
                ('region', models.CharField(blank=True, max_length=80, verbose_name='town')),
                ('phone', apps.vault.fields.EncryptedTextField(blank=True, editable=True, mask='tail4', max_length=40, owner='key_owner', verbose_name='phone')),
                ('phone_index', apps.vault.fields.BlindIndexField(bits=64, normaliser=apps.borrowers.rules.compact, source='phone')),
                ('email', apps.vault.fields.EncryptedTextField(blank=True, editable=True, mask='email', max_length=254, owner='key_owner', verbose_name='e-mail')),
                ('frozen', models.BooleanField(default=False, verbose_name='frozen')),
                ('branch', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.branch', verbose_name='branch')),
                ('frozen_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.person')),
                ('key_owner', models.OneToOneField(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='vault.keyowner')),
                ('group', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='members', to='borrowers.borrowergroup', verbose_name='related group')),
            ],
            options={
                'verbose_name': 'borrower',
                'indexes': [models.Index(fields=['branch', 'name_folded', 'id'], name='borrower_branch_name')],
            },
        ),
        migrations.CreateModel(
            name='Party',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('created_at', models.DateTimeField(default=apps.core.clock.now, editable=False)),
                ('name', apps.vault.fields.EncryptedTextField(editable=True, mask='name', max_length=120, owner='key_owner', verbose_name='name')),
                ('name_index', apps.vault.fields.BlindIndexField(bits=64, normaliser=apps.core.text.fold, source='name')),
                ('id_kind', models.CharField(blank=True, max_length=20, verbose_name='kind of identity document')),
                ('id_number', apps.vault.fields.EncryptedTextField(blank=True, editable=True, mask='identifier', max_length=60, owner='key_owner', verbose_name='identity number')),
                ('id_number_index', apps.vault.fields.BlindIndexField(bits=64, normaliser=apps.borrowers.rules.compact, source='id_number')),
                ('born_on', apps.vault.fields.EncryptedDateField(blank=True, editable=True, mask='full', null=True, owner='key_owner', verbose_name='date of birth')),
                ('phone', apps.vault.fields.EncryptedTextField(blank=True, editable=True, mask='tail4', max_length=40, owner='key_owner', verbose_name='phone')),
                ('phone_index', apps.vault.fields.BlindIndexField(bits=64, normaliser=apps.borrowers.rules.compact, source='phone')),
                ('email', apps.vault.fields.EncryptedTextField(blank=True, editable=True, mask='email', max_length=254, owner='key_owner', verbose_name='e-mail')),
                ('borrower', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='parties', to='borrowers.borrower')),
                ('key_owner', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='vault.keyowner')),
            ],
            options={
                'verbose_name': 'party',
                'verbose_name_plural': 'parties',
            },
        ),
        migrations.CreateModel(
            name='StaffInterest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('created_at', models.DateTimeField(default=apps.core.clock.now, editable=False)),
                ('kind', models.CharField(choices=[('own', 'own business'), ('relative', 'business of a relative')], max_length=20, verbose_name='tie')),
                ('ended_on', models.DateField(blank=True, null=True)),
                ('borrower', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='staff_interests', to='borrowers.borrower')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.person')),
            ],
            options={
                'verbose_name': 'declared interest',
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_on', None)), fields=('person', 'borrower', 'kind'), name='one_live_tie_of_a_kind')],
            },
        ),
        migrations.CreateModel(
            name='BankAccount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('created_at', models.DateTimeField(default=apps.core.clock.now, editable=False)),
                ('holder', apps.vault.fields.EncryptedTextField(editable=True, mask='name', max_length=200, owner='key_owner', verbose_name='account holder')),
                ('number', apps.vault.fields.EncryptedTextField(editable=True, mask='tail4', max_length=60, owner='key_owner', verbose_name='account number')),
                ('number_index', apps.vault.fields.BlindIndexField(bits=64, normaliser=apps.borrowers.rules.compact, source='number')),
                ('bank_name', models.CharField(max_length=120, verbose_name='bank')),
                ('bank_code', models.CharField(blank=True, max_length=40, verbose_name='bank code')),
                ('is_supplier', models.BooleanField(default=False, verbose_name='account of a supplier (entrusted payment)')),
                ('verified_at', models.DateTimeField(blank=True, null=True)),
                ('verified_how', models.CharField(blank=True, choices=[('bank_letter', 'letter of the bank seen'), ('statement', 'original statement seen'), ('test_payment', 'test payment returned'), ('bank_enquiry', 'enquiry at the bank'), ('invoice', "printed on the supplier's invoice")], max_length=20, verbose_name='verified how')),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('entered_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.person')),
                ('key_owner', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='vault.keyowner')),
                ('verified_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.person')),
                ('borrower', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='bank_accounts', to='borrowers.borrower')),
            ],
            options={
                'verbose_name': 'bank account',
                'constraints': [models.CheckConstraint(condition=models.Q(('verified_by', None), ('entered_by', None), models.Q(('verified_by', models.F('entered_by')), _negated=True), _connector='OR'), name='account_verified_by_another'), models.CheckConstraint(condition=models.Q(models.Q(('verified_at', None), ('verified_by', None)), models.Q(('verified_at__isnull', False), ('verified_by__isnull', False)), _connector='OR'), name='account_verification_whole')],
            },
        ),
        migrations.CreateModel(
            name='BorrowerAccess',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('created_at', models.DateTimeField(default=apps.core.clock.now, editable=False)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='borrower_accesses', to=settings.AUTH_USER_MODEL)),
                ('borrower', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='accesses', to='borrowers.borrower')),
            ],
            options={
                'verbose_name': 'portal access',
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('borrower', 'account'), name='one_live_access')],
            },
        ),
        migrations.CreateModel(
            name='Interest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('created_at', models.DateTimeField(default=apps.core.clock.now, editable=False)),
                ('kind', models.CharField(choices=[('owner', 'owner'), ('beneficial_owner', 'beneficial owner'), ('legal_representative', 'legal representative'), ('signer', 'signer'), ('guarantor', 'guarantor')], max_length=24, verbose_name='part')),
                ('share', models.DecimalField(blank=True, decimal_places=4, max_digits=7, null=True, verbose_name='share, %')),
                ('authority', models.CharField(blank=True, choices=[('law', 'by law, as legal representative'), ('articles', 'articles of association'), ('resolution', 'resolution of the owners'), ('power_of_attorney', 'power of attorney')], max_length=20, verbose_name='authority to sign')),
                ('authority_until', models.DateField(blank=True, null=True, verbose_name='authority ends on')),
                ('ended_on', models.DateField(blank=True, null=True)),
                ('borrower', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='interests', to='borrowers.borrower')),
                ('party', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='interests', to='borrowers.party')),
            ],
            options={
                'verbose_name': 'interest',
                'constraints': [models.CheckConstraint(condition=models.Q(('share', None), models.Q(('share__gt', 0), ('share__lte', 100)), _connector='OR'), name='share_in_percent'), models.UniqueConstraint(condition=models.Q(('ended_on', None)), fields=('borrower', 'party', 'kind'), name='one_live_interest_of_a_kind')],
            },
        ),
    ]
