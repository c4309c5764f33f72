"""The plain text of an export: strict, readable by people, and the same for ever."""

import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from new_store import key

from devkeys.errors import StoreError
from devkeys.secret import Secret
from devkeys.store import bundle
from devkeys.store.bundle import Bundle, Part
from devkeys.store.ledger import Note
from devkeys.store.previous import Former
from devkeys.store.values import Values

NAMES = st.from_regex(r"[A-Z_][A-Z0-9_]{0,8}", fullmatch=True)
BYTES = st.binary(max_size=40).map(lambda data: data.replace(b"\0", b"0"))
MOMENTS = st.sampled_from([None, "2026-01-31T23:59:59Z", "2020-02-29T00:00:00Z"])
TEXTS = st.sampled_from([None, "prompt", "import .env", "ana@laptop", "żółć"])
GOLDEN = b"""\
devkeys-export 1
made 2026-01-31T23:59:59Z
by ana@laptop
project chat
profile dev
confirmed no
values 135
former 73
notes 229
project chat/web
profile prod
confirmed yes
values 88
former 0
notes 106

devkeys-values 1
project chat
profile dev
counter 7
name LLM_API_KEY secret 2
name MODEL setting 1

LLM_API_KEY\0two
lines\n\0MODEL\0large\0devkeys-previous 1
project chat
profile dev
value 1 6 LLM_API_KEY

before{
 "LLM_API_KEY": {
  "created": "2025-12-01T00:00:00Z",
  "changed": "2026-01-01T00:00:00Z",
  "source": "prompt",
  "who": "ana@laptop"
 },
 "MODEL": {
  "created": null,
  "changed": null,
  "source": null,
  "who": null
 }
}
devkeys-values 1
project chat/web
profile prod
counter 1
name PORT setting 1

PORT\x008080\0{
 "PORT": {
  "created": null,
  "changed": "2026-01-01T00:00:00Z",
  "source": null,
  "who": null
 }
}
"""

HINTS = (
    "get the export again from where it was made; nothing was changed",
    "upgrade devkeys; the file is left as it is",
)


def golden() -> Bundle:
    """Return what GOLDEN holds."""
    values = {"LLM_API_KEY": Secret(b"two\nlines\n"), "MODEL": Secret(b"large")}
    first = Values(
        7, values, {"LLM_API_KEY": "secret", "MODEL": "setting"}, {"LLM_API_KEY": 2, "MODEL": 1}
    )
    changed = "2026-01-01T00:00:00Z"
    notes = {
        "LLM_API_KEY": Note(
            "secret", 2, "2025-12-01T00:00:00Z", changed, None, "prompt", "ana@laptop"
        ),
        "MODEL": Note("setting", 1, None, None, None, None, None),
    }
    former = [Former("LLM_API_KEY", 1, Secret(b"before"))]
    second = Values(1, {"PORT": Secret(b"8080")}, {"PORT": "setting"}, {"PORT": 1})
    parts = [
        Part("chat", "dev", False, first, former, notes),
        Part(
            "chat/web",
            "prod",
            True,
            second,
            [],
            {"PORT": Note("setting", 1, None, changed, None, None, None)},
        ),
    ]
    return Bundle("2026-01-31T23:59:59Z", "ana@laptop", parts)


def as_data(held: Bundle) -> object:
    """Return *held* so that two of them can be compared; values have no equality."""
    parts = [
        (
            *part[:3],
            [getattr(part.values, field) for field in Values.__slots__],
            list(part.former),
            dict(part.notes),
        )
        for part in held.parts
    ]
    return held.made, held.by, parts


