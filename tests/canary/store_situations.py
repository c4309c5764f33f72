"""What scenarios of the store find: a passphrase, a recovery key, an export, a rekey begun."""

import os
import shutil
from pathlib import Path

import pyrage
import quick_scrypt
from canary.situations import fresh
from canary.stage import Stage
from locked_store import need_kernel, wrap
from repositories import run_git

from devkeys import unlocking
from devkeys.lock import locked
from devkeys.secret import Secret
from devkeys.store import create, envelope, identity, layout, recovery, rekeying
from devkeys.store.identity import Identity
from devkeys.store.record import CONFIRMED, KEYCHAIN, OWN, Record, read_record


def _phrase(stage: Stage, name: str = "phrase") -> str:
    return stage.phrases[name].text


def _opened(stage: Stage, *, confirm: bool = False) -> Identity:
    """Open a store that no passphrase protects, or that is in the keychain."""

    def read(_service: str, account: str) -> Secret:
        return Secret(stage.identity(account) or b"")

    found = identity.load(str(stage.data), read_keychain=read, confirm=confirm)
    assert found is not None
    return found


def _record(stage: Stage) -> Record:
    record = read_record(str(stage.data))
    assert record is not None
    return record


def _configured(stage: Stage, unlock_for: str) -> None:
    folder = stage.home / ".config" / "devkeys"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.toml").write_text(f'[store]\nunlock_for = "{unlock_for}"\n')


def protected(stage: Stage) -> None:
    """Let only the passphrase open the store, for a minute at once."""
    wrap(str(stage.data), _phrase(stage))
    _configured(stage, "60s")


def unlocked(stage: Stage) -> None:
    """Let the kernel keep the key of a store that a passphrase protects."""
    need_kernel()
    found = _opened(stage).secret
    protected(stage)
    unlocking.remember(_record(stage).own, found, seconds=60)


def with_confirmed(stage: Stage) -> None:
    """Give confirmed profiles a key of their own, beside the store's."""
    create.create_confirmed(str(stage.data), _opened(stage), keychain=None)


def both_protected(stage: Stage) -> None:
    """Let the same passphrase protect either key."""
    with_confirmed(stage)
    wrap(str(stage.data), _phrase(stage), CONFIRMED)
    protected(stage)


def broken_lock(stage: Stage) -> None:
    """Turn a byte of the file over that the passphrase opens."""
    protected(stage)
    path = stage.data / OWN
    data = bytearray(path.read_bytes())
    data[-3] ^= 1
    path.write_bytes(data)


def odd_key(stage: Stage) -> None:
    """Let the identity file hold a key twice, and a text beside it that is none."""
    path = stage.data / OWN
    path.write_bytes(path.read_bytes() * 2 + stage.typed.value)


def begun(stage: Stage) -> None:
    """Interrupt a rekey before the new key is in its place."""
    with locked(layout.lock_path(str(stage.data))):
        rekeying.begin(str(stage.data), OWN)


def begun_protected(stage: Stage) -> None:
    """Interrupt a rekey of a store that a passphrase protects."""
    begun(stage)
    protected(stage)


def in_file(stage: Stage) -> None:
    """Take the store's key out of the keychain, into a file."""
    record, key = _record(stage), stage.identity()
    assert record.own.kind == KEYCHAIN
    assert key
    stage.devkeys("store", "move", "file", "--no-passphrase")


def in_protected_file(stage: Stage) -> None:
    """Take the store's key out of the keychain, and protect it with the passphrase."""
    in_file(stage)
    protected(stage)


def stray_file(stage: Stage) -> None:
    """Leave another's identity file where the key would go."""
    (stage.data / OWN).write_bytes(envelope.new_identity().reveal() + b"\n")
    (stage.data / OWN).chmod(0o600)


def with_recovery(stage: Stage) -> None:
    """Make a recovery key; its passphrase is `chosen`, and its text in the file `key.age`."""
    secret = envelope.new_identity()
    plain = b"# a comment\n" + secret.reveal() + b"\n"
    stage.recovery = quick_scrypt.armored(quick_scrypt.seal(plain, _phrase(stage, "chosen")))
    (stage.root / "key.age").write_bytes(stage.recovery)
    keys = {OWN: (_opened(stage).secret,)}
    with locked(layout.lock_path(str(stage.data))):
        recovery.change(str(stage.data), keys, envelope.recipient_of(secret) or "")


