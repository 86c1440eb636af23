from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0009_keys_for_exports'),
    ]

    operations = [
        migrations.AddField(
            model_name='sessionrecord',
            name='factor_device',
            field=models.CharField(blank=True, max_length=40),
        ),
        migrations.AddField(
            model_name='sessionrecord',
            name='factor_network',
            field=models.CharField(blank=True, max_length=43),
        ),
        migrations.AddField(
            model_name='sessionrecord',
            name='seen_from',
            field=models.JSONField(blank=True, default=list),
        ),
    ]
