"""Rows of the table: `store export` and `store import`."""

from canary.of_store import (
    AGAIN,
    CHOSEN,
    NEW,
    NEW_PROMPT,
    PHRASE,
    WRONG,
    of_store,
)
from canary.playing import IN_KERNEL, NOWHERE
from canary.situations import damaged, locked, typed_dotenv, typed_value
from canary.store_situations import (
    changed,
    damaged_export,
    decrypted_export,
    exported,
    new_machine,
    protected,
    taken_target,
)
from canary.ways import AS_PATH, BROKEN, FULL, KILLED

RECIPIENT = "age1lggyhqrw2nlhcxprm67z43rta597azn8gknawjehu9d9dl0jq3yqqvfafg"
EXPORT = (
    of_store(
        "export", f"export ../out --yes {CHOSEN}", 0, "found them all", quick=True, keychain=True
    ),
    of_store("export-real", f"export ../out --yes {CHOSEN}", seldom=True),
    of_store(
        "export-typed",
        "export ../out",
        typed=((NEW_PROMPT, "{chosen}\r"), (AGAIN, "{chosen}\r")),
        quick=True,
    ),
    of_store("export-recipient", f"export ../out --yes --names --recipient {RECIPIENT}"),
    of_store("export-stdout", f"export - --yes --armor {CHOSEN}", quick=True),
    of_store("export-taken", f"export ../out --yes {CHOSEN}", 2, before=taken_target, seldom=True),
    of_store(
        "export-force",
        f"export ../out --force --yes {CHOSEN}",
        before=taken_target,
        quick=True,
        seldom=True,
    ),
    of_store(
        "export-protected",
        f"export ../out --yes {CHOSEN}",
        before=protected,
        env=PHRASE,
        quick=True,
        key=IN_KERNEL,
        seldom=True,
    ),
    of_store(
        "export-wrong-phrase",
        f"export ../out --yes {CHOSEN}",
        3,
        before=protected,
        env=WRONG,
        key=NOWHERE,
        seldom=True,
    ),
    of_store("export-full-disk", f"export ../out --yes {CHOSEN}", 3, quick=True, strace=(FULL,)),
    of_store(
        "export-broken-disk",
        f"export ../out --yes {CHOSEN}",
        3,
        quick=True,
        strace=(BROKEN,),
        seldom=True,
    ),
    of_store(
        "export-killed",
        f"export ../out --yes {CHOSEN}",
        None,
        quick=True,
        strace=("--inject=fsync:signal=SIGKILL",),
        seldom=True,
    ),
    of_store("export-interrupted", "export ../out", 130, typed=(NEW[0], (AGAIN, "{chosen}\x03"))),
    of_store("export-no-terminal", "export ../out", None, seldom=True),
    of_store("export-damaged", f"export ../out --yes {CHOSEN}", 3, before=damaged, seldom=True),
    of_store(
        "export-rest",
        f"export ../out --skip-unreadable --yes {CHOSEN}",
        None,
        before=damaged,
        quick=True,
        seldom=True,
    ),
    of_store(
        "export-locked",
        f"export ../out --yes {CHOSEN}",
        3,
        before=locked,
        only="keychain",
        seldom=True,
    ),
    of_store("export-wrong", "export ../out --yes --recipient {canary}", 2),
    of_store(
        "export-wrong-file",
        "export ../out --yes --recipients-file -",
        None,
        given=typed_value,
        seldom=True,
    ),
)
IMPORT_EXPORT = (
    of_store(
        "import-export",
        "import ../keys.age --yes --passphrase-file ../phrase",
        0,
        "and read them back",
        before=new_machine,
    ),
    of_store(
        "import-export-changed",
        "import ../keys.age --prefer file --yes --passphrase-file ../phrase",
        before=changed,
        keychain=True,
    ),
    of_store(
        "import-export-typed",
        "import ../keys.age",
        before=new_machine,
        typed=(("passphrase of", "{phrase}\r"), ("Take this", "y\r")),
    ),
    of_store(
        "import-export-identity",
        "import ../keys-for-reader.age --yes --json --identity ../reader",
        before=new_machine,
        seldom=True,
    ),
    of_store(
        "import-export-shown",
        "import ../keys.age --dry-run --json --passphrase-file ../phrase",
        None,
        before=changed,
        seldom=True,
    ),
    of_store(
        "import-export-stdin",
        "import - --yes --identity ../reader",
        before=new_machine,
        given=lambda stage: (stage.root / "keys-for-reader.age").read_bytes(),
        seldom=True,
    ),
    of_store(
        "import-export-wrong",
        "import ../keys.age --yes --passphrase-file ../wrong",
        3,
        before=exported,
    ),
    of_store(
        "import-export-wrong-typed",
        "import ../keys.age",
        3,
        before=exported,
        typed=(("passphrase of", "{wrong}\r"),) * 3,
        seldom=True,
    ),
    of_store(
        "import-export-interrupted",
        "import ../keys.age",
        130,
        before=exported,
        typed=(("passphrase of", "{phrase}\x03"),),
    ),
    of_store(
        "import-export-damaged",
        "import ../keys.age --yes --passphrase-file ../phrase",
        3,
        before=damaged_export,
    ),
    of_store(
        "import-export-open", "import ../keys.age --yes", 2, before=decrypted_export, seldom=True
    ),
    of_store("import-export-other", "import - --yes", 2, given=typed_dotenv, key=NOWHERE),
    of_store(
        "import-export-full-disk",
        "import ../keys.age --yes --passphrase-file ../phrase",
        3,
        before=new_machine,
        strace=("--inject=fsync:error=ENOSPC:when=6+",),
        seldom=True,
    ),
    of_store(
        "import-export-killed",
        "import ../keys.age --prefer file --yes --passphrase-file ../phrase",
        None,
        before=changed,
        strace=(KILLED.format(1),),
        seldom=True,
    ),
    of_store(
        "import-export-identity-wrong",
        "import ../keys-for-reader.age --identity {canary}",
        None,  # a name of 300 bytes is none
        before=exported,
        allowed=(AS_PATH,),
    ),
    of_store("import-export-wrong-side", "import ../keys.age --prefer {canary}", 2, seldom=True),
)
