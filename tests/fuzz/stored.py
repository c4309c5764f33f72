"""The store's files: values sealed and plain, what is noted beside them, who opens them."""

import contextlib
import os
from collections.abc import Callable

import new_store
from fuzz.law import Subject, Target, made_up

from devkeys.secret import Secret
from devkeys.store import (
    bundle,
    envelope,
    filenames,
    framed,
    identity,
    layout,
    ledger,
    previous,
    record,
    remote,
    values,
    verifying,
)
from devkeys.store.faults import Store

PROJECT, PROFILE = "chat/api", "dev"
WHERE = "/nowhere/dev.age"


def put(path: str, data: bytes) -> None:
    """Write *data* to the file *path* of the user's alone."""
    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb", buffering=0) as file:
        file.write(data)


def content(path: str) -> bytes:
    """Return what stands in the file *path*."""
    with open(path, "rb") as file:
        return file.read()


def _filled(directory: str) -> tuple[new_store.NewStore, bytes]:
    """Return a store with three writes of one profile, and the last value of KEY."""
    store = new_store.make(directory)
    store.set(PROJECT, PROFILE, KEY=new_store.key(), OTHER_KEY=b"")
    secret = made_up("store")
    store.set(PROJECT, PROFILE, KEY=secret)
    store.set(PROJECT, PROFILE, PEM=b"line\nline\n\nname X secret 1\n\xff\xfe=")
    return store, secret


def _head(data: bytes) -> bytes:
    return data.partition(b"\n\n")[0]


def _record(directory: str) -> Subject:
    store, _ = _filled(directory)
    path = layout.record_path(store.data_dir)
    first = content(path)
    more = first.replace(b"store 1", b"store 2") + b"recovery %s\nend\n" % first.split()[-1]
    in_keychain = first.replace(b"identity file", b"identity keychain\naccount identity")
    held = content(layout.identity_path(store.data_dir))

    def read(data: bytes) -> None:
        put(path, data)
        record.read_record(store.data_dir)
        found = identity.load(store.data_dir, read_keychain=lambda *_: store.identity.secret)
        assert found is not None
        assert found.secret == store.identity.secret
        assert store.identity.recipients[0] in found.recipients

    return Subject([first, more + b"\n", in_keychain], read, held.splitlines()[-1])


def _identity(directory: str) -> Subject:
    store, _ = _filled(directory)
    path = layout.identity_path(store.data_dir)
    seed = content(path)
    other = b"# another\n" + envelope.new_identity().reveal() + b"\n"

    def read(data: bytes) -> None:
        put(path, data)
        found = identity.load(store.data_dir, read_keychain=lambda *_: None)
        assert found is not None
        assert found.secret == store.identity.secret

    return Subject([seed, other, seed.splitlines()[-1]], read, seed.splitlines()[-1])


def _values_sealed(directory: str) -> Subject:
    store, secret = _filled(directory)
    path = layout.values_path(store.data_dir, PROJECT, PROFILE)
    new = content(path)
    right = store.get(PROJECT, PROFILE)
    store.set(PROJECT, "prod", KEY=new_store.key())
    prod = content(layout.values_path(store.data_dir, PROJECT, "prod"))
    forged = values.encode(PROJECT, PROFILE, values.Values(1, {}, {}, {}))

    def read(data: bytes) -> None:
        put(path, data)
        assert store.get(PROJECT, PROFILE) == right

    old = envelope.seal(forged, store.identity.recipients)
    return Subject([new, prod, old], read, secret)


def _values_plain(directory: str) -> Subject:
    store, secret = _filled(directory)
    found = values.read(*store[:2], PROJECT, PROFILE, store.identity)
    assert found is not None

    def read(data: bytes) -> None:
        one = values.decode(data, PROJECT, PROFILE, path=WHERE)
        assert set(one.values) == set(one.kinds) == set(one.generations)
        again = values.decode(values.encode(PROJECT, PROFILE, one), PROJECT, PROFILE, path=WHERE)
        assert (again.values, again.kinds, again.generations, again.counter) == (
            one.values,
            one.kinds,
            one.generations,
            one.counter,
        )
        assert len(values.encode(PROJECT, PROFILE, one)) == len(data)

    empty = values.Values(1, {}, {}, {})
    seeds = [values.encode(PROJECT, PROFILE, one) for one in (found, empty)]
    return Subject(seeds, read, secret, _head)