@st.composite
def parts(draw: st.DrawFn) -> Part:
    """Draw what an export holds of one profile."""
    names = draw(st.lists(NAMES, unique=True, max_size=4))
    values = {name: Secret(draw(BYTES)) for name in names}
    kinds = {name: draw(st.sampled_from(["secret", "setting"])) for name in names}
    generations = {name: draw(st.integers(1, 10**12 - 1)) for name in names}
    held = Values(draw(st.integers(1, 10**15 - 1)), values, kinds, generations)
    former = [
        Former(name, draw(st.integers(1, 99)), Secret(draw(st.binary(max_size=40))))
        for name in draw(st.lists(st.sampled_from(names or ["A"]), max_size=3))
    ]
    notes = {
        name: Note(
            kinds[name],
            generations[name],
            draw(MOMENTS),
            draw(MOMENTS),
            None,
            draw(TEXTS),
            draw(TEXTS),
        )
        for name in names
    }
    project = draw(st.sampled_from(["chat", "chat/web", "Ąę b", "../../etc", "con"]))
    profile = draw(st.sampled_from(["dev", "prod", "..", "a b"]))
    return Part(project, profile, draw(st.booleans()), held, former, notes)


@given(st.lists(parts(), min_size=1, max_size=4, unique_by=lambda part: part[:2]))
def test_it_reads_what_it_writes(held: list[Part]) -> None:
    """Whatever a store can hold comes back as it was."""
    made = Bundle("2026-01-31T23:59:59Z", "ana@laptop", held)
    assert as_data(bundle.decode(bundle.encode(made), path="x")) == as_data(made)


def test_format_1_stays_readable() -> None:
    """The text that the first devkeys wrote is read by this one, and written alike."""
    assert as_data(bundle.decode(GOLDEN, path="x")) == as_data(golden())
    assert bundle.encode(golden()) == GOLDEN


def test_cut_anywhere_it_is_an_error() -> None:
    """No shorter text is taken for an export."""
    for length in range(len(GOLDEN)):
        with pytest.raises(StoreError, match="damaged"):
            bundle.decode(GOLDEN[:length], path="x")


@given(st.integers(0, len(GOLDEN) - 1), st.integers(1, 255))
def test_a_changed_byte_is_an_error_or_a_whole_text(place: int, change: int) -> None:
    """Only where any text may stand does another byte pass; never with another exception."""
    changed = bytearray(GOLDEN)
    changed[place] ^= change
    found: Bundle | StoreError
    try:
        found = bundle.decode(bytes(changed), path="x")
    except StoreError as error:
        found = error
    assert (found.hint if isinstance(found, StoreError) else len(found.parts)) in (2, *HINTS)


@given(st.binary(max_size=300))
def test_any_bytes_are_an_error(data: bytes) -> None:
    """Nothing else is taken for an export, whatever follows a right first line."""
    for text in (data, b"devkeys-export 1\n" + data, GOLDEN + b"x" + data):
        with pytest.raises(StoreError):
            bundle.decode(text, path="x")


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace(b"devkeys-export 1", b"devkeys-export 2"),
        lambda text: text.replace(b"devkeys-values 1", b"devkeys-values 2"),
        lambda text: text.replace(b"devkeys-previous 1", b"devkeys-previous 2"),
    ],
)
def test_a_newer_one_is_refused(change: Callable[[bytes], bytes]) -> None:
    """A number that is not known yet says to upgrade, also that of a part."""
    with pytest.raises(StoreError, match="newer devkeys") as caught:
        bundle.decode(change(GOLDEN), path="x")
    assert "upgrade" in str(caught.value.hint)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"project chat\nprofile dev\nconfirmed", b"project other\nprofile dev\nconfirmed"),
        (b"confirmed no", b"confirmed maybe"),
        (b"confirmed no", b"confirmed"),
        (b"values 135", b"values 134"),
        (b"values 135", b"values -147"),
        (b"values 135", b"values 999999999999999"),
        (b"former 0\n", b"former 00\n"),
        (b"counter 7", b"counter 1000000000000000"),
        (b"name LLM_API_KEY secret 2", b"name LLM=API_KEY secret 2"),
        (b"name MODEL setting 1", b"name MODEL setting 0"),
        (b"name MODEL setting 1", b"name MODEL other 1"),
        (b"value 1 6 LLM_API_KEY", b"value 1 6 LLM API KEY"),
        (b"value 1 6 LLM_API_KEY", b"value 1 5 LLM_API_KEY"),
        (b'"source": "prompt"', b'"source": {}'),
        (b'"source": "prompt"', b'"source": "\\u001b"'),
        (b'"who": "ana@laptop"', b'"who": 1'),
        (b'"created": "2025-12-01T00:00:00Z"', b'"created": "today"'),
        (b'"MODEL": {', b'"MODAL": {'),
        (b"made 2026-01-31T23:59:59Z", b"made yesterday"),
        (b"by ana@laptop", b"by ana\x1b@laptop"),
        (b"by ana@laptop", b"by " + b"a" * 300),
    ],
)
def test_what_is_not_as_we_write_it_is_damage(old: bytes, new: bytes) -> None:
    """Wrong lengths, names, owners, dates: one clear error that says what to do."""
    assert old in GOLDEN
    with pytest.raises(StoreError, match=r"^x (is damaged|holds)") as caught:
        bundle.decode(GOLDEN.replace(old, new, 1), path="x")
    assert "get the export again" in str(caught.value.hint)


