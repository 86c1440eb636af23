"""The ASGI entrance, for servers that speak it."""

import os

from django.core.asgi import get_asgi_application
from django.core.management import call_command

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "loanflow.settings")

application = get_asgi_application()
# among others: no start without the key file that wrapped what the database holds
call_command("check", fail_level="CRITICAL", verbosity=0)