def _framed(
    directory: str, path: str, seed: bytes, kind: str, listed: Callable[..., object]
) -> Subject:
    store, secret = _filled(directory)
    sealed_path = os.path.join(layout.projects_dir(store.data_dir), path)
    plain = seed.replace(b"SECRET", secret).replace(b"LENGTH", b"%d" % len(secret))

    def read(data: bytes) -> None:
        put(sealed_path, envelope.seal(data, store.identity.recipients))
        listed(store.data_dir, PROJECT, PROFILE, store.identity)

    seeds = [plain, framed.plain_text(kind, PROJECT, PROFILE, [], [])]
    return Subject(seeds, read, secret, _head)


def _remote(directory: str) -> Subject:
    value = b"value 0123456789abcdef 1700000000 1700003600 LENGTH op://team/chat/key"
    head = f"{remote.KIND} 1\nproject {PROJECT}\nprofile {PROFILE}\n".encode()
    return _framed(
        directory, "chat%2fapi/dev.remote", head + value + b"\n\nSECRET", remote.KIND, remote.read
    )


def _previous(directory: str) -> Subject:
    head = f"{previous.KIND} 1\nproject {PROJECT}\nprofile {PROFILE}\n".encode()
    body = b"value 1 LENGTH KEY\nvalue 2 0 OTHER_KEY\n\nSECRET"
    return _framed(directory, "chat%2fapi/dev.previous", head + body, previous.KIND, previous.read)


def _previous_sealed(directory: str) -> Subject:
    store, secret = _filled(directory)
    path = layout.previous_path(store.data_dir, PROJECT, PROFILE)
    seed = content(path)
    right = previous.read(store.data_dir, PROJECT, PROFILE, store.identity)
    assert right

    def read(data: bytes) -> None:
        put(path, data)
        assert previous.read(store.data_dir, PROJECT, PROFILE, store.identity) == right

    values_file = content(layout.values_path(store.data_dir, PROJECT, PROFILE))
    return Subject([seed, values_file], read, secret)


def _ledger(directory: str) -> Subject:
    store, _ = _filled(directory)
    path = layout.ledger_path(store.data_dir, PROJECT, PROFILE)
    seed = content(path)
    nothing = values.Values(1, {}, {}, {})

    def read(data: bytes) -> None:
        put(path, data)
        notes = ledger.read(store.data_dir, PROJECT, PROFILE)
        assert all(map(values.is_name, notes))
        revised = ledger.revise(notes, nothing, (), source="", who="me", now=0)
        ledger.write(store.data_dir, PROJECT, PROFILE, revised)
        assert ledger.read(store.data_dir, PROJECT, PROFILE) == revised

    return Subject([seed, b"{}"], read)


def _export(directory: str) -> Subject:
    store, secret = _filled(directory)
    held = values.read(*store[:2], PROJECT, PROFILE, store.identity)
    assert held is not None
    former = previous.read(store.data_dir, PROJECT, PROFILE, store.identity)
    notes = ledger.read(store.data_dir, PROJECT, PROFILE)
    parts = [
        bundle.Part(PROJECT, PROFILE, True, held, former, notes),
        bundle.Part("chat", "prod", False, values.Values(1, {}, {}, {}), [], {}),
    ]
    seed = bundle.encode(bundle.Bundle("2026-01-31T23:59:59Z", "ana@laptop", parts))

    def read(data: bytes) -> None:
        found = bundle.decode(data, path=WHERE)
        again = bundle.encode(bundle.decode(bundle.encode(found), path=WHERE))
        assert again == bundle.encode(found)

    return Subject([seed], read, secret, _said_of_owners)


def _said_of_owners(data: bytes) -> bytes:
    """Return what may be told of an export: whose values it says that it holds, anywhere."""
    lines = [line for line in data.split(b"\n") if line.startswith((b"project ", b"profile "))]
    return b"\n".join([_head(data), *lines])


