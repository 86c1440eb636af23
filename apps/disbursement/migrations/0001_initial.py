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
            name='ConditionWaiver',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('created_at', models.DateTimeField(default=apps.core.clock.now, editable=False)),
                ('condition', models.UUIDField(unique=True)),
                ('deferred_to', models.DateField(blank=True, null=True, verbose_name='deferred to')),
                ('reason', apps.vault.fields.EncryptedTextField(editable=True, mask='full', max_length=1000, owner='key_owner', verbose_name='reason')),
                ('factor_at', models.DateTimeField()),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='condition_waivers', to='workflow.loancase')),
                ('key_owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='vault.keyowner')),
                ('signed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.person')),
            ],
            options={
                'verbose_name': 'waiver of a condition',
            },
        ),
        migrations.CreateModel(
            name='Contract',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('created_at', models.DateTimeField(default=apps.core.clock.now, editable=False)),
                ('number', models.PositiveSmallIntegerField(verbose_name='contract')),
                ('memo_digest', models.CharField(max_length=64)),
                ('sealed_at', models.DateTimeField(verbose_name='sealed')),
                ('concluded_at', models.DateTimeField(blank=True, null=True, verbose_name='concluded')),
                ('voided_at', models.DateTimeField(blank=True, null=True, verbose_name='voided')),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='contracts', to='workflow.loancase')),
                ('file_en', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='vault.encryptedfile')),
                ('file_zh', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='vault.encryptedfile')),
            ],
            options={
                'verbose_name': 'contract',
                'constraints': [models.UniqueConstraint(fields=('case', 'number'), name='contract_number_once'), models.UniqueConstraint(condition=models.Q(('voided_at', None)), fields=('case',), name='one_live_contract')],
            },
        ),
        migrations.CreateModel(
            name='Drawdown',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('created_at', models.DateTimeField(default=apps.core.clock.now, editable=False)),
                ('number', models.PositiveSmallIntegerField()),
                ('state', models.CharField(choices=[('prepared', 'prepared'), ('released', 'released'), ('paying', 'sent to the bank'), ('paid', 'paid'), ('rejected', 'rejected'), ('in_doubt', 'in doubt'), ('cancelled', 'cancelled')], default='prepared', max_length=10, verbose_name='state')),
                ('amount', models.DecimalField(decimal_places=4, max_digits=18, verbose_name='amount')),
                ('currency', models.CharField(max_length=3, verbose_name='currency')),
                ('purpose', models.CharField(max_length=200, verbose_name='purpose')),
                ('value_on', models.DateField(blank=True, null=True, verbose_name='value date')),
                ('netted', models.DecimalField(decimal_places=4, default=0, max_digits=18, verbose_name='kept back to settle the loan it replaces')),
                ('netted_on', models.DateField(blank=True, null=True)),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='drawdowns', to='workflow.loancase')),
                ('facility', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='drawdowns', to='workflow.facility')),
                ('invoice', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='vault.encryptedfile')),
                ('payee', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='borrowers.bankaccount')),
            ],
            options={
                'verbose_name': 'drawdown',
                'constraints': [models.UniqueConstraint(fields=('facility', 'number'), name='drawdown_number_once'), models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='drawdown_positive'), models.CheckConstraint(condition=models.Q(('netted__gte', 0), ('netted__lt', models.F('amount'))), name='drawdown_netted_below')],
            },
        ),
        migrations.CreateModel(
            name='ConditionEvidence',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('created_at', models.DateTimeField(default=apps.core.clock.now, editable=False)),
                ('condition', models.UUIDField(db_index=True)),
                ('state', models.CharField(choices=[('given', 'to be verified'), ('accepted', 'accepted'), ('rejected', 'rejected')], default='given', max_length=10)),
                ('note', apps.vault.fields.EncryptedTextField(editable=True, mask='full', max_length=1000, owner='key_owner', verbose_name='what it shows')),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('remark', apps.vault.fields.EncryptedTextField(blank=True, default='', editable=True, mask='full', max_length=1000, owner='key_owner', verbose_name='remark')),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='condition_evidence', to='workflow.loancase')),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.person')),
                ('file', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='vault.encryptedfile')),
                ('given_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.person')),
                ('key_owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='vault.keyowner')),
            ],
            options={
                'verbose_name': 'evidence of a condition',
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'rejected'), _negated=True), fields=('condition',), name='one_standing_evidence'), models.CheckConstraint(condition=models.Q(('decided_by', None), models.Q(('decided_by', models.F('given_by')), _negated=True), _connector='OR'), name='evidence_four_eyes')],
            },
        ),
        migrations.CreateModel(
            name='ContractParty',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('created_at', models.DateTimeField(default=apps.core.clock.now, editable=False)),
                ('role', models.CharField(choices=[('borrower', 'borrower'), ('guarantor', 'guarantor')], max_length=12, verbose_name='signs as')),
                ('signed_on', models.DateField(blank=True, null=True, verbose_name='signed on')),
                ('contract', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='parties', to='disbursement.contract')),
                ('paper', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='vault.encryptedfile')),
                ('party', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='borrowers.party')),
                ('witness_one', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.person')),
                ('witness_two', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.person')),
            ],
            options={
                'verbose_name': 'contract party',
                'verbose_name_plural': 'contract parties',
                'constraints': [models.UniqueConstraint(fields=('contract', 'party', 'role'), name='contract_party_once'), models.CheckConstraint(condition=models.Q(('signed_on', None), models.Q(('paper__isnull', False), ('witness_one__isnull', False), ('witness_two__isnull', False), models.Q(('witness_one', models.F('witness_two')), _negated=True)), _connector='OR'), name='contract_two_witnesses')],
            },
        ),
        migrations.CreateModel(
            name='PaymentOrder',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('created_at', models.DateTimeField(default=apps.core.clock.now, editable=False)),
                ('end_to_end_id', models.CharField(max_length=32, unique=True)),
                ('amount', models.DecimalField(decimal_places=4, max_digits=18)),
                ('currency', models.CharField(max_length=3)),
                ('released_at', models.DateTimeField(blank=True, null=True)),
                ('leased_until', models.DateTimeField(blank=True, null=True)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('sha256', models.CharField(blank=True, max_length=64)),
                ('file_name', models.CharField(blank=True, max_length=80)),
                ('sent_at', models.DateTimeField(blank=True, null=True)),
                ('settled_at', models.DateTimeField(blank=True, null=True)),
                ('bank_reference', models.CharField(blank=True, max_length=80, verbose_name='bank reference')),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='workflow.loancase')),
                ('checker', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.person')),
                ('drawdown', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='order', to='disbursement.drawdown')),
                ('maker', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.person')),
            ],
            options={
                'verbose_name': 'payment order',
                'indexes': [models.Index(condition=models.Q(('released_at__isnull', False), ('sent_at', None)), fields=['released_at'], name='order_to_send')],
                'constraints': [models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='order_positive'), models.CheckConstraint(condition=models.Q(('checker', None), models.Q(('checker', models.F('maker')), _negated=True), _connector='OR'), name='order_four_eyes'), models.CheckConstraint(condition=models.Q(('released_at', None), ('checker__isnull', False), _connector='OR'), name='order_released_by_checker')],
            },
        ),
    ]
