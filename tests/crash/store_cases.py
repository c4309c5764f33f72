"""The cases of `devkeys store`, and of writes that have to do with more than one key."""

import os
from pathlib import Path

import pyrage
from crash.case import STORED, Case, fill, stored, value
from crash.world import PASSPHRASE, State, World

from devkeys.store import layout
from devkeys.store.record import CONFIRMED, OWN, Record, parse


def _record(data_dir: str) -> Record:
    path = layout.record_path(data_dir)
    return parse(Path(path).read_bytes(), path)


def _with_key(world: World) -> State:
    """Say besides whether the store's key is another than it was saved with."""
    now, before = (_record(path).own.recipient for path in (world.data_dir, world.saved_data_dir))
    return {**world.state(), "key": {"is": "the former" if now == before else "another"}}


def _former_opens_nothing(world: World) -> str:
    former = [pyrage.x25519.Identity.from_str(text) for text in world.saved_secrets()]
    assert former
    opened = [path for path, content in world.opened(former) if content is not None]
    return f"the former key opens {', '.join(opened)}" if opened else ""


def _with_place(world: World) -> State:
    return {**world.state(), "key": {"in": _record(world.data_dir).own.kind}}


def _no_copy(world: World) -> str:
    copies = world.secrets()
    return "" if len(copies) == 1 else f"the key is in {len(copies)} places"


def _in_file(world: World) -> None:
    """Make a store whose key is in a file, though there is a keychain now."""
    with world.without_keychain():
        stored(world)


def _mine(world: World) -> None:
    """Put an age identity, which is not the store's, beside the values."""
    mine = pyrage.x25519.Identity.generate()
    world.put("me.txt", f"{mine}\n")
    world.put("me.pub", f"{mine.to_public()}\n")


def _to_export(world: World) -> None:
    stored(world)
    _mine(world)


def _exported(world: World) -> State:
    """Say besides what is in the export, if there is one, after it was opened."""
    content = world.held_bytes("keys.age")
    if content is None:
        return {**world.state(), "export": {}}
    mine = pyrage.x25519.Identity.from_str(world.held("me.txt").strip())
    plain = pyrage.decrypt(content, [mine])
    values = [text for of in ("dev", "staging") for text in STORED[of].values()]
    whole = all(text.encode() in plain for text in values)
    mode = os.stat(os.path.join(world.project, "keys.age")).st_mode & 0o777
    return {**world.state(), "export": {"is": f"{'whole' if whole else 'not whole'}, {mode:o}"}}


BROUGHT: State = {
    "dev": {name: value(name, "changed") for name in ("KEY_A", "KEY_C")},
    "staging": {"KEY_A": value("KEY_A", "another")},
}


def _to_import(world: World) -> None:
    """Export from one store, and make another with other values."""
    world.make()
    _mine(world)
    for profile, values in BROUGHT.items():
        for name, text in values.items():
            world.must("set", name, "-p", profile, given=text)
    world.must("store", "export", "keys.age", "--recipients-file", "me.pub", "--yes")
    world.must("forget", "--all", "--yes")
    world.agree()
    fill(world)


def _damaged(world: World) -> None:
    """Cut the values of one profile short; those from before the last write are whole."""
    stored(world)
    path = Path(layout.values_path(world.data_dir, "chat", "dev"))
    path.write_bytes(path.read_bytes()[:-9])


def _usable(world: World) -> State:
    return world.usable()


def _with_phrase(world: World) -> None:
    stored(world)
    world.put("phrase", f"{PASSPHRASE}\n")


def _with_protection(world: World) -> State:
    path = layout.identity_path(world.data_dir, OWN)
    protected = Path(path).read_bytes().startswith(b"age-encryption.org/")
    return {**world.state(), "key": {"protected": str(protected)}}


def _not_plain(world: World) -> str:
    return "the identity is still in plain text somewhere" if world.secrets() else ""


def _with_recovery(world: World) -> State:
    return {**world.state(), "key": {"recovery": str(bool(_record(world.data_dir).recovery))}}


def _has_recovery(world: World) -> None:
    """Make a recovery key and keep its text, as the user does."""
    _with_phrase(world)
    made = world.must("store", "recovery-key", "--yes", "--passphrase-file", "phrase")
    world.put("recovery.txt", made.decode())


