"""Template libraries of workflow."""
