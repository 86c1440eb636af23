"""Pages of borrowers."""