def _recoverable(world: World) -> str:
    """Check that the recovery key opens all files of values."""
    text = world.held("recovery.txt").encode()
    lines = pyrage.passphrase.decrypt(text, PASSPHRASE).decode().splitlines()
    recovery = pyrage.x25519.Identity.from_str(lines[-1])
    closed = [path for path, content in world.opened([recovery]) if content is None]
    return f"the recovery key does not open {', '.join(closed)}" if closed else ""


def _confirming(world: World) -> None:
    """Add a profile that is confirmed at each use."""
    stored(world)
    world.put("devkeys.toml", "[profiles.staging]\n[profiles.prod]\nconfirm = true\n")
    world.agree("dev", "staging", "prod")


def _with_prod(world: World) -> State:
    return {**world.state(), "prod": world.values("prod")}


def _apart(world: World) -> str:
    """Check that only its own identity opens the confirmed profile."""
    path = layout.values_path(world.data_dir, "chat", "prod")
    with open(layout.identity_path(world.data_dir, CONFIRMED), encoding="ascii") as file:
        theirs = next(line.strip() for line in file if line.startswith("AGE-SECRET-KEY-"))
    others = [pyrage.x25519.Identity.from_str(text) for text in world.secrets() if text != theirs]
    opened = dict(world.opened(others))
    return "the store's own key opens it" if opened[path] is not None else ""


CASES = {
    "rekey": Case(
        ["store", "rekey", "--yes"],
        stored,
        {**STORED, "key": {"is": "the former"}},
        {**STORED, "key": {"is": "another"}},
        look=_with_key,
        finished=_former_opens_nothing,
    ),
    "export": Case(
        ["store", "export", "keys.age", "--recipients-file", "me.pub", "--yes"],
        _to_export,
        {**STORED, "export": {}},
        {**STORED, "export": {"is": "whole, 600"}},
        look=_exported,
        idle="keys.age is there already",
    ),
    "store-import": Case(
        ["store", "import", "keys.age", "--identity", "me.txt", "--prefer", "file", "--yes"],
        _to_import,
        STORED,
        {"dev": {**STORED["dev"], **BROUGHT["dev"]}, "staging": BROUGHT["staging"]},
        mixed=True,
    ),
    "repair": Case(
        ["store", "repair", "--yes"],
        _damaged,
        {**STORED, "dev": World.UNUSABLE},
        {**STORED, "dev": {"KEY_A": value("KEY_A", "present")}},
        look=_usable,
        reports=True,
    ),
    "to-keychain": Case(
        ["store", "move", "keychain"],
        _in_file,
        {**STORED, "key": {"in": "file"}},
        {**STORED, "key": {"in": "keychain"}},
        look=_with_place,
        finished=_no_copy,
        keychain=True,
    ),
    "to-file": Case(
        ["store", "move", "file", "--no-passphrase"],
        stored,
        {**STORED, "key": {"in": "keychain"}},
        {**STORED, "key": {"in": "file"}},
        look=_with_place,
        finished=_no_copy,
        keychain=True,
    ),
    "passphrase": Case(
        ["store", "passphrase", "--passphrase-file", "phrase"],
        _with_phrase,
        {**STORED, "key": {"protected": "False"}},
        {**STORED, "key": {"protected": "True"}},
        look=_with_protection,
        finished=_not_plain,
        quick=True,
    ),
    "recovery-key": Case(
        ["store", "recovery-key", "--yes", "--passphrase-file", "phrase"],
        _with_phrase,
        {**STORED, "key": {"recovery": "False"}},
        {**STORED, "key": {"recovery": "True"}},
        look=_with_recovery,
        quick=True,
    ),
    "recoverable": Case(
        ["set", "KEY_A"],
        _has_recovery,
        STORED,
        {**STORED, "dev": {**STORED["dev"], "KEY_A": value("KEY_A", "changed")}},
        given=value("KEY_A", "changed"),
        finished=_recoverable,
        quick=True,
    ),
    "confirmed": Case(
        ["set", "KEY_A", "-p", "prod"],
        _confirming,
        {**STORED, "prod": {}},
        {**STORED, "prod": {"KEY_A": value("KEY_A", "changed")}},
        given=value("KEY_A", "changed"),
        look=_with_prod,
        finished=_apart,
        profile="prod",
    ),
}
