#!/usr/bin/env python3
"""The command line of LoanFlow: `manage.py help` lists what it can do."""

import os
import sys

from django.core.management import execute_from_command_line

from loanflow import collector


def main() -> None:
    """Run the command named on the command line."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "loanflow.settings")
    collector.seldom()
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
