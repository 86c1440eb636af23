import apps.audit.expressions
import django.db.models.functions.datetime
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='FieldDifference',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('object_pk', models.CharField(db_index=True, max_length=255, verbose_name='object pk')),
                ('object_id', models.BigIntegerField(blank=True, db_index=True, null=True, verbose_name='object id')),
                ('object_repr', models.TextField(verbose_name='object representation')),
                ('serialized_data', models.JSONField(null=True)),
                ('action', models.PositiveSmallIntegerField(choices=[(0, 'create'), (1, 'update'), (2, 'delete'), (3, 'access')], db_index=True, verbose_name='action')),
                ('changes_text', models.TextField(blank=True, verbose_name='change message')),
                ('changes', models.JSONField(null=True, verbose_name='change message')),
                ('cid', models.CharField(blank=True, db_index=True, max_length=255, null=True, verbose_name='Correlation ID')),
                ('remote_addr', models.GenericIPAddressField(blank=True, null=True, verbose_name='remote address')),
                ('remote_port', models.PositiveIntegerField(blank=True, null=True, verbose_name='remote port')),
                ('timestamp', models.DateTimeField(db_index=True, default=django.utils.timezone.now, verbose_name='timestamp')),
                ('additional_data', models.JSONField(blank=True, null=True, verbose_name='additional data')),
                ('actor_email', models.CharField(blank=True, max_length=254, null=True, verbose_name='actor email')),
            ],
            options={
                'verbose_name': 'field difference',
                'verbose_name_plural': 'field differences',
                'managed': False,
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='AuditMacKey',
            fields=[
                ('id', models.CharField(max_length=32, primary_key=True, serialize=False)),
                ('wrapped', models.BinaryField()),
                ('root_key', models.CharField(max_length=64)),
                ('created', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                'verbose_name': 'code key',
                'verbose_name_plural': 'code keys',
                'db_table': 'audit_mac_key',
            },
        ),
        migrations.CreateModel(
            name='AuditEvent',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('txid', models.BigIntegerField(default=0, editable=False)),
                ('body', models.TextField()),
                ('mac_key', models.CharField(max_length=32)),
                ('mac', models.CharField(max_length=64)),
                ('at', models.GeneratedField(db_persist=True, expression=apps.audit.expressions.BodyMoment('body'), output_field=models.DateTimeField(null=True))),
                ('action', models.GeneratedField(db_persist=True, expression=apps.audit.expressions.BodyText('body', path='action'), output_field=models.TextField(null=True))),
                ('outcome', models.GeneratedField(db_persist=True, expression=apps.audit.expressions.BodyText('body', path='outcome'), output_field=models.TextField(null=True))),
                ('actor', models.GeneratedField(db_persist=True, expression=apps.audit.expressions.BodyText('body', path='name'), output_field=models.TextField(null=True))),
                ('person', models.GeneratedField(db_persist=True, expression=apps.audit.expressions.BodyNumber('body', path='person'), output_field=models.BigIntegerField(null=True))),
                ('roles', models.GeneratedField(db_persist=True, expression=apps.audit.expressions.BodyText('body', path='roles'), output_field=models.TextField(null=True))),
                ('branch', models.GeneratedField(db_persist=True, expression=apps.audit.expressions.BodyNumber('body', path='branch'), output_field=models.BigIntegerField(null=True))),
                ('case', models.GeneratedField(db_persist=True, expression=apps.audit.expressions.BodyText('body', path='case'), output_field=models.TextField(null=True))),
                ('object', models.GeneratedField(db_persist=True, expression=apps.audit.expressions.BodyText('body', path='subject.object'), output_field=models.TextField(null=True))),
                ('purpose', models.GeneratedField(db_persist=True, expression=apps.audit.expressions.BodyText('body', path='purpose.code'), output_field=models.TextField(null=True))),
                ('address', models.GeneratedField(db_persist=True, expression=apps.audit.expressions.BodyText('body', path='address'), output_field=models.TextField(null=True))),
                ('request', models.GeneratedField(db_persist=True, expression=apps.audit.expressions.BodyText('body', path='request'), output_field=models.TextField(null=True))),
                ('kind', models.GeneratedField(db_persist=True, expression=apps.audit.expressions.BodyText('body', path='kind'), output_field=models.TextField(null=True))),
            ],
            options={
                'verbose_name': 'event',
                'verbose_name_plural': 'events',
                'db_table': 'audit_event',
                'ordering': ['-id'],
                'indexes': [models.Index(fields=['at'], name='audit_event_at'), models.Index(fields=['action', 'id'], name='audit_event_action'), models.Index(fields=['person', 'id'], name='audit_event_person'), models.Index(fields=['branch', 'id'], name='audit_event_branch'), models.Index(fields=['case', 'id'], name='audit_event_case'), models.Index(fields=['object', 'id'], name='audit_event_object'), models.Index(fields=['request'], name='audit_event_request')],
            },
        ),
        migrations.CreateModel(
            name='AuditTouch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('event_id', models.BigIntegerField(db_index=True)),
                ('txid', models.BigIntegerField()),
                ('object', models.TextField()),
                ('n', models.BigIntegerField()),
                ('op', models.TextField()),
            ],
            options={
                'verbose_name': 'touched object',
                'verbose_name_plural': 'touched objects',
                'db_table': 'audit_touch',
                'ordering': ['-id'],
                'constraints': [models.UniqueConstraint(fields=('object', 'n'), name='audit_touch_number')],
            },
        ),
    ]
