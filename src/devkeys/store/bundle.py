"""An export: the values of many profiles in one plain text, which `moving` encrypts with age.

It is made to be read with `age -d` alone:

    devkeys-export 1
    made 2026-01-31T23:59:59Z
    by ana@laptop
    (six lines for each profile)
    project chat
    profile dev
    confirmed no          whether its values are sealed to an identity of their own
    values LENGTH         the plain text of its file of values, see `values`
    former LENGTH         that of its former values, see `previous`; 0 without any
    notes LENGTH          JSON: what is noted about each of the values, see `ledger`
    (an empty line, then the parts of the first profile, of the second, ...)

Consent, counters and kept values of providers are bound to a machine and stay there.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple, NoReturn

from devkeys.errors import DevkeysError, StoreError
from devkeys.store import framed, layout, ledger, previous, values
from devkeys.store.filenames import is_plain
from devkeys.store.ledger import Note
from devkeys.store.previous import Former
from devkeys.store.values import Values

KIND = "devkeys-export"
LIMIT = 64 << 20  # bytes of the plain text
TEXT_LIMIT = 200  # characters of a name of a person, a machine or a source
_FIELDS = ("created", "changed", "source", "who")
_PARTS = ("values", "former", "notes")
MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
_HINT = "get the export again from where it was made; nothing was changed"


class Part(NamedTuple):
    """What is in an export of one profile; *notes* has the names of *values*."""

    project: str
    profile: str
    confirmed: bool
    values: Values
    former: Sequence[Former]
    notes: Mapping[str, Note]


class Bundle(NamedTuple):
    """An export: when it was made (UTC, as in the ledger), *by* whom (user@host), and what of."""

    made: str
    by: str
    parts: Sequence[Part]


def encode(bundle: Bundle) -> bytes:
    """Return the plain text of *bundle*."""
    lines = [f"{KIND} 1", f"made {bundle.made}", f"by {_one_line(bundle.by)}"]
    bodies: list[bytes] = []
    for part in bundle.parts:
        texts = _texts(part)
        lines += [f"project {part.project}", f"profile {part.profile}"]
        lines.append(f"confirmed {'yes' if part.confirmed else 'no'}")
        lines += [f"{kind} {len(text)}" for kind, text in zip(_PARTS, texts, strict=True)]
        bodies += texts
    return "\n".join(lines).encode() + b"\n\n" + b"".join(bodies)


def _texts(part: Part) -> tuple[bytes, bytes, bytes]:
    about = [f"value {one.generation} {len(one.value.reveal())} {one.name}" for one in part.former]
    former = framed.plain_text(
        previous.KIND, part.project, part.profile, about, (one.value for one in part.former)
    )
    notes = {
        name: {field: _known(part.notes.get(name), field) for field in _FIELDS}
        for name in sorted(part.values.values)
    }
    return (
        values.encode(part.project, part.profile, part.values),
        former if about else b"",
        json.dumps(notes, indent=1).encode() + b"\n",
    )


def _known(note: Note | None, field: str) -> str | None:
    text = getattr(note, field, None)
    if field in ("created", "changed"):
        return text if text and MOMENT.fullmatch(text) else None
    return _one_line(text) if text else None


def _one_line(text: str) -> str:
    kept = "".join(char if is_plain(char) else "?" for char in text[:TEXT_LIMIT])
    return kept or "unknown"


def decode(plain: bytes, *, path: str) -> Bundle:
    """Return what *plain*, decrypted from *path*, holds; StoreError unless `encode` made it."""
    head, gap, rest = plain.partition(b"\n\n")
    body = memoryview(rest)
    try:
        lines = head.decode().split("\n")
    except UnicodeDecodeError:
        lines = [head.partition(b"\n")[0].decode("ascii", "replace")]
    try:
        layout.check_format(lines[0], KIND, path=path)
        if not gap or (len(lines) - 3) % 6 or len(lines) < 9:
            _damaged(path, "its header is cut short")
        made, by = _after("made", lines[1], path), _after("by", lines[2], path)
        if not MOMENT.fullmatch(made) or not is_plain(by) or len(by) > TEXT_LIMIT:
            _damaged(path, "its header does not say when and by whom it was made")
        parts = []
        for start in range(3, len(lines), 6):
            part, body = _part(lines[start : start + 6], body, path)
            parts.append(part)
    except StoreError as error:
        raise _of_export(error) from None
    if body or len({(part.project, part.profile) for part in parts}) != len(parts):
        _damaged(path, "it holds more than its header says, or a profile twice")
    return Bundle(made, by, parts)


def _of_export(error: StoreError) -> StoreError:
    """Return *error* with a remedy for an export: what reads the store's files names `repair`."""
    newer = isinstance(error, layout.NewerError)
    return error if newer else StoreError(str(error), hint=_HINT)