@pytest.mark.parametrize("generation", [10**12, 10**15 - 1])
def test_a_generation_that_counting_does_not_reach_is_refused(generation: int) -> None:
    """The next one after it could not be written any more."""
    held = golden()
    held.parts[1].values.generations["PORT"] = generation
    with pytest.raises(StoreError, match="generation"):
        bundle.decode(bundle.encode(held), path="x")


@pytest.mark.parametrize("project", ["a\nb", "a\x1b[2J", "a" * 300])
def test_a_project_that_cannot_be_is_refused(project: str) -> None:
    """A name that no store has is damage, before it is a path or on the screen."""
    held = golden()
    parts = [part._replace(project=project) for part in held.parts[:1]]
    with pytest.raises(StoreError) as caught:
        bundle.decode(bundle.encode(held._replace(parts=parts)), path="x")
    assert "\x1b" not in str(caught.value)


def test_a_profile_that_stands_there_twice_is_refused() -> None:
    """Which of them counts would be a guess."""
    held = golden()
    twice = held._replace(parts=[held.parts[0], held.parts[0]])
    with pytest.raises(StoreError, match="twice"):
        bundle.decode(bundle.encode(twice), path="x")


def test_nesting_without_end_is_damage() -> None:
    """JSON that exhausts the reader is one error, too."""
    notes = GOLDEN.partition(b"before")[2].partition(b"devkeys-values")[0]
    deep = b"[" * 100_000
    changed = GOLDEN.replace(b"notes 229", b"notes %d" % len(deep), 1).replace(notes, deep, 1)
    with pytest.raises(StoreError, match="notes"):
        bundle.decode(changed, path="x")


def test_strange_notes_do_not_keep_anybody_from_exporting() -> None:
    """A ledger that was edited by hand is carried as far as it can be understood."""
    held = golden()
    note = Note("secret", 2, "soon", "2026", None, "a\nb" * 200, "")
    part = held.parts[0]._replace(notes={"LLM_API_KEY": note})
    text = bundle.encode(held._replace(by="ana\nb", parts=[part]))
    found = bundle.decode(text, path="x").parts[0].notes
    assert found["LLM_API_KEY"][2:4] == (None, None)
    assert str(found["LLM_API_KEY"].source).startswith("a?ba?b")
    assert found["MODEL"].changed is None


def test_an_error_shows_no_value() -> None:
    """A text that is damaged right at a value names the file, not the value."""
    held, value = golden(), key()
    held.parts[0].values.values["LLM_API_KEY"] = Secret(value)
    text = bundle.encode(held).replace(b"\0MODEL\0", b"\0MEDOL\0")
    with pytest.raises(StoreError) as caught:
        bundle.decode(text, path="x")
    assert value.decode() not in repr(caught.value) + str(caught.value.hint)


def test_people_can_read_it() -> None:
    """With nothing but age and a pager: the notes are JSON, the values stand as they are."""
    notes = GOLDEN.partition(b"before")[2].partition(b"devkeys-values")[0]
    assert json.loads(notes)["LLM_API_KEY"]["who"] == "ana@laptop"
    assert b"LLM_API_KEY\0two\nlines\n\0" in GOLDEN
