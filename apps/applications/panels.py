"""Placeholder."""


def register_panels() -> None:
    """Nothing yet."""
