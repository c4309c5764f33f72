"""A tree of files as a laptop has them, from a seed, with known values planted in all forms."""

import base64
import json
import random
import shlex
import string
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

SECRETS = 200
_ALNUM = string.ascii_letters + string.digits
_WORDS_TEXT = """
    self return value error config request response handler client server token index count
    buffer result import from class def function const let async await export default string
    number boolean public private static void null true false if else for while try except path
    file name data list dict map key user session http json parse build test assert raise
"""
_WORDS = _WORDS_TEXT.split()


class Shape(NamedTuple):
    """A sort of file: *number* of them, of about *size* bytes, in *folder* with *suffix*."""

    folder: str
    suffix: str
    number: int
    size: int


SHAPES = (
    Shape("src", ".py", 6000, 7_000),
    Shape("web/src", ".ts", 5000, 6_000),
    Shape("docs", ".md", 2500, 4_000),
    Shape("config", ".json", 2200, 3_000),
    Shape("logs", ".log", 90, 700_000),
    Shape("transcripts", ".jsonl", 160, 350_000),
    Shape("dist", ".min.js", 250, 150_000),
    Shape("histories", "_history", 40, 500_000),
    Shape("assets", ".bin", 300, 60_000),
)


class Plant(NamedTuple):
    """A value that was put into a file: number *known*, in the *form*."""

    path: str
    known: int
    form: str


class Corpus(NamedTuple):
    """The directory, the values that are searched for, and where they are."""

    root: str
    values: list[bytes]
    plants: list[Plant]
    size: int
    files: int


def make(root: str, seed: int = 4) -> Corpus:
    """Make the files below *root*."""
    dice = random.Random(seed)  # noqa: S311  # the same corpus each time is what is wanted
    values = [_value(dice, number) for number in range(SECRETS)]
    pools = {shape.suffix: _pool(dice, shape.suffix) for shape in SHAPES}
    plants = iter([(known, form) for form in FORMS for known in range(SECRETS)])
    made: list[Plant] = []
    size = files = 0
    for shape in SHAPES:
        for number in range(shape.number):
            folder = Path(root, shape.folder, f"part{number // 60}")
            folder.mkdir(parents=True, exist_ok=True)
            path = folder / f"file{number}{shape.suffix}"
            data = _piece(dice, pools[shape.suffix], shape)
            plant = next(plants, None) if number % 6 == 0 or shape.number < 1000 else None
            if plant:
                known, form = plant
                data = _planted(dice, data, values[known], form)
                made.append(Plant(str(path), known, form))
            path.write_bytes(data)
            size += len(data)
            files += 1
    left = len(list(plants))
    assert left == 0, f"{left} plants have no file"
    return Corpus(root, values, made, size, files)


def _value(dice: random.Random, number: int) -> bytes:
    def some(count: int, alphabet: str = _ALNUM) -> str:
        return "".join(dice.choices(alphabet, k=count))

    shapes = (
        lambda: some(40),
        lambda: some(32, "0123456789abcdef"),
        lambda: some(20, _ALNUM + "+/=_-"),
        lambda: (
            f"postgres://app:{some(14)}@db-{some(4).lower()}.internal:5432/chat?x=1&y={some(3)}"
        ),
        lambda: some(16, _ALNUM + "!$%&*()#@"),
        lambda: base64.b64encode(some(32).encode()).decode(),
        lambda: some(10),
        lambda: f"{some(8)} {some(8)} {some(8)}",
    )
    return shapes[number % len(shapes)]().encode()


def _inside_base64(dice: random.Random, value: bytes) -> bytes:
    return base64.b64encode(b"u" * dice.randint(1, 3) + b":" + value + b"\n")


def _wrapped_base64(dice: random.Random, value: bytes) -> bytes:
    text = base64.b64encode(b"x" * dice.randint(30, 60) + value + b"y" * 40)
    return b"\n  ".join(text[place : place + 64] for place in range(0, len(text), 64))


def _nested_json(_: random.Random, value: bytes) -> bytes:
    return json.dumps(json.dumps({"key": value.decode()})).encode()


def _wide(_: random.Random, value: bytes) -> bytes:
    return f"\n{value.decode()}\n".encode("utf-16-le")


FORMS: dict[str, Callable[[random.Random, bytes], bytes]] = {
    "as it is": lambda _, value: value,
    "JSON": lambda _, value: json.dumps(value.decode()).encode(),
    "JSON in JSON": _nested_json,
    "shell": lambda _, value: shlex.quote(value.decode()).encode(),
    "URL": lambda _, value: quote(value, safe="").encode(),
    "base64": _inside_base64,
    "base64url": lambda _, value: base64.urlsafe_b64encode(value),
    "base64, wrapped": _wrapped_base64,
    "hex": lambda _, value: value.hex().encode(),
    "UTF-16": _wide,
}


def _planted(dice: random.Random, data: bytes, value: bytes, form: str) -> bytes:
    written = FORMS[form](dice, value)
    place = data.find(b"\n", dice.randrange(len(data))) + 1
    return data[:place] + b'secret: "' + written + b'"\n' + data[place:]


def _pool(dice: random.Random, suffix: str) -> bytes:
    """Return some megabytes of lines of one sort, of which files take pieces."""
    if suffix == ".bin":
        return dice.randbytes(1 << 22)
    lines = []
    size = 0
    while size < 1 << 22:
        line = _LINES[suffix](dice)
        lines.append(line)
        size += len(line) + 1
    return "\n".join(lines).encode()


def _source(dice: random.Random) -> str:
    words = " ".join(dice.choices(_WORDS, k=dice.randint(1, 9)))
    return "    " * dice.randint(0, 4) + words + dice.choice(["", ":", ";", " {", "()", ' = "x"'])


def _prose(dice: random.Random) -> str:
    return " ".join(dice.choices(_WORDS, k=dice.randint(0, 16)))


def _log(dice: random.Random) -> str:
    when = f"2026-03-{dice.randint(10, 28)}T{dice.randint(10, 23)}:{dice.randint(10, 59)}:07.123Z"
    where = f"{dice.choice(_WORDS)}.{dice.choice(_WORDS)}"
    return f"{when} INFO {where} id={dice.getrandbits(64):016x} {_prose(dice)}"


def _jsonl(dice: random.Random) -> str:
    text = "\n".join(_source(dice) for _ in range(dice.randint(1, 30)))
    return json.dumps({"id": f"{dice.getrandbits(128):032x}", "role": "tool", "content": text})


def _config(dice: random.Random) -> str:
    return f'  "{dice.choice(_WORDS)}": "{"".join(dice.choices(_ALNUM, k=dice.randint(3, 50)))}",'


def _minified(dice: random.Random) -> str:
    def call() -> str:
        left, right = dice.choices(_ALNUM, k=2)
        return f"{left}={dice.choice(_WORDS)}({right},{dice.randint(0, 999)});"

    return "".join(call() for _ in range(4000))


def _command(dice: random.Random) -> str:
    option = f"--{dice.choice(_WORDS)}={dice.choice(_WORDS)}"
    return f"git {dice.choice(_WORDS)} {option} {_prose(dice)[:40]}"


_LINES = {
    ".py": _source,
    ".ts": _source,
    ".md": _prose,
    ".json": _config,
    ".log": _log,
    ".jsonl": _jsonl,
    ".min.js": _minified,
    "_history": _command,
}


def _piece(dice: random.Random, pool: bytes, shape: Shape) -> bytes:
    size = int(shape.size * dice.uniform(0.3, 1.7))
    start = dice.randrange(len(pool) - size)
    return pool[start : start + size]
