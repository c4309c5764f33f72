"""A backend of keyring's that a test's configuration names, as a user's does."""

import os
from pathlib import Path

BACKEND = """
import json, os, time
from keyring.backend import KeyringBackend
here = os.path.dirname(__file__)
class Keyring(KeyringBackend):
    priority = 9
    def get_password(self, service, username):
        print("a backend may print what it likes")
        with open(here + "/pid", "w") as file:
            file.write(str(os.getpid()))
        with open(here + "/cwd", "w") as file:
            file.write(os.getcwd())
        if service == "hangs":
            while True:
                try: time.sleep(60)
                except KeyboardInterrupt: pass
        if service == "dies":
            os._exit(3)
        return os.environ.get("TEST_VALUE")
    def set_password(self, service, username, password):
        raise RuntimeError(password)
class PlaintextKeyring(Keyring):
    pass
"""


def environ(directory: Path, kind: str = "Keyring") -> dict[str, str]:
    """Configure keyring, as its user does, for the backend *kind* of a module there."""
    (directory / "backend_of_test.py").write_text(BACKEND)
    config = directory / "python_keyring"
    config.mkdir()
    text = f"[backend]\ndefault-keyring=backend_of_test.{kind}\nkeyring-path={directory}\n"
    (config / "keyringrc.cfg").write_text(text)
    names = {"HOME": str(directory), "XDG_CONFIG_HOME": str(directory)}
    return {"PATH": os.environ["PATH"], **names}
