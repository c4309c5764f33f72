"""Rows of the table: `store unlock`, `lock`, and what uses a store that a passphrase protects."""

from canary.of_store import (
    NO_ROOM,
    OLD,
    ON_3,
    OWN_PROMPT,
    PHRASE,
    REFUSED,
    THREE_WRONG,
    WRONG,
    of_store,
)
from canary.playing import IN_KERNEL, NOWHERE, Scenario
from canary.situations import fresh, typed_value
from canary.store_situations import (
    broken_lock,
    protected,
    unlocked,
)
from canary.ways import PROVIDER, RUN, SHOWN

UNLOCK = (
    of_store(
        "unlock", "unlock", 0, "unlocked until", before=protected, typed=(OLD,), key=IN_KERNEL
    ),
    of_store(
        "unlock-file", "unlock --for 1m", before=protected, env=PHRASE, key=IN_KERNEL, seldom=True
    ),
    of_store(
        "unlock-option",
        "unlock --passphrase-file ../phrase",
        before=protected,
        key=IN_KERNEL,
        seldom=True,
    ),
    of_store(
        "unlock-descriptor", "unlock", before=protected, env=ON_3, on_3="../phrase", key=IN_KERNEL
    ),
    of_store(
        "unlock-dev-fd",
        "unlock --passphrase-file /dev/fd/3",
        before=protected,
        on_3="../phrase",
        key=IN_KERNEL,
        seldom=True,
    ),
    of_store("unlock-again", "unlock --for 2m", before=unlocked, key=IN_KERNEL),
    of_store(
        "unlock-second-try",
        "unlock",
        before=protected,
        typed=((OWN_PROMPT, "{wrong}\r"), OLD),
        key=IN_KERNEL,
        seldom=True,
    ),
    of_store("unlock-wrong", "unlock", 3, before=protected, env=WRONG, key=NOWHERE, seldom=True),
    of_store("unlock-wrong-typed", "unlock", 3, before=protected, typed=THREE_WRONG, key=NOWHERE),
    of_store(
        "unlock-wrong-descriptor",
        "unlock",
        3,
        before=protected,
        env=ON_3,
        on_3="../wrong",
        key=NOWHERE,
        seldom=True,
    ),
    of_store(
        "unlock-value",
        "unlock",
        130,
        before=protected,
        key=NOWHERE,
        seldom=True,
        typed=((OWN_PROMPT, "{canary}\r"), (OWN_PROMPT, "\x03")),
    ),
    of_store(
        "unlock-interrupted",
        "unlock",
        130,
        before=protected,
        typed=((OWN_PROMPT, "{phrase}\x03"),),
        key=NOWHERE,
    ),
    of_store("unlock-no-terminal", "unlock", 3, "no terminal", before=protected, key=NOWHERE),
    of_store(
        "unlock-no-file",
        "unlock",
        3,
        before=protected,
        key=NOWHERE,
        seldom=True,
        env={"DEVKEYS_PASSPHRASE_FILE": "../nothing"},
    ),
    of_store("unlock-damaged", "unlock", 3, "damaged", before=broken_lock, env=PHRASE, key=NOWHERE),
    of_store(
        "unlock-refused",
        "unlock",
        3,
        "the kernel's keyring",
        before=protected,
        env=PHRASE,
        strace=(REFUSED,),
        key=NOWHERE,
    ),
    of_store(
        "unlock-no-room",
        "unlock",
        3,
        "it has a limit",
        before=protected,
        env=PHRASE,
        strace=(NO_ROOM,),
        key=IN_KERNEL,  # what it refused
        seldom=True,
    ),
    of_store(
        "unlock-always",
        "unlock",
        0,
        "no passphrase protects",
        key=NOWHERE,
        only="headless",
        seldom=True,
    ),
    of_store(
        "unlock-keychain", "unlock", 0, "the keychain", key=NOWHERE, only="keychain", seldom=True
    ),
    of_store("unlock-first", "unlock", before=fresh, key=NOWHERE, seldom=True),
    of_store("unlock-wrong-time", "unlock --for {canary}", 2, key=NOWHERE),
    of_store("lock", "lock", 0, "locked; the next use", before=unlocked, key=NOWHERE),
    of_store("lock-refused", "lock", before=protected, strace=(REFUSED,), key=NOWHERE, seldom=True),
    of_store("lock-wrong", "lock {canary}", 2, key=NOWHERE, seldom=True),
)


def _used(name: str, *words: str, **options: object) -> Scenario:
    given = {"before": protected, "key": IN_KERNEL, "only": "headless", **options}
    return Scenario(name, words, **given)  # type: ignore[arg-type]


# Other commands with a store that a passphrase protects.
USES = (
    _used("run-phrase", "run", "--", "true", env=PHRASE, allowed=RUN, others=PROVIDER),
    _used(
        "run-descriptor",
        *("run", "--", "true"),
        env=ON_3,
        on_3="../phrase",
        allowed=RUN,
        others=PROVIDER,
    ),
    _used("run-unlocked", "run", "--", "true", before=unlocked, allowed=RUN, others=PROVIDER),
    _used(
        "run-typed",
        *("run", "--", "true"),
        typed=(OLD,),
        allowed=RUN,
        others=PROVIDER,
    ),
    _used("run-wrong-phrase", "run", "--", "true", code=125, env=WRONG, others=PROVIDER),
    _used("run-no-phrase", "run", "--", "true", code=125, others=PROVIDER),
    _used(
        "run-kernel-refused",
        *("run", "--", "true"),
        env=PHRASE,
        strace=(REFUSED,),
        allowed=RUN,
        others=PROVIDER,
        key=NOWHERE,
    ),
    _used("set-phrase", "set", "SPARE_KEY", env=PHRASE, given=typed_value),
    _used("reveal-typed", "get", "PEM_KEY", "--reveal", typed=(OLD,), allowed=SHOWN),
    _used("status-locked", "status", "--json", code=None, seldom=True),
    _used("doctor-locked", "doctor", code=1, seldom=True),
)
