"""What post-loan tells collateral without being imported: what is still owed, and who waits for a release.

Filled in ``AppConfig.ready()``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from apps.core.actor import Actor
from apps.workflow.models import LoanCase

before_release: list[Callable[[LoanCase], Sequence[Any]]] = []
"""Each returns sentences on why a case's collateral may not be released yet."""
after_release: list[Callable[[LoanCase, Actor], None]] = []
"""Each runs in the transaction of a release, for instance to complete the case."""
