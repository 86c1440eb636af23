"""Template filters of post-loan."""
