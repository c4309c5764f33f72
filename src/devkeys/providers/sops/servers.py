"""Which server a file would have sops ask, before sops is started.

For a data key that Vault has encrypted, sops sends the user's token to the address that
stands in the file (hcvault/keysource.go of getsops/sops). A repository's file does not
choose who gets that.
"""

import re

from devkeys.providers.errors import DeniedError

LIMIT = 16 << 20  # bytes of a file
_NAME = re.compile(rb"vault_address", re.IGNORECASE)
# To the end of its text: `https://known,@other/` and `'https://known''@other/'` lead to other.
_ADDRESS = re.compile(
    rb"vault_address[\"']?\s*[:=]\s*"
    rb"""(?:"([^\s"',}\\]+)"|'([^\s"',}]+)'(?!')|([^\s"',}]+)(?=[,}]*(?:\s|$)))""",
    re.IGNORECASE,
)
_ESCAPED = re.compile(rb"\\(?:x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|\r?\n[ \t]*)")
_DISGUISED = re.compile(rb"!\S*binary|!<|%TAG")  # how YAML can write a name otherwise


def check(data: bytes, file: str, address: str | None) -> None:
    """Raise DeniedError if *file*, which holds *data*, names a server other than *address*.

    *address* is the user's own VAULT_ADDR.
    """
    plain = _ESCAPED.sub(_unescaped, data.replace(b"\0", b""))  # YAML may be UTF-16
    addresses = [b"".join(found) for found in _ADDRESS.findall(plain)]
    named = {address.decode(errors="replace").rstrip("/") for address in addresses}
    whole = len(_NAME.findall(plain)) == len(addresses)
    if not named and whole and not _DISGUISED.search(plain):
        return
    if not whole or _DISGUISED.search(plain) or named != {(address or "").rstrip("/")}:
        raise DeniedError(
            f"{file} would have sops send your token to a Vault server that is not VAULT_ADDR",
            hint="see vault_address in the file; if you know the server, export it as VAULT_ADDR",
        )


def _unescaped(match: re.Match[bytes]) -> bytes:
    digits = match[1] or match[2] or match[3]
    number = int(digits, 16) if digits else 0x110000
    return chr(number).encode(errors="replace") if number < 0x110000 else b""