def key_gone(stage: Stage) -> None:
    """Lose the store's key; there is a recovery key."""
    with_recovery(stage)
    (stage.data / OWN).unlink()


def key_and_file_gone(stage: Stage) -> None:
    """Have a recovery key, and a file of values that it does not open."""
    with_recovery(stage)
    recipients = (envelope.recipient_of(envelope.new_identity()) or "",)
    stage.values.with_name("lost.age").write_bytes(envelope.seal(stage.typed.value, recipients))
    stage.values.with_name("lost.age").chmod(0o600)


def record_gone(stage: Stage) -> None:
    """Lose the record, its copy and the key; there is a recovery key."""
    key_gone(stage)
    for path in (layout.record_path, layout.record_copy_path):
        Path(path(str(stage.data))).unlink(missing_ok=True)


def other_recovery(stage: Stage) -> None:
    """Have a recovery key of another store in the file."""
    with_recovery(stage)
    plain = envelope.new_identity().reveal() + b"\n"
    stage.recovery = quick_scrypt.armored(quick_scrypt.seal(plain, _phrase(stage, "chosen")))
    (stage.root / "key.age").write_bytes(stage.recovery)


def _export(stage: Stage, words: tuple[str, ...]) -> bytes:
    file = stage.root / "export"
    stage.devkeys("store", "export", str(file), "--yes", *words)
    found = file.read_bytes()
    file.unlink()
    return found


def exported(stage: Stage) -> None:
    """Have an export of the store, which the passphrase and which an age key opens."""
    key = pyrage.x25519.Identity.generate()
    (stage.root / "reader").write_text(f"{key}\n")
    sealed = _export(stage, ("--recipient", str(key.to_public())))
    (stage.root / "keys-for-reader.age").write_bytes(sealed)
    sealed = quick_scrypt.seal(pyrage.decrypt(sealed, [key]), _phrase(stage))
    (stage.root / "keys.age").write_bytes(sealed)


def new_machine(stage: Stage) -> None:
    """Have nothing but an export."""
    exported(stage)
    fresh(stage)


def changed(stage: Stage) -> None:
    """Have an export, and another value in the store than it has."""
    exported(stage)
    stage.devkeys("set", "PLAIN_KEY", given=stage.typed.value)


def damaged_export(stage: Stage) -> None:
    """Have an export that was cut short."""
    exported(stage)
    for path in stage.root.glob("keys*.age"):
        path.write_bytes(path.read_bytes()[:-40])


def decrypted_export(stage: Stage) -> None:
    """Have an export that lies open, as `age -d` writes it."""
    exported(stage)
    key = pyrage.x25519.Identity.from_str((stage.root / "reader").read_text().strip())
    sealed = (stage.root / "keys-for-reader.age").read_bytes()
    (stage.root / "keys.age").write_bytes(pyrage.decrypt(sealed, [key]))


def taken_target(stage: Stage) -> None:
    """Have a file of that name already."""
    (stage.root / "out").write_bytes(b"A_FILE=of mine\n")


def own_dotenv(stage: Stage) -> None:
    """Have a `.env` with other lines in the checkout, that others can read."""
    (stage.project / ".env").write_bytes(b"# mine\nOTHER=1\n")
    (stage.project / ".env").chmod(0o644)


def in_git(stage: Stage) -> None:
    """Have two values of a checkout in git, which does not ignore `.env`."""
    run_git("init", "-q", cwd=stage.project)
    stage.devkeys("allow", "--yes")
    stage.devkeys("import", "-", "--yes", given=stage.dotenv("PLAIN_KEY", "PEM_KEY"))


def dotenv_elsewhere(stage: Stage) -> None:
    """Have a `.env` that is a link to somewhere else."""
    (stage.project / ".env").symlink_to(stage.root / "out")


def locked_checkout(stage: Stage) -> None:
    """Let nobody write into the checkout."""
    stage.project.chmod(0o500)


def two_lines(stage: Stage) -> None:
    """Have a passphrase's file that holds more than one line."""
    path = stage.root / "phrase"
    path.write_bytes(path.read_bytes() * 2)


def no_data(stage: Stage) -> None:
    """Lose all files of values, and keep the record."""
    shutil.rmtree(os.path.dirname(os.path.dirname(stage.values)))
