"""Where cases and everything owed are kept."""
