"""What `devkeys store` does: a module per command."""
