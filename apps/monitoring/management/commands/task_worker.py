"""`manage.py task_worker`: the task worker of django-tasks-db, with a heartbeat that /healthz can see, rounds after what was left lying, and the log's sealer and streamer."""

from typing import Any

from django_tasks_db.management.commands.db_worker import Command as DatabaseWorker

from apps.monitoring.beats import Heart
from apps.monitoring.rounds import Rounds
from apps.monitoring.sealer import Sealer
from apps.monitoring.streamer import Streamer


class Command(DatabaseWorker):
    """Runs tasks until it is stopped; takes the arguments of `db_worker`."""

    help = "Run background tasks, and say regularly that this worker is alive."

    def handle(self, *, worker_id: str, **options: Any) -> None:  # type: ignore[override]
        """Beat beside the worker's own loop."""
        beside = (Heart(worker_id), Rounds(), Sealer(), Streamer())
        for thread in beside:
            thread.start()
        try:
            super().handle(worker_id=worker_id, **options)
        finally:
            for thread in beside:
                thread.stop()
