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
        sealed = quick_scrypt.seal(plain, passphrase.reveal().decode())
        return quick_scrypt.armored(sealed) if armored else sealed

    envelope.seal_with = seal_with


def main() -> int:
    """Run devkeys with the words of the command line; return its exit code."""
    from devkeys import __main__ as program

    _quick()
    return program.main()


if __name__ == "__main__":
    sys.exit(main())
