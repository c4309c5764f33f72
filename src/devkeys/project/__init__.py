"""Which project a directory belongs to, and how it is configured."""
