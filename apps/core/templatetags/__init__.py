"""Template libraries of the house."""
