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
            name='Asset',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('created_at', models.DateTimeField(default=apps.core.clock.now, editable=False)),
                ('asset_class', models.CharField(max_length=20, verbose_name='class')),
                ('description', models.CharField(max_length=300, verbose_name='description')),
                ('title_no', apps.vault.fields.EncryptedTextField(editable=True, mask='tail4', max_length=80, owner='key_owner', verbose_name='number of the title')),
                ('address', apps.vault.fields.EncryptedTextField(blank=True, default='', editable=True, mask='full', max_length=400, owner='key_owner', verbose_name='where it is')),
                ('title_source', models.CharField(blank=True, max_length=120, verbose_name='title seen in')),
                ('title_verified_at', models.DateTimeField(blank=True, null=True, verbose_name='title verified at')),
                ('registered_on', models.DateField(blank=True, null=True, verbose_name='our lien registered on')),
                ('registration_no', apps.vault.fields.EncryptedTextField(blank=True, default='', editable=True, mask='tail4', max_length=80, owner='key_owner', verbose_name='number of the registration')),
                ('release_asked_at', models.DateTimeField(blank=True, null=True)),
                ('released_at', models.DateTimeField(blank=True, null=True, verbose_name='released at')),
                ('removed_at', models.DateTimeField(blank=True, null=True, verbose_name='taken off the case at')),
                ('added_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.person')),
                ('borrower', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='assets', to='borrowers.borrower')),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='assets', to='workflow.loancase')),
                ('key_owner', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='vault.keyowner')),
                ('owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='borrowers.party', verbose_name='owner')),
                ('release_asked_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.person')),
                ('released_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.person')),
                ('title_verified_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.person')),
            ],
            options={
                'verbose_name': 'asset',
                'constraints': [models.CheckConstraint(condition=models.Q(('released_at', None), models.Q(('release_asked_by__isnull', False), ('released_by__isnull', False), models.Q(('released_by', models.F('release_asked_by')), _negated=True)), _connector='OR'), name='asset_released_by_two'), models.CheckConstraint(condition=models.Q(('title_verified_at', None), ('title_verified_by__isnull', False), _connector='OR'), name='title_verified_by_somebody')],
            },
        ),
        migrations.CreateModel(
            name='Confirmation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('created_at', models.DateTimeField(default=apps.core.clock.now, editable=False)),
                ('currency', models.CharField(max_length=3, verbose_name='currency')),
                ('loan', models.DecimalField(decimal_places=4, max_digits=18, verbose_name='loan')),
                ('total_value', models.DecimalField(decimal_places=4, max_digits=18, verbose_name='value')),
                ('prior_liens', models.DecimalField(decimal_places=4, max_digits=18, verbose_name='prior liens')),
                ('lending_value', models.DecimalField(decimal_places=4, max_digits=18, verbose_name='lending value')),
                ('assumed_value', models.DecimalField(decimal_places=4, max_digits=18, verbose_name='assumed lending value')),
                ('ltv', models.DecimalField(decimal_places=4, max_digits=9, null=True, verbose_name='loan to value')),
                ('cover', models.DecimalField(decimal_places=4, max_digits=12, null=True, verbose_name='cover')),
                ('oldest_valuation_on', models.DateField(null=True, verbose_name='oldest valuation')),
                ('is_below', models.BooleanField(verbose_name='below the assumption')),
                ('assets', models.JSONField(default=list, verbose_name='assets')),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='collateral_confirmations', to='workflow.loancase')),
                ('confirmed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.person')),
            ],
            options={
                'verbose_name': 'confirmation of collateral',
                'verbose_name_plural': 'confirmations of collateral',
                'indexes': [models.Index(fields=['case', '-id'], name='confirmation_newest')],
            },
        ),
        migrations.CreateModel(
            name='Insurance',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('created_at', models.DateTimeField(default=apps.core.clock.now, editable=False)),
                ('insurer', models.CharField(max_length=120, verbose_name='insurer')),
                ('policy_no', apps.vault.fields.EncryptedTextField(editable=True, mask='tail4', max_length=80, owner='key_owner', verbose_name='number of the policy')),
                ('currency', models.CharField(max_length=3, verbose_name='currency')),
                ('insured_amount', models.DecimalField(decimal_places=4, max_digits=18, verbose_name='sum insured')),
                ('valid_until', models.DateField(verbose_name='valid until')),
                ('is_assigned', models.BooleanField(default=False, verbose_name='assigned to the bank')),
                ('asset', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='%(class)s_rows', to='collateral.asset')),
                ('entered_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.person')),
                ('key_owner', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='vault.keyowner')),
            ],
            options={
                'verbose_name': 'insurance',
                'constraints': [models.CheckConstraint(condition=models.Q(('insured_amount__gt', 0)), name='insured_above_zero')],
            },
        ),
        migrations.CreateModel(
            name='LienCheck',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('created_at', models.DateTimeField(default=apps.core.clock.now, editable=False)),
                ('checked_on', models.DateField(verbose_name='register looked at on')),
                ('register', models.CharField(max_length=120, verbose_name='register')),
                ('asset', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='%(class)s_rows', to='collateral.asset')),
                ('checked_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.person')),
                ('key_owner', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='vault.keyowner')),
            ],
            options={
                'verbose_name': 'look into the register',
                'indexes': [models.Index(fields=['asset', '-checked_on', '-id'], name='lien_check_newest')],
            },
        ),
        migrations.CreateModel(
            name='Valuation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('created_at', models.DateTimeField(default=apps.core.clock.now, editable=False)),
                ('state', models.CharField(choices=[('ordered', 'ordered'), ('received', 'received'), ('cancelled', 'cancelled')], default='ordered', max_length=10, verbose_name='state')),
                ('source', models.CharField(choices=[('internal', 'our own appraiser'), ('external', 'external firm')], max_length=10, verbose_name='source')),
                ('valuer', apps.vault.fields.EncryptedTextField(editable=True, mask='name', max_length=160, owner='key_owner', verbose_name='valuer')),
                ('due_on', models.DateField(blank=True, null=True, verbose_name='wanted by')),
                ('valued_on', models.DateField(blank=True, null=True, verbose_name='valued on')),
                ('currency', models.CharField(max_length=3, verbose_name='currency')),
                ('amount', models.DecimalField(blank=True, decimal_places=4, max_digits=18, null=True, verbose_name='value')),
                ('haircut', models.DecimalField(blank=True, decimal_places=4, max_digits=5, null=True, verbose_name='haircut')),
                ('lending_value', models.DecimalField(blank=True, decimal_places=4, max_digits=18, null=True, verbose_name='lending value when received')),
                ('document_id', models.BigIntegerField(blank=True, null=True, verbose_name='document')),
                ('asset', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='%(class)s_rows', to='collateral.asset')),
                ('key_owner', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='vault.keyowner')),
                ('ordered_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.person')),
                ('received_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.person')),
            ],
            options={
                'verbose_name': 'valuation',
                'indexes': [models.Index(fields=['asset', 'state', '-valued_on', '-id'], name='valuation_newest')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('state', 'received'), _negated=True), models.Q(('amount__gt', 0), ('haircut__gte', 0), ('haircut__lt', 1), ('valued_on__isnull', False)), _connector='OR'), name='valuation_received_whole')],
            },
        ),
        migrations.CreateModel(
            name='Lien',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('created_at', models.DateTimeField(default=apps.core.clock.now, editable=False)),
                ('holder', apps.vault.fields.EncryptedTextField(editable=True, mask='name', max_length=160, owner='key_owner', verbose_name='holder')),
                ('rank', models.PositiveSmallIntegerField(verbose_name='rank')),
                ('amount', models.DecimalField(decimal_places=4, max_digits=18, verbose_name='amount secured')),
                ('is_ours', models.BooleanField(default=False, verbose_name='our own')),
                ('asset', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='%(class)s_rows', to='collateral.asset')),
                ('key_owner', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='vault.keyowner')),
                ('found_in', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='liens', to='collateral.liencheck')),
            ],
            options={
                'verbose_name': 'lien',
                'ordering': ['rank', 'id'],
                'constraints': [models.CheckConstraint(condition=models.Q(('amount__gte', 0), ('rank__gte', 1)), name='lien_rank_and_amount')],
            },
        ),
    ]
