import apps.core.clock
import django.db.models.deletion
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0001_initial'),
        ('borrowers', '0001_initial'),
        ('workflow', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='LoanCounter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('year', models.PositiveSmallIntegerField(unique=True)),
                ('last', models.PositiveIntegerField(default=0)),
            ],
            options={
                'verbose_name': 'loan counter',
            },
        ),
        migrations.CreateModel(
            name='Loan',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('created_at', models.DateTimeField(default=apps.core.clock.now, editable=False)),
                ('number', models.CharField(max_length=16, unique=True, verbose_name='loan')),
                ('drawdown_uuid', models.UUIDField(unique=True)),
                ('state', models.CharField(choices=[('running', 'Running'), ('settled', 'Settled'), ('closed', 'Closed')], default='running', max_length=10, verbose_name='state')),
                ('version', models.PositiveIntegerField(default=1)),
                ('currency', models.CharField(max_length=3, verbose_name='currency')),
                ('principal', models.DecimalField(decimal_places=4, max_digits=18, verbose_name='principal')),
                ('rate', models.DecimalField(decimal_places=4, max_digits=7, verbose_name='rate, % a year')),
                ('term_months', models.PositiveSmallIntegerField(verbose_name='term, months')),
                ('method', models.CharField(max_length=20, verbose_name='repayment')),
                ('day_count', models.CharField(max_length=10, verbose_name='day count')),
                ('paid_out_on', models.DateField(verbose_name='paid out on')),
                ('balance', models.DecimalField(decimal_places=4, max_digits=18, verbose_name='principal outstanding')),
                ('arrears_since', models.DateField(blank=True, null=True, verbose_name='oldest unpaid due date')),
                ('next_due_on', models.DateField(blank=True, null=True, verbose_name='next due')),
                ('settled_on', models.DateField(blank=True, null=True, verbose_name='settled on')),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('borrower', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='loans', to='borrowers.borrower')),
                ('branch', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.branch')),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='loans', to='workflow.loancase')),
                ('facility', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='loans', to='workflow.facility')),
            ],
            options={
                'verbose_name': 'loan',
                'indexes': [models.Index(fields=['branch', '-id'], name='loan_branch_newest'), models.Index(fields=['borrower', '-id'], name='loan_borrower_newest'), models.Index(fields=['state', 'next_due_on', 'id'], name='loan_state_next_due')],
                'constraints': [models.CheckConstraint(condition=models.Q(('balance__gte', 0), ('principal__gt', 0), ('balance__lte', models.F('principal'))), name='loan_balance')],
            },
        ),
        migrations.CreateModel(
            name='Repayment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('created_at', models.DateTimeField(default=apps.core.clock.now, editable=False)),
                ('state', models.CharField(choices=[('entered', 'entered, to be checked'), ('posted', 'posted'), ('rejected', 'rejected')], default='entered', max_length=10)),
                ('amount', models.DecimalField(decimal_places=4, max_digits=18, verbose_name='amount')),
                ('value_on', models.DateField(verbose_name='value date')),
                ('reference_text', models.CharField(max_length=80, verbose_name='bank reference')),
                ('settles', models.BooleanField(default=False, verbose_name='settles the loan early')),
                ('checked_at', models.DateTimeField(blank=True, null=True)),
                ('allocation', models.JSONField(blank=True, default=list)),
                ('checked_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.person')),
                ('entered_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.person')),
                ('loan', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='repayments', to='post_loan.loan')),
            ],
            options={
                'verbose_name': 'repayment',
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'rejected'), _negated=True), fields=('loan', 'reference_text'), name='repayment_once'), models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='repayment_positive'), models.CheckConstraint(condition=models.Q(('checked_by', None), ('entered_by', None), models.Q(('checked_by', models.F('entered_by')), _negated=True), _connector='OR'), name='repayment_four_eyes')],
            },
        ),
        migrations.CreateModel(
            name='ScheduleRow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('created_at', models.DateTimeField(default=apps.core.clock.now, editable=False)),
                ('number', models.PositiveSmallIntegerField()),
                ('due_on', models.DateField(verbose_name='due on')),
                ('principal', models.DecimalField(decimal_places=4, max_digits=18, verbose_name='principal')),
                ('interest', models.DecimalField(decimal_places=4, max_digits=18, verbose_name='interest')),
                ('paid_principal', models.DecimalField(decimal_places=4, default=0, max_digits=18)),
                ('paid_interest', models.DecimalField(decimal_places=4, default=0, max_digits=18)),
                ('loan', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='schedule', to='post_loan.loan')),
            ],
            options={
                'verbose_name': 'instalment',
                'ordering': ['number'],
                'constraints': [models.UniqueConstraint(fields=('loan', 'number'), name='instalment_number'), models.CheckConstraint(condition=models.Q(('paid_interest__gte', 0), ('paid_interest__lte', models.F('interest')), ('paid_principal__gte', 0), ('paid_principal__lte', models.F('principal'))), name='instalment_not_overpaid')],
            },
        ),
        migrations.CreateModel(
            name='LedgerEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('created_at', models.DateTimeField(default=apps.core.clock.now, editable=False)),
                ('kind', models.CharField(choices=[('payout', 'payout'), ('principal', 'principal repaid'), ('interest', 'interest received'), ('interest_waived', 'interest of later periods, not charged')], max_length=16)),
                ('amount', models.DecimalField(decimal_places=4, max_digits=18)),
                ('value_on', models.DateField()),
                ('balance', models.DecimalField(decimal_places=4, max_digits=18)),
                ('loan', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='ledger', to='post_loan.loan')),
                ('repayment', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='post_loan.repayment')),
            ],
            options={
                'verbose_name': 'ledger entry',
                'verbose_name_plural': 'ledger entries',
                'ordering': ['id'],
                'indexes': [models.Index(fields=['loan', 'id'], name='ledger_loan_order')],
            },
        ),
    ]
