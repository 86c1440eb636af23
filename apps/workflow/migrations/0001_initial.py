import apps.core.clock
import apps.vault.fields
import datetime
import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0001_initial'),
        ('accounts', '__first__'),
        ('auth', '0012_alter_user_first_name_max_length'),
        ('borrowers', '0001_initial'),
        ('vault', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='CaseCounter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('year', models.PositiveSmallIntegerField(unique=True)),
                ('last', models.PositiveIntegerField(default=0)),
            ],
            options={
                'verbose_name': 'case counter',
            },
        ),
        migrations.CreateModel(
            name='Reason',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('created_at', models.DateTimeField(default=apps.core.clock.now, editable=False)),
                ('code', models.SlugField(max_length=40, unique=True, verbose_name='code')),
                ('name_en', models.CharField(max_length=160, verbose_name='name in English')),
                ('name_zh', models.CharField(blank=True, max_length=160, verbose_name='name in Chinese')),
                ('is_active', models.BooleanField(default=True, verbose_name='in use')),
                ('kind', models.CharField(choices=[('decline', 'declining'), ('knock_out', 'policy knock-out'), ('return', 'sending back'), ('withdraw', 'withdrawing'), ('freeze', 'freezing'), ('purpose', 'opening masked data')], db_index=True, max_length=12, verbose_name='for')),
            ],
            options={
                'verbose_name': 'reason',
            },
        ),
        migrations.CreateModel(
            name='Product',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('created_at', models.DateTimeField(default=apps.core.clock.now, editable=False)),
                ('code', models.SlugField(max_length=40, unique=True, verbose_name='code')),
                ('name_en', models.CharField(max_length=160, verbose_name='name in English')),
                ('name_zh', models.CharField(blank=True, max_length=160, verbose_name='name in Chinese')),
                ('is_active', models.BooleanField(default=True, verbose_name='in use')),
                ('currency', models.CharField(max_length=3, verbose_name='currency')),
                ('is_secured', models.BooleanField(default=False, verbose_name='secured by collateral')),
                ('is_revolving', models.BooleanField(default=False, verbose_name='revolving limit')),
                ('min_amount', models.DecimalField(decimal_places=4, max_digits=18, verbose_name='smallest amount')),
                ('max_amount', models.DecimalField(decimal_places=4, max_digits=18, verbose_name='largest amount')),
                ('min_term', models.PositiveSmallIntegerField(verbose_name='shortest term, months')),
                ('max_term', models.PositiveSmallIntegerField(verbose_name='longest term, months')),
                ('min_rate', models.DecimalField(decimal_places=4, max_digits=7, verbose_name='lowest rate, % a year')),
                ('max_rate', models.DecimalField(decimal_places=4, max_digits=7, verbose_name='highest rate, % a year')),
                ('repayment', models.CharField(choices=[('equal_instalment', 'equal instalment'), ('equal_principal', 'equal principal')], default='equal_instalment', max_length=20, verbose_name='repayment')),
                ('day_count', models.CharField(default='30/360', max_length=10, verbose_name='day count')),
                ('offer_days', models.PositiveSmallIntegerField(default=30, verbose_name='offer stands for, days')),
                ('service_hours', models.JSONField(blank=True, default=dict, verbose_name='service hours by stage')),
            ],
            options={
                'verbose_name': 'product',
                'constraints': [models.CheckConstraint(condition=models.Q(('max_amount__gte', models.F('min_amount')), ('min_amount__gt', 0)), name='product_amounts'), models.CheckConstraint(condition=models.Q(('max_term__gte', models.F('min_term')), ('min_term__gt', 0)), name='product_terms'), models.CheckConstraint(condition=models.Q(('max_rate__gte', models.F('min_rate')), ('min_rate__gte', 0)), name='product_rates')],
            },
        ),
        migrations.CreateModel(
            name='LoanCase',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('created_at', models.DateTimeField(default=apps.core.clock.now, editable=False)),
                ('number', models.CharField(max_length=16, unique=True, verbose_name='case')),
                ('state', models.CharField(choices=[('draft', 'Draft'), ('intake', 'Intake'), ('credit_review', 'Credit review'), ('collateral_check', 'Collateral check'), ('approval', 'Approval'), ('offered', 'Offered'), ('contracting', 'Contracting'), ('conditions', 'Conditions'), ('payout', 'Payout'), ('active', 'Active'), ('completed', 'Completed'), ('waiting', 'Waiting for the borrower'), ('declined', 'Declined'), ('expired', 'Expired'), ('withdrawn', 'Withdrawn')], default='draft', max_length=20, verbose_name='state')),
                ('stage', models.CharField(choices=[('application', 'Application'), ('credit_review', 'Credit review'), ('collateral', 'Collateral'), ('approval', 'Approval'), ('contract', 'Contract'), ('disbursement', 'Disbursement'), ('post_loan', 'Post-loan')], default='application', max_length=20, verbose_name='stage')),
                ('came_from', models.CharField(blank=True, max_length=20)),
                ('version', models.PositiveIntegerField(default=1)),
                ('currency', models.CharField(max_length=3, verbose_name='currency')),
                ('amount_asked', models.DecimalField(decimal_places=4, default=0, max_digits=18, verbose_name='asked')),
                ('amount_proposed', models.DecimalField(blank=True, decimal_places=4, max_digits=18, null=True, verbose_name='proposed')),
                ('grade', models.CharField(blank=True, max_length=2, verbose_name='grade')),
                ('missing', models.JSONField(blank=True, default=list, verbose_name='missing')),
                ('is_secured', models.BooleanField(default=False, verbose_name='secured')),
                ('is_urgent', models.BooleanField(default=False, verbose_name='urgent')),
                ('is_frozen', models.BooleanField(default=False, verbose_name='frozen')),
                ('submitted_at', models.DateTimeField(blank=True, null=True)),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('entered_at', models.DateTimeField(verbose_name='in this state since')),
                ('due_at', models.DateTimeField(default=datetime.datetime(9999, 1, 1, 0, 0, tzinfo=datetime.UTC), verbose_name='due')),
                ('paused_seconds', models.PositiveIntegerField(blank=True, null=True)),
                ('warned_at', models.DateTimeField(blank=True, null=True)),
                ('changed_at', models.DateTimeField()),
                ('changed_by', models.CharField(blank=True, max_length=80)),
                ('source', models.CharField(blank=True, max_length=40)),
                ('source_id', models.CharField(blank=True, max_length=80)),
                ('borrower', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='cases', to='borrowers.borrower')),
                ('branch', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.branch')),
                ('frozen_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.person')),
                ('holder', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.person')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='workflow.product')),
            ],
            options={
                'verbose_name': 'case',
                'indexes': [models.Index(fields=['branch', 'state', 'due_at', 'id'], name='case_branch_state_due'), models.Index(fields=['branch', '-id'], name='case_branch_newest'), models.Index(fields=['holder', 'due_at', 'id'], name='case_holder_due'), models.Index(fields=['borrower', '-id'], name='case_borrower_newest'), models.Index(fields=['state', 'due_at', 'id'], name='case_state_due')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('source', ''), _negated=True), fields=('source', 'source_id'), name='case_imported_once'), models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'intake', 'credit_review', 'collateral_check', 'approval', 'offered', 'contracting', 'conditions', 'payout', 'active', 'completed', 'waiting', 'declined', 'expired', 'withdrawn'])), name='case_state_known')],
            },
        ),
        migrations.CreateModel(
            name='Facility',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('created_at', models.DateTimeField(default=apps.core.clock.now, editable=False)),
                ('position', models.PositiveSmallIntegerField(default=1)),
                ('kind', models.CharField(choices=[('new', 'new loan'), ('renewal', 'renewal'), ('top_up', 'top-up'), ('restructure', 'restructure'), ('revolving', 'revolving limit')], default='new', max_length=12, verbose_name='kind')),
                ('state', models.CharField(choices=[('asked', 'asked for'), ('approved', 'approved'), ('active', 'active'), ('closed', 'closed'), ('cancelled', 'cancelled')], default='asked', max_length=12)),
                ('currency', models.CharField(max_length=3, verbose_name='currency')),
                ('amount', models.DecimalField(decimal_places=4, max_digits=18, verbose_name='amount asked')),
                ('term_months', models.PositiveSmallIntegerField(verbose_name='term, months')),
                ('purpose', models.CharField(blank=True, max_length=400, verbose_name='purpose')),
                ('repayment', models.CharField(choices=[('equal_instalment', 'equal instalment'), ('equal_principal', 'equal principal')], default='equal_instalment', max_length=20, verbose_name='repayment')),
                ('approved_amount', models.DecimalField(blank=True, decimal_places=4, max_digits=18, null=True, verbose_name='amount approved')),
                ('approved_term', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='term approved, months')),
                ('approved_rate', models.DecimalField(blank=True, decimal_places=4, max_digits=7, null=True, verbose_name='rate approved, % a year')),
                ('day_count', models.CharField(default='30/360', max_length=10)),
                ('available_until', models.DateField(blank=True, null=True, verbose_name='available until')),
                ('borrower', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='facilities', to='borrowers.borrower')),
                ('replaces', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='replaced_by', to='workflow.facility')),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='facilities', to='workflow.loancase')),
            ],
            options={
                'verbose_name': 'facility',
                'verbose_name_plural': 'facilities',
                'constraints': [models.UniqueConstraint(fields=('case', 'position'), name='facility_position'), models.CheckConstraint(condition=models.Q(('amount__gte', 0)), name='facility_amount')],
            },
        ),
        migrations.CreateModel(
            name='DutyDone',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('created_at', models.DateTimeField(default=apps.core.clock.now, editable=False)),
                ('duty', models.CharField(max_length=12)),
                ('event', models.CharField(max_length=32)),
                ('borrower', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='borrowers.borrower')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='duties', to='accounts.person')),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='duties', to='workflow.loancase')),
            ],
            options={
                'verbose_name': 'duty done',
                'verbose_name_plural': 'duties done',
                'indexes': [models.Index(fields=['borrower', 'person'], name='duty_borrower_person')],
                'constraints': [models.UniqueConstraint(fields=('case', 'person', 'duty'), name='duty_once_a_case')],
            },
        ),
        migrations.CreateModel(
            name='CaseStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('created_at', models.DateTimeField(default=apps.core.clock.now, editable=False)),
                ('event', models.CharField(max_length=32)),
                ('from_state', models.CharField(max_length=20)),
                ('to_state', models.CharField(max_length=20)),
                ('actor_name', models.CharField(max_length=80)),
                ('reason_codes', models.JSONField(blank=True, default=list)),
                ('person', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.person')),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='steps', to='workflow.loancase')),
            ],
            options={
                'verbose_name': 'step',
                'indexes': [models.Index(fields=['case', 'id'], name='step_case_order')],
            },
        ),
        migrations.CreateModel(
            name='CaseBlock',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('created_at', models.DateTimeField(default=apps.core.clock.now, editable=False)),
                ('reason', models.CharField(max_length=200)),
                ('ends_at', models.DateTimeField(blank=True, null=True)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.person')),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='blocks', to='workflow.loancase')),
            ],
            options={
                'verbose_name': 'block',
                'constraints': [models.UniqueConstraint(condition=models.Q(('ends_at', None)), fields=('case', 'person'), name='one_lasting_block')],
            },
        ),
        migrations.CreateModel(
            name='LoanCaseGroupObjectPermission',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('content_object', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='workflow.loancase')),
                ('group', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='auth.group')),
                ('permission', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='auth.permission')),
            ],
            options={
                'abstract': False,
                'unique_together': {('group', 'permission', 'content_object')},
            },
        ),
        migrations.CreateModel(
            name='LoanCaseUserObjectPermission',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('ends_at', models.DateTimeField(blank=True, null=True)),
                ('reason', models.CharField(blank=True, max_length=200)),
                ('content_object', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='workflow.loancase')),
                ('permission', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='auth.permission')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'shared case',
                'abstract': False,
                'unique_together': {('user', 'permission', 'content_object')},
            },
        ),
        migrations.CreateModel(
            name='Message',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('created_at', models.DateTimeField(default=apps.core.clock.now, editable=False)),
                ('kind', models.CharField(choices=[('note', 'note'), ('question', 'question'), ('answer', 'answer')], max_length=10)),
                ('audience', models.CharField(choices=[('borrower', 'borrower'), ('colleague', 'colleague')], max_length=10, verbose_name='to')),
                ('body', apps.vault.fields.EncryptedTextField(editable=True, mask='full', max_length=4000, owner='key_owner', verbose_name='text')),
                ('author_name', models.CharField(max_length=80)),
                ('due_on', models.DateField(blank=True, null=True, verbose_name='answer by')),
                ('answered_at', models.DateTimeField(blank=True, null=True)),
                ('author', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.person')),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='messages', to='workflow.loancase')),
                ('key_owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='vault.keyowner')),
                ('reply_to', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='replies', to='workflow.message')),
                ('to_person', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.person')),
            ],
            options={
                'verbose_name': 'message',
                'indexes': [models.Index(fields=['case', 'id'], name='message_case_order')],
            },
        ),
        migrations.CreateModel(
            name='Notice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=32)),
                ('created_at', models.DateTimeField()),
                ('read_at', models.DateTimeField(blank=True, null=True)),
                ('case', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='workflow.loancase')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='notices', to='accounts.person')),
            ],
            options={
                'verbose_name': 'notice',
                'indexes': [models.Index(fields=['person', 'read_at', '-id'], name='notice_unread')],
            },
        ),
    ]
