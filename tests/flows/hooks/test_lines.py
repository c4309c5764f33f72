"""The hook's line in a start-up file's bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devkeys.flows.hooks import lines
from devkeys.hookfiles import FILES

LINE = b"if [ -r /d/hook/devkeys.zsh ]; then . /d/hook/devkeys.zsh; fi"
# What start-up files are made of, and what could be taken for something of ours.
PIECES = st.sampled_from(
    [
        *(b"\n", b"\r\n", b"\r", b"\n\n", b" ", b"\\", b"#", b"\xff", b"\0", b"alias ll='ls -l'"),
        *(b"# devkeys hook", b"  # devkeys hook\n", b", and the line end before it", b"devkeys"),
        *(b'eval "$(devkeys hook zsh)"', b"devkeys.zsh", b"devkeys.bash", LINE, lines.JOINED),
    ]
)
FILE = st.lists(PIECES | st.binary(max_size=8), max_size=12).map(b"".join)


@given(FILE)
def test_what_was_added_is_taken_out_again(data: bytes) -> None:
    """Whatever the file holds, adding the line and taking it out gives the file back."""
    before = lines.take(data, "zsh")
    after = lines.add(before, LINE)
    assert lines.find(after, "zsh") == [LINE]
    assert lines.take(after, "zsh") == before


@given(FILE, FILE)
def test_what_came_later_stays(data: bytes, later: bytes) -> None:
    """What the user wrote behind the line since, stays as it is, and no two lines become one."""
    before, later = lines.take(data, "zsh"), lines.take(b"x" + later, "zsh")
    found = lines.take(lines.add(before, LINE) + later, "zsh")
    assert found in (before + later, before + b"\n" + later, before + b"\r\n" + later)
    assert before.endswith(b"\n") or not before or not later or found != before + later


@given(FILE, st.sampled_from([name for name in FILES if name != "zsh"]))
def test_another_shells_line_stays(data: bytes, shell: str) -> None:
    """A file that two shells read can have two lines, and each goes alone."""
    before = lines.take(data, "zsh")
    assert lines.find(lines.add(b"", LINE), shell) == []
    assert lines.take(lines.add(before, LINE), shell).endswith(b"\n")


@pytest.mark.parametrize(
    ("data", "end"), [(b"", b"\n"), (b"a\n", b"\n"), (b"a\r\nb\r\n", b"\r\n"), (b"a\r\n", b"\r\n")]
)
def test_the_line_ends_as_the_files_lines_do(data: bytes, end: bytes) -> None:
    """CR LF where the file has it; always an end, so that `echo ... >>` begins a new line."""
    assert lines.add(data, LINE) == data + LINE + lines.MARK + end


def test_a_file_without_its_last_line_end_gets_one() -> None:
    """Nothing is glued to the user's last line."""
    assert lines.add(b"a", LINE) == b"a\n" + LINE + lines.JOINED + b"\n"


@pytest.mark.parametrize(
    ("shell", "text"),
    [
        ("zsh", 'eval "$(devkeys hook zsh)"'),
        ("zsh", 'command -v devkeys >/dev/null && eval "$(devkeys hook zsh)"  # devkeys hook'),
        ("zsh", 'eval "$(devkeys hook)"'),
        ("zsh", 'eval "$("/opt/dev keys/devkeys" hook zsh)"'),
        ("bash", "source <(devkeys hook bash)"),
        ("fish", "devkeys hook fish | source"),
        ("nushell", "devkeys hook nu | save -f ~/.cache/devkeys.nu"),
        ("elvish", "eval (devkeys hook elvish | slurp)"),
        ("xonsh", "execx($(devkeys hook xonsh))"),
        ("powershell", "devkeys.exe hook pwsh | Out-String | Invoke-Expression"),
        ("fish", "set -g _devkeys_version 0.1.0"),
    ],
)
def test_a_line_by_hand_is_found(shell: str, text: str) -> None:
    """What users write themselves is known for what it is, and is not ours to take."""
    data = f"a\n{text}\nb\n".encode()
    assert lines.by_hand(data, shell) == [2]
    assert lines.take(data, shell) == data


@pytest.mark.parametrize(
    "text",
    [
        '# eval "$(devkeys hook zsh)"',
        "# devkeys hook",
        'eval "$(devkeys hook bash)"',
        "devkeys hook install zsh",
        'eval "$(devkeys completion zsh)"',
        'eval "$(direnv hook zsh)"',
        "",
    ],
)
def test_what_loads_no_hook_is_no_line_by_hand(text: str) -> None:
    """A comment, another shell's line or another tool's is none; neither is ours."""
    assert lines.by_hand(lines.add(text.encode(), LINE), "zsh") == []
