"""Looks into files before they are kept: what they are, whether they are whole, whether they would burst when opened."""

from apps.applications.uploads.inspecting import LARGEST, Inspected, UploadRefused, inspect

__all__ = ["LARGEST", "Inspected", "UploadRefused", "inspect"]