def _verify(directory: str) -> Subject:
    """Return a store of which one file, told by the first byte, holds the rest of the bytes."""
    store, secret = _filled(directory)
    data, state = store[:2]
    paths = [
        *(place(data, PROJECT, PROFILE) for place in _PLACES),
        layout.counter_path(state, PROJECT, PROFILE),
        layout.record_path(data),
        layout.record_copy_path(data),
    ]
    whole = [content(path) for path in paths]
    put(os.path.join(os.path.dirname(paths[0]), "foreign.age"), b"x")

    def read(given: bytes) -> None:
        place = given[0] % len(paths) if given else 0
        put(paths[place], given[1:])
        try:
            for fault in verifying.examine(Store(*store)):
                assert secret.decode() not in f"{fault}"
        finally:
            put(paths[place], whole[place])

    return Subject([bytes([n]) + text for n, text in enumerate(whole)], read, secret)


_PLACES = (layout.values_path, layout.previous_path, layout.before_path, layout.ledger_path)


def _counter(directory: str) -> Subject:
    store, _ = _filled(directory)
    path = layout.counter_path(store.state_dir, PROJECT, PROFILE)

    def read(data: bytes) -> None:
        put(path, data)
        number = values.read_counter(path)
        assert data == b"devkeys-counter 1\n%d\n" % number

    return Subject([content(path)], read)


def _age(directory: str) -> Subject:
    store, secret = _filled(directory)
    sealed = content(layout.values_path(store.data_dir, PROJECT, PROFILE))
    keys = [store.identity.secret, envelope.new_identity()]
    several = envelope.seal(secret, (*store.identity.recipients, _recipient()))
    plain = {envelope.unseal_any(one, keys) for one in (sealed, several)}

    def read(data: bytes) -> None:
        envelope.is_age(data)
        if envelope.wants_passphrase(data):
            return  # which is asked, and takes seconds
        with contextlib.suppress(envelope.DamagedError):  # whoever asks says which file it is
            assert envelope.unseal_any(data, keys) in plain | {None}
        assert envelope.unseal(data, keys[0], path=WHERE) in plain

    strange = b"age-encryption.org/v1\n-> grease abc def\nAAAA\n--- " + b"A" * 43 + b"\n"
    return Subject([sealed, several, _armored(sealed), strange], read, secret)


def _recipient() -> str:
    return envelope.recipient_of(envelope.new_identity()) or ""


def _armored(sealed: bytes) -> bytes:
    from base64 import b64encode

    text = b64encode(sealed)
    lines = [text[i : i + 64] for i in range(0, len(text), 64)]
    word = b"AGE ENCRYPTED FILE"
    return b"\n".join([b"-----BEGIN %s-----" % word, *lines, b"-----END %s-----" % word, b""])


def _key(directory: str) -> Subject:  # noqa: ARG001  # needs no place
    secret = envelope.new_identity().reveal()

    def read(data: bytes) -> None:
        recipient = envelope.recipient_of(Secret(data))
        assert recipient is None or envelope.is_recipient(recipient)
        envelope.is_recipient(data.decode("ascii", "surrogateescape"))
        with contextlib.suppress(envelope.DamagedError):
            envelope.unseal_any(b"", [Secret(data)])

    recipient = (envelope.recipient_of(Secret(secret)) or "").encode()
    return Subject([secret, recipient, _ssh_key()], read, secret)


def _ssh_key() -> bytes:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.OpenSSH,
        serialization.NoEncryption(),
    )


def _file_name(directory: str) -> Subject:  # noqa: ARG001  # needs no place
    def read(data: bytes) -> None:
        text = os.fsdecode(data)
        name = filenames.decode(text)
        if name is not None:
            assert layout.encode(name) == text
        assert filenames.decode(layout.encode(text)) == text

    return Subject([b"chat%2fapi", b"%63on", b"a.b", "Schl\u00fcssel".encode()], read)


TARGETS: dict[str, Target] = {
    "store-record": _record,
    "store-identity": _identity,
    "store-values": _values_sealed,
    "store-values-plain": _values_plain,
    "store-remote-plain": _remote,
    "store-previous-plain": _previous,
    "store-previous": _previous_sealed,
    "store-ledger": _ledger,
    "store-counter": _counter,
    "store-file-name": _file_name,
    "store-verify": _verify,
    "export": _export,
    "age-file": _age,
    "age-key": _key,
}
