"""Damage as it happens, and as somebody does it on purpose; for hypothesis and for atheris."""

from collections.abc import Callable, Sequence

from hypothesis import strategies as st

# Returns a number from 0 to one less than the one it is given.
Choose = Callable[[int], int]

LARGEST = 1 << 16  # bytes; growth is for test_fuzz_growth.py
TOKENS = (
    *(b"\0", b"\n", b"\n\n", b"\r\n", b"\r", b"\x0b", b"\x0c", b"\x1c", b"\x85", b"\xc2\x85"),
    *(b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\xff", b"\xed\xa0\x80", b"\xed\xb3\xbf"),
    *(b"\xe2\x80\xa8", b"\xd9\xa3", b"\xc2\xb2", b"\\ud800", b"\\udcff", b"\x1b[2J", b"\x7f"),
    *(b"9" * 5000, b"18446744073709551616", b"-1", b"0", b"1e999", b"NaN", b"-", b"+1", b"1_0"),
    *(b"[" * 3000, b"{" * 3000, b'{"a":' * 3000, b"(" * 3000, b"a." * 3000, b"null", b"{}"),
    *(b'"', b"'", b"`", b"\\", b"=", b"#", b"@", b"${", b"}", b":-", b"://", b"%", b"%zz", b" "),
    *(b"\xff\xff\xff\xff", b"\0\0\0\x80", b"\x7f\xff\xff\xff", b"\1\0\0\0", b"\0" * 512),
)


def mutate(data: bytes, others: Sequence[bytes], choose: Choose) -> bytes:
    """Return *data* damaged in one to four ways; *others* are files like it."""
    for _ in range(1 + choose(4)):
        data = _WAYS[choose(len(_WAYS))](data, others, choose)[:LARGEST]
    return data


def of(seeds: Sequence[bytes]) -> st.SearchStrategy[bytes]:
    """Return damaged *seeds*, the seeds themselves, and noise."""

    @st.composite
    def damaged(draw: st.DrawFn) -> bytes:
        def choose(count: int) -> int:
            return draw(st.integers(0, count - 1))

        return mutate(draw(st.sampled_from(seeds)), seeds, choose)

    return damaged() | st.binary(max_size=200) | st.sampled_from(seeds)


def _flip(data: bytes, _: Sequence[bytes], choose: Choose) -> bytes:
    place = choose(len(data) + 1)
    return (
        data[:place]
        + bytes(b ^ 1 << choose(8) for b in data[place : place + 1])
        + data[place + 1 :]
    )


def _set(data: bytes, _: Sequence[bytes], choose: Choose) -> bytes:
    place = choose(len(data) + 1)
    return data[:place] + bytes([choose(256)]) + data[place + 1 :]


def _cut(data: bytes, _: Sequence[bytes], choose: Choose) -> bytes:
    return data[: choose(len(data) + 1)]


def _drop(data: bytes, _: Sequence[bytes], choose: Choose) -> bytes:
    place = choose(len(data) + 1)
    return data[:place] + data[place + choose(20) :]


def _insert(data: bytes, _: Sequence[bytes], choose: Choose) -> bytes:
    place = choose(len(data) + 1)
    return data[:place] + TOKENS[choose(len(TOKENS))] + data[place:]


def _overwrite(data: bytes, _: Sequence[bytes], choose: Choose) -> bytes:
    place = choose(len(data) + 1)
    token = TOKENS[choose(len(TOKENS))]
    return data[:place] + token + data[place + len(token) :]


def _double(data: bytes, _: Sequence[bytes], choose: Choose) -> bytes:
    lines = data.splitlines(keepends=True) or [b"\n"]
    place = choose(len(lines))
    return b"".join([*lines[: place + 1], *lines[place:]])


def _swap(data: bytes, _: Sequence[bytes], choose: Choose) -> bytes:
    lines = data.splitlines(keepends=True) or [b"\n"]
    one, other = choose(len(lines)), choose(len(lines))
    lines[one], lines[other] = lines[other], lines[one]
    return b"".join(lines)


def _splice(data: bytes, others: Sequence[bytes], choose: Choose) -> bytes:
    other = others[choose(len(others))]
    return data[: choose(len(data) + 1)] + other[choose(len(other) + 1) :]


def _word(data: bytes, _: Sequence[bytes], choose: Choose) -> bytes:
    """Put a token in the place of one word."""
    words = data.split(b" ")
    words[choose(len(words))] = TOKENS[choose(len(TOKENS))]
    return b" ".join(words)


def _pump(data: bytes, _: Sequence[bytes], choose: Choose) -> bytes:
    place = choose(len(data) + 1)
    part = data[place : place + 1 + choose(40)]
    return data[:place] + part * (2 + choose(1000)) + data[place + len(part) :]


def _encode(data: bytes, _: Sequence[bytes], choose: Choose) -> bytes:
    text = data.decode("utf-8", "replace")
    encoding = ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig", "utf-7")[choose(6)]
    return text.encode(encoding)


def _line_ends(data: bytes, _: Sequence[bytes], choose: Choose) -> bytes:
    return data.replace(b"\n", (b"\r\n", b"\r", b"\n\n", b"\0", b"\xe2\x80\xa8", b"")[choose(6)])


_WAYS = (
    *(_flip, _set, _cut, _drop, _insert, _overwrite, _double, _swap, _splice, _word),
    *(_pump, _encode, _line_ends),
)
