"""The WSGI entrance, for gunicorn."""

import os

from django.core.management import call_command
from django.core.wsgi import get_wsgi_application

from loanflow import collector

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "loanflow.settings")

application = get_wsgi_application()
# among others: no start without the key file that wrapped what the database holds
call_command("check", fail_level="CRITICAL", verbosity=0)
collector.settled()
