"""What the watch itself keeps."""

from django.db import models

from apps.core.classes import declared


class WorkerBeat(models.Model):
    """When a task worker last said that it is alive. Operational, not governed: it says nothing about a case."""

    worker = models.CharField(max_length=64, primary_key=True)
    at = models.DateTimeField()

    data_classes = declared(codes="worker", facts="at")

    class Meta:
        indexes = [models.Index(fields=["at"], name="monitoring_beat_at")]

    def __str__(self) -> str:
        return f"worker {self.worker}"
