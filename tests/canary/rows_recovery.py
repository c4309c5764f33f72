"""Rows of the table: `store recovery-key` and `recover`."""

from canary.of_store import CHOSEN, NEW, PHRASE, WRONG, of_store
from canary.playing import IN_KERNEL, NOWHERE
from canary.situations import typed_value
from canary.store_situations import (
    key_and_file_gone,
    key_gone,
    other_recovery,
    protected,
    record_gone,
    taken_target,
    with_recovery,
)
from canary.watching import DATA, FILE, Allowed
from canary.ways import AS_PATH, FULL, KILLED

KEPT = ("Is it kept", "yes\r")
KEY_FILE = "key.age"
FORMER = (
    Allowed(DATA, r"~/\.local/share/devkeys/\.identity\.old\.[0-9a-f]{12}\.tmp"),
    Allowed(FILE, r"~/\.local/share/devkeys/identity\.old"),
)
RECOVERY_KEY = (
    of_store(
        "recovery-key", f"recovery-key --yes {CHOSEN}", quick=True, key=NOWHERE, keychain=True
    ),
    of_store("recovery-key-real", f"recovery-key --yes {CHOSEN}", key=NOWHERE, seldom=True),
    of_store("recovery-key-typed", "recovery-key", typed=(*NEW, KEPT), quick=True, key=NOWHERE),
    of_store(
        "recovery-key-not-kept",
        "recovery-key",
        2,
        typed=(*NEW, (KEPT[0], "no\r")),
        quick=True,
        key=NOWHERE,
        seldom=True,
    ),
    of_store(
        "recovery-key-interrupted",
        "recovery-key",
        130,
        typed=(*NEW, (KEPT[0], "\x03")),
        quick=True,
        key=NOWHERE,
    ),
    of_store(
        "recovery-key-again",
        f"recovery-key --yes --to ../new.age {CHOSEN}",
        before=with_recovery,
        quick=True,
        key=NOWHERE,
        seldom=True,
    ),
    of_store(
        "recovery-key-taken",
        f"recovery-key --yes --to ../out {CHOSEN}",
        2,
        "is there already",
        before=taken_target,
        key=NOWHERE,
    ),
    of_store(
        "recovery-key-protected",
        f"recovery-key --yes {CHOSEN}",
        before=protected,
        env=PHRASE,
        quick=True,
        key=IN_KERNEL,
        seldom=True,
    ),
    of_store(
        "recovery-key-wrong",
        f"recovery-key --yes {CHOSEN}",
        3,
        before=protected,
        env=WRONG,
        key=NOWHERE,
        seldom=True,
    ),
    of_store(
        "recovery-key-full-disk",
        f"recovery-key --yes {CHOSEN}",
        3,
        quick=True,
        strace=(FULL,),
        key=NOWHERE,
    ),
    of_store(
        "recovery-key-no-output",
        f"recovery-key --yes {CHOSEN}",
        None,
        quick=True,
        strace=("--inject=write:error=EIO:when=2+",),
        key=NOWHERE,
        seldom=True,
    ),
    of_store(
        "recovery-key-remove", "recovery-key --remove --yes", before=with_recovery, key=NOWHERE
    ),
)
RECOVER = (
    of_store("recover", f"recover ../key.age --to file {CHOSEN}", 0, "a new key", before=key_gone),
    of_store(
        "recover-pasted",
        "recover --to file",
        before=key_gone,
        typed=(("paste the recovery key", "{recovery}\r"), ("passphrase of the rec", "{chosen}\r")),
    ),
    of_store(
        "recover-stdin",
        f"recover - --to file {CHOSEN}",
        before=record_gone,
        given=lambda stage: stage.recovery,
    ),
    of_store("recover-unlocked", f"recover ../key.age {CHOSEN}", before=with_recovery, seldom=True),
    of_store(
        "recover-keychain",
        f"recover ../key.age {CHOSEN}",
        before=with_recovery,
        only="keychain",
    ),
    of_store(
        "recover-partly",
        f"recover ../key.age --to file {CHOSEN}",
        1,
        "cannot be opened",
        before=key_and_file_gone,
        allowed=FORMER,
    ),
    of_store(
        "recover-wrong",
        "recover ../key.age --to file --passphrase-file ../wrong",
        3,
        before=key_gone,
        key=NOWHERE,
    ),
    of_store(
        "recover-wrong-typed",
        "recover ../key.age --to file",
        3,
        before=key_gone,
        typed=(("passphrase of the rec", "{wrong}\r"),) * 3,
        key=NOWHERE,
        seldom=True,
    ),
    of_store(
        "recover-interrupted",
        "recover --to file",
        130,
        before=key_gone,
        typed=(("paste the recovery key", "{recovery}\x03"),),
        key=NOWHERE,
    ),
    of_store(
        "recover-another",
        f"recover ../key.age --to file {CHOSEN}",
        3,
        before=other_recovery,
        key=NOWHERE,
    ),
    of_store(
        "recover-no-key",
        f"recover - {CHOSEN}",
        3,
        "no recovery key",
        given=typed_value,
        key=NOWHERE,
        seldom=True,
    ),
    of_store(
        "recover-no-terminal",
        "recover ../key.age --to file",
        None,
        before=key_gone,
        key=NOWHERE,
        seldom=True,
    ),
    of_store(
        "recover-full-disk",
        f"recover ../key.age --to file {CHOSEN}",
        3,
        before=key_gone,
        strace=("--inject=fsync:error=ENOSPC:when=3+",),
    ),
    of_store(
        "recover-killed",
        f"recover ../key.age --to file {CHOSEN}",
        None,
        before=key_gone,
        strace=(KILLED.format(5),),
        seldom=True,
    ),
    of_store("recover-wrong-place", "recover ../key.age --to {canary}", 2, key=NOWHERE),
    of_store("recover-wrong-file", "recover {canary}", None, key=NOWHERE, allowed=(AS_PATH,)),
)
