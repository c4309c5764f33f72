"""What devkeys works out and keeps: consent, plans, skips, the shells' index, marks, snapshot."""

import marshal
import os
import sys
from collections.abc import Iterator
from typing import Any

from fuzz.law import Subject, Target
from fuzz.stored import content, put

import devkeys
from devkeys import consent, index, skips
from devkeys.consent import record
from devkeys.fingerprint import digest, tag_key
from devkeys.plan import AGREED, SECRET, Plan, Variable, cache
from devkeys.run import marker, outer

IDENTITY = "/home/ana/chat/.git"


def _consent(directory: str) -> Subject:
    location = digest(b"here")
    facts = [record.Agreed("", "dev", "KEY", ("secret", "from op://a/b/c"))]
    facts += [record.Agreed("api", "prod", "PORT", ())]
    first = record.Record(IDENTITY, "/home/ana/chat", None, "chat")
    record.agree(directory, first, facts)
    record.remember_plan(directory, IDENTITY, location, digest(b"plan"))
    path = consent.path_of(directory, IDENTITY)
    seed = content(path)
    other = record.Record("/home/ana/other", "/home/ana/other", "git@x:y", "other")
    record.write(directory, other)
    copied = content(consent.path_of(directory, other.identity))

    def read(data: bytes) -> None:
        put(path, data)
        told = consent.plan_digest(data, location)
        assert told is None or len(told) <= len(data)
        found = record.read(directory, IDENTITY)
        assert found is not None
        assert found.identity == IDENTITY
        assert any(one.identity == IDENTITY for one in record.everything(directory))
        record.write(directory, found)
        assert record.read(directory, IDENTITY) == found

    return Subject([seed, copied, copied.replace(b"/other", b"/chat/.git")], read)


def _plan() -> Plan:
    variables = (
        Variable("KEY", SECRET | AGREED, None, "op://a/b/c", None, None),
        Variable("URL", 0, "x", None, (("x", ""), ("y", "PORT")), "hex(32)"),
    )
    scopes: dict[str, tuple[str, ...]] = {"web": ("URL",)}
    return Plan("key", "chat/api", "dev", ("chat/api",), variables, scopes, 7.5, True, 60)


def _damaged_plan(directory: str) -> Subject:
    path = os.path.join(directory, "plans", "one")
    expected = cache.write(path, _plan(), (cache.input_of("/nowhere"),))
    seed = content(path)

    def read(data: bytes) -> None:
        put(path, data)
        assert (cache.read(path, expected) is not None) == (data == seed)

    return Subject([seed], read)


def _strange_plan(directory: str) -> Subject:
    """Return plans of another shape than ours, each with its right digest.

    Not any bytes with the right digest: what `marshal` makes of those is what the digest is
    there to keep away.
    """
    path = os.path.join(directory, "plans", "one")
    cache.write(path, _plan(), (cache.input_of("/nowhere"), ("/etc/passwd", "0")))
    whole = marshal.loads(content(path))  # noqa: S302  # we wrote it

    def read(data: bytes) -> None:
        changed = marshal.dumps(_grafted(whole, iter(data)))
        put(path, changed)
        cache.read(path, digest(changed))

    return Subject([b"\2\3\1", b"\2\3\4\0\0\1", b"\1\0\3\5"], read)


_ODD: tuple[object, ...] = (
    *(None, True, -1, 1 << 70, 0.5, "", "a\0b", "\udcff", b"", (), ("",), {}, {"": ()}, {1: 2}),
    *(("a",) * 6, ("a",) * 9, [], "/etc", "abc", frozenset(), ..., ((),), StopIteration),
)


def _grafted(tree: Any, steps: Iterator[int]) -> Any:
    """Return *tree* with one node of it replaced by another thing."""
    step = next(steps, None)
    if step is None:
        return tree
    if isinstance(tree, tuple) and tree and step % 4:
        place = step // 4 % (len(tree) + 1)
        if place == len(tree):
            return tree[: step % 3]
        return (*tree[:place], _grafted(tree[place], steps), *tree[place + 1 :])
    odd = _ODD[step // 4 % (len(_ODD) - 1)]
    return tree if odd is StopIteration else odd


def _skips(directory: str) -> Subject:
    path = skips.path_of(directory, IDENTITY, "", "dev")
    skips.write(path, {"KEY", "OTHER_KEY"})

    def read(data: bytes) -> None:
        put(path, data)
        names = skips.read(path)
        skips.write(path, names)
        assert skips.read(path) == names

    return Subject([content(path), b"devkeys-skips 2\nA\n"], read)


def _index(directory: str) -> Subject:
    index.update(
        directory,
        lambda _: index.Index(
            frozenset({"KEY"}), {"/home/ana/chat": index.Lack(2, 5), "/x y": index.Lack(0, 1)}
        ),
        silence="/home/ana/chat",
    )
    path, said = index.path_of(directory), index.said_path(directory)

    def read(data: bytes) -> None:
        put(path, data)
        put(said, data)
        found = index.read(directory)
        index.update(directory, lambda held: held, silence="/x y")
        assert index.read(directory) == found

    return Subject([content(path), b"? ? /home/ana/chat\n2 5 /x\n"], read)


def _mark(directory: str) -> Subject:
    key = tag_key(directory)
    environ = {"KEY": "v\udcff", "PORT": "1"}
    tags = marker.tags_of(environ, list(environ), key)
    text = marker.write(_plan(), "7,12", tags, {"KEY": 3})

    def read(data: bytes) -> None:
        given = os.fsdecode(data)
        mark = outer.read({**environ, marker.VARIABLE: given})
        if mark is None:
            return
        assert set(mark.injected(environ, key)) <= set(environ)
        assert set(mark.tags) == set(mark.generations)

    return Subject([os.fsencode(text), b"1 % a%20b k 0 A=b=1"], read)


def _snapshot(directory: str) -> Subject:
    """Return snapshots cut short or emptied from some place on, as a crash leaves a file.

    Not any bytes: the code in it is trusted as Python trusts what lies beside it.
    """
    source = os.path.join(directory, "made_up.py")
    put(source, b"A = 1\n")
    status = os.stat(source)
    code = compile("A = 1", source, "exec")
    entry = ("devkeys.made_up", source, status.st_mtime_ns, status.st_size, code)
    whole = marshal.dumps((entry,))
    path = os.path.join(directory, "snapshot")

    def read(data: bytes) -> None:
        kept = whole
        if data[:1] == b"c":
            kept = whole[: int.from_bytes(data[1:3], "big") % (len(whole) + 1)]
        elif data[:1] == b"z":
            place = int.from_bytes(data[1:3], "big") % (len(whole) + 1)
            kept = whole[:place] + bytes(len(whole) - place)
        put(path, kept)
        _use(path)

    return Subject([b"c\0\7", b"z\0\7", b"w"], read)


def _use(path: str) -> None:
    where = devkeys.snapshot_path
    devkeys.snapshot_path = lambda: path
    try:
        devkeys.use_snapshot()
    finally:
        devkeys.snapshot_path = where
        sys.modules.pop("devkeys.made_up", None)


TARGETS: dict[str, Target] = {
    "consent": _consent,
    "plan-damaged": _damaged_plan,
    "plan-strange": _strange_plan,
    "skips": _skips,
    "shell-index": _index,
    "run-mark": _mark,
    "snapshot": _snapshot,
}
