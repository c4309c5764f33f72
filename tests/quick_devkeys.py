"""devkeys as a program, but that passphrases take no seconds: for tests that choose one.

python -P quick_devkeys.py WORDS...
"""

import os
import sys

QUICK_DEVKEYS = [sys.executable, "-P", __file__]


def _quick() -> None:
    sys.path.append(os.path.dirname(__file__))
    import quick_scrypt

    from devkeys.secret import Secret
    from devkeys.store import envelope

    def seal_with(plain: bytes, passphrase: Secret, *, armored: bool = False) -> bytes:
        assert not armored
        return quick_scrypt.seal(plain, passphrase.reveal().decode())

    envelope.seal_with = seal_with


if __name__ == "__main__":
    from devkeys.__main__ import main

    _quick()
    sys.exit(main())