def _part(lines: Sequence[str], body: memoryview, path: str) -> tuple[Part, memoryview]:
    project, profile = _after("project", lines[0], path), _after("profile", lines[1], path)
    confirmed = _after("confirmed", lines[2], path)
    try:
        layout.values_path("", project, profile)
    except (DevkeysError, UnicodeError):
        _damaged(path, "a name in it can be no project's or profile's")
    if confirmed not in ("yes", "no"):
        _damaged(path, "its header does not say whether a profile is confirmed")
    texts = []
    for kind, line in zip(_PARTS, lines[3:], strict=True):
        text, body = framed.take(body, _after(kind, line, path), path=path)
        texts.append(text.reveal())
    held = values.decode(texts[0], project, profile, path=path)
    if any(generation >= ledger.GENERATION_LIMIT for generation in held.generations.values()):
        _damaged(path, "a generation in it is beyond what counting leads to")
    former = _former(texts[1], project, profile, path)
    notes = _notes(texts[2], held, path)
    return Part(project, profile, confirmed == "yes", held, former, notes), body


def _after(word: str, line: str, path: str) -> str:
    found, _, rest = line.partition(" ")
    if found != word or not rest:
        _damaged(path, "a line of its header is wrong")
    return rest


def _former(text: bytes, project: str, profile: str, path: str) -> list[Former]:
    if not text:
        return []
    head, gap, rest = text.partition(b"\n\n")
    body = memoryview(rest)
    lines = head.decode("utf-8", "replace").split("\n")
    layout.check_format(lines[0], previous.KIND, path=path)
    if lines[1:3] != [f"project {project}", f"profile {profile}"] or not gap:
        _damaged(path, "former values in it belong to another project or profile")
    found = []
    for line in lines[3:]:
        words = line.split(" ", 3)
        if len(words) != 4 or words[0] != "value" or not layout.is_count(words[1]):
            _damaged(path, "a line about former values is wrong")
        value, body = framed.take(body, words[2], path=path)
        if not values.is_name(words[3]) or int(words[1]) >= ledger.GENERATION_LIMIT:
            _damaged(path, "a line about former values is wrong")
        found.append(Former(words[3], int(words[1]), value))
    if body:
        _damaged(path, "it holds more former values than it says")
    return found


def _notes(text: bytes, held: Values, path: str) -> dict[str, Note]:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict) or sorted(content) != sorted(held.values):
        _damaged(path, "its notes are not about its values")
    return {
        name: Note(
            held.kinds[name],
            held.generations[name],
            *_two_moments(content[name], path),
            None,
            *_two_texts(content[name], path),
        )
        for name in content
    }


def _two_moments(fields: object, path: str) -> tuple[str | None, str | None]:
    if not isinstance(fields, dict) or set(fields) != set(_FIELDS):
        _damaged(path, "a note in it is wrong")
    created, changed = fields["created"], fields["changed"]
    for moment in (created, changed):
        if moment is not None and not (isinstance(moment, str) and MOMENT.fullmatch(moment)):
            _damaged(path, "a date in it is wrong")
    return created, changed


def _two_texts(fields: Mapping[str, object], path: str) -> tuple[str | None, str | None]:
    found = []
    for text in (fields["source"], fields["who"]):
        if text is not None and not isinstance(text, str):
            _damaged(path, "a note in it is wrong")
        if text is not None and not (is_plain(text) and len(text) <= TEXT_LIMIT):
            _damaged(path, "a note in it is wrong")
        found.append(text)
    return found[0], found[1]


def _damaged(path: str, what: str) -> NoReturn:
    raise StoreError(f"{path} is damaged: {what}", hint=_HINT)
