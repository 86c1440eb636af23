"""Sealed events on their way to another house's watch (a SIEM), in its formats, in the order of the tree, each at least once."""
