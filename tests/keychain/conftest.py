"""Fixtures of the keychain's tests."""

from gnome_keyring import keyring

__all__ = ["keyring"]
