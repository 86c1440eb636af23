import apps.core.clock
import django.db.models.deletion
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='RoleGrant',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('created_at', models.DateTimeField(default=apps.core.clock.now, editable=False)),
                ('role', models.CharField(choices=[('borrower', 'Borrower'), ('loan_officer', 'Loan officer'), ('credit_analyst', 'Credit analyst'), ('appraiser', 'Collateral appraiser'), ('approver_1', 'Approver, level 1'), ('approver_2', 'Approver, level 2'), ('approver_3', 'Approver, level 3'), ('committee_secretary', 'Committee secretary'), ('disbursement_reviewer', 'Disbursement reviewer'), ('payment_maker', 'Payment maker'), ('payment_checker', 'Payment checker'), ('post_loan_officer', 'Post-loan officer'), ('team_lead', 'Team lead'), ('head_of_credit', 'Head of credit'), ('compliance_officer', 'Compliance officer'), ('auditor', 'Auditor'), ('security_officer', 'Security officer'), ('administrator', 'Administrator')], max_length=32)),
                ('starts', models.DateTimeField(default=apps.core.clock.now)),
                ('ends', models.DateTimeField(blank=True, null=True)),
                ('reason', models.CharField(max_length=300)),
                ('branch', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='role_grants', to='accounts.branch')),
                ('granted_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.person')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='role_grants', to='accounts.person')),
            ],
            options={
                'verbose_name': 'role grant',
                'indexes': [models.Index(fields=['person', 'ends'], name='access_grant_person'), models.Index(fields=['role', 'branch', 'ends'], name='access_grant_role')],
                'constraints': [models.CheckConstraint(condition=models.Q(('ends__isnull', True), ('ends__gte', models.F('starts')), _connector='OR'), name='access_grant_ends_after_start')],
            },
        ),
    ]
