"""Rows of the table: `store move`, `rekey`, `verify` and `repair`."""

from canary.of_store import (
    CHOSEN,
    NEW,
    PHRASE,
    WRONG,
    of_store,
)
from canary.playing import IN_FILE, IN_KERNEL, IN_KEYCHAIN, NOWHERE
from canary.situations import damaged, locked, open_to_all
from canary.store_situations import (
    begun,
    begun_protected,
    both_protected,
    broken_lock,
    in_file,
    in_protected_file,
    no_data,
    protected,
    stray_file,
    unlocked,
    with_confirmed,
)
from canary.ways import FULL, KILLED

BOTH = (*IN_FILE, *IN_KEYCHAIN)
MOVE = (
    of_store("move-keychain", "move keychain", 0, "is now", before=in_file, only="keychain"),
    of_store(
        "move-protected",
        "move keychain",
        before=in_protected_file,
        env=PHRASE,
        key=(*IN_KERNEL, *IN_KEYCHAIN),
        only="keychain",
        seldom=True,
    ),
    of_store("move-file", "move file --no-passphrase", 0, "is now", key=IN_FILE, only="keychain"),
    of_store(
        "move-file-protected", f"move file {CHOSEN}", quick=True, key=NOWHERE, only="keychain"
    ),
    of_store(
        "move-file-typed",
        "move file",
        typed=(("with a passphrase?", "y\r"), *NEW),
        quick=True,
        key=NOWHERE,
        only="keychain",
        seldom=True,
    ),
    of_store(
        "move-interrupted",
        "move file",
        130,
        typed=(("with a passphrase?", "y\r"), NEW[0], (NEW[1][0], "{chosen}\x03")),
        key=NOWHERE,
        only="keychain",
        seldom=True,
    ),
    of_store("move-no-terminal", "move file", 2, key=NOWHERE, only="keychain"),
    of_store(
        "move-taken",
        f"move file {CHOSEN}",
        3,
        before=stray_file,
        quick=True,
        only="keychain",
        seldom=True,
    ),
    of_store("move-locked", f"move file {CHOSEN}", 3, before=locked, quick=True, only="keychain"),
    of_store(
        "move-full-disk",
        "move file --no-passphrase",
        3,
        strace=(FULL,),
        key=IN_FILE,
        only="keychain",
    ),
    of_store(
        "move-killed",
        "move keychain",
        None,
        before=in_file,
        strace=(KILLED.format(1),),
        only="keychain",
        seldom=True,
    ),
    of_store("move-no-keychain", "move keychain", 3, seldom=True),
    of_store("move-wrong", "move {canary}", 2),
)
REKEY = (
    of_store("rekey", "rekey --yes", 0, "a new key", keychain=True),
    of_store("rekey-confirmed", "rekey --yes", before=with_confirmed),
    of_store("rekey-only-confirmed", "rekey --confirmed --yes", before=with_confirmed, seldom=True),
    of_store(
        "rekey-protected",
        "rekey",
        0,
        "a new key",
        before=protected,
        typed=(("Make a new key?", "y\r"), ("which will protect", "{phrase}\r")),
        quick=True,
        key=NOWHERE,
    ),
    of_store(
        "rekey-phrase", "rekey --yes", before=both_protected, env=PHRASE, quick=True, key=NOWHERE
    ),
    of_store(
        "rekey-unlocked",
        "rekey --yes",
        before=unlocked,
        env=PHRASE,
        quick=True,
        key=IN_KERNEL,
        seldom=True,
    ),
    of_store("rekey-wrong", "rekey --yes", 3, before=protected, env=WRONG, key=NOWHERE),
    of_store(
        "rekey-interrupted",
        "rekey",
        130,
        before=protected,
        typed=(("Make a new key?", "y\r"), ("which will protect", "{phrase}\x03")),
        key=NOWHERE,
    ),
    of_store("rekey-no-terminal", "rekey", 2, "no terminal", key=NOWHERE, seldom=True),
    of_store("rekey-goes-on", "rekey --yes", 0, "finished the rekey", before=begun, keychain=True),
    of_store(
        "rekey-protected-goes-on",
        "rekey --yes",
        before=begun_protected,
        env=PHRASE,
        quick=True,
        key=IN_KERNEL,
    ),
    of_store("rekey-full-disk", "rekey --yes", 3, strace=("--inject=fsync:error=ENOSPC:when=9+",)),
    of_store(
        "rekey-broken", "rekey --yes", 3, seldom=True, strace=("--inject=fsync:error=EIO:when=5+",)
    ),
    *(
        of_store(
            f"rekey-killed-{when}",
            "rekey --yes",
            None,
            strace=(KILLED.format(when),),
            seldom=when != 7,
        )
        for when in (2, 4, 7, 9, 12)
    ),
    of_store("rekey-damaged", "rekey --yes", 3, before=damaged, seldom=True),
    of_store("rekey-locked", "rekey --yes", 3, before=locked, only="keychain", seldom=True),
)
CHECKS = (
    of_store("verify", "verify", 0, keychain=True, key=NOWHERE),
    of_store("verify-json", "verify --json", 1, before=damaged, key=NOWHERE),
    of_store(
        "verify-protected", "verify", before=protected, env=PHRASE, key=IN_KERNEL, seldom=True
    ),
    of_store("verify-closed", "verify", 1, before=protected, key=NOWHERE, seldom=True),
    of_store("verify-broken-lock", "verify", 1, before=broken_lock, env=PHRASE, key=NOWHERE),
    of_store("verify-stray", "verify --json", None, before=stray_file, key=NOWHERE, seldom=True),
    of_store("verify-open", "verify", 1, before=open_to_all, key=NOWHERE, seldom=True),
    of_store("verify-no-data", "verify", None, before=no_data, key=NOWHERE, seldom=True),
    of_store("verify-locked", "verify", 1, before=locked, only="keychain", key=NOWHERE),
    of_store("verify-wrong", "verify {canary}", 2, key=NOWHERE, seldom=True),
    of_store("repair", "repair --yes", None, before=damaged),
    of_store("repair-shows", "repair --dry-run", 1, before=damaged, key=NOWHERE, seldom=True),
    of_store("repair-finishes", "repair --yes", 0, before=begun, keychain=True),
    of_store("repair-full-disk", "repair --yes", None, before=begun, strace=(FULL,), seldom=True),
    of_store("repair-wrong", "repair --{canary}", 2, key=NOWHERE, seldom=True),
)
