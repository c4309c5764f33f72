"""The user's consent that a checkout may have these secrets; on the way of `run`.

One record per repository: what was agreed, under which name its values are stored, and
the digests of the plans that were compiled from agreed content. `run` needs the last only.
"""

import os

from devkeys.fingerprint import digest

HEADER = b"devkeys-consent 1\n"


def path_of(data_dir: str, identity: str) -> str:
    """Return where the record of the repository *identity* is kept."""
    return os.path.join(data_dir, "consent", digest(os.fsencode(identity)))


def plan_digest(record: bytes, location: str) -> str | None:
    """Return the digest of the plan at *location* in the record's bytes, or None."""
    if not record.startswith(HEADER):
        return None
    head = b"\nplan " + location.encode() + b" "
    start = record.find(head)
    if start < 0:
        return None
    start += len(head)
    return record[start : record.find(b"\n", start)].decode("ascii", "replace")
