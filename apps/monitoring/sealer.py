"""The sealer of a task worker: every few seconds it takes into the log's tree what has been committed since,
and has the witnesses cosign the head and the authority time-stamp it."""

import logging

from django.conf import settings
from django.db import DatabaseError

from apps.audit.seals.objects import MapChanged
from apps.audit.seals.standing import SealBroken
from apps.audit.services.sealing import has_due, log_seal
from apps.audit.services.signing import sealer_actor
from apps.audit.services.stamping import log_timestamp
from apps.audit.services.witnessing import log_witness
from apps.core.errors import LoanFlowError
from apps.monitoring.beside import Beside

logger = logging.getLogger(__name__)


class Sealer(Beside):
    """Seals until it is told to stop; several workers may: a lock lets one at a time, the others find nothing left."""

    def __init__(self) -> None:
        super().__init__("sealer")

    def interval(self) -> float:
        """The setting, read each time."""
        return float(settings.LOANFLOW_SEAL_INTERVAL)

    def work(self) -> None:
        """Seal what is due; what fails is tried again, and /healthz says that it waits."""
        try:
            if has_due():
                log_seal(actor=sealer_actor())
            log_witness(actor=sealer_actor())
            log_timestamp(actor=sealer_actor())
        except (DatabaseError, LoanFlowError):
            logger.warning("sealing left out", exc_info=True)
        except (SealBroken, MapChanged):
            logger.exception("the log is not sealed: what was sealed before has been changed")
        except Exception:  # the thread goes on whatever happens: nobody else seals
            logger.exception("sealing failed")
