"""Pages of post-loan."""
