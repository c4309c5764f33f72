"""What docs/providers.md shows of a provider of one's own works as it stands there."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from devkeys.providers import _CLASSES
from devkeys.providers.errors import KINDS
from devkeys.providers.program_answers import LONGEST

PAGE = (Path(__file__).parents[1] / "docs" / "providers.md").read_text(encoding="utf-8")


def block(language: str, beginning: str) -> str:
    """Return the fenced block that begins so."""
    found = re.findall(rf"```{language}\n({re.escape(beginning)}.*?)```", PAGE, re.DOTALL)
    assert len(found) == 1
    return str(found[0])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Write the page's program and its test."""
    program = tmp_path / "devkeys-provider-box"
    program.write_text(block("python", "#!"))
    program.chmod(0o755)
    (tmp_path / "test_box.py").write_text(block("python", "import os\n"))
    (tmp_path / ".box").mkdir()
    (tmp_path / ".box" / "chat").write_bytes(b"secret")
    return tmp_path


def test_the_program_answers_as_shown(folder: Path) -> None:
    """The request that the page gives by hand has the answer that the page shows."""
    command, _, answer = block("console", "$ echo").removeprefix("$ ").partition("\n")
    environ = {**os.environ, "HOME": str(folder)}
    done = subprocess.run(
        ["sh", "-c", command], cwd=folder, env=environ, capture_output=True, text=True, check=True
    )
    assert done.stdout == answer


def test_the_suite_passes_as_shown(folder: Path) -> None:
    """A third party's test of a few lines runs the whole contract."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_box.py"]
    done = subprocess.run(
        command, cwd=folder, env={**os.environ}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
    passed, skipped = (re.search(rf"(\d+) {word}", done.stdout) for word in ("passed", "skipped"))
    assert passed is not None
    assert skipped is not None
    assert int(passed[1]) >= 20
    assert int(skipped[1]) <= 2  # it cannot be denied, and asks no program


def test_the_suite_fails_for_a_spoilt_program(folder: Path) -> None:
    """The same test finds that a value is trimmed."""
    program = folder / "devkeys-provider-box"
    program.write_text(program.read_text().replace("file.read()", "file.read().strip()"))
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_box.py"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "final newline" in done.stdout


def test_every_scheme_kind_and_example_stands_there() -> None:
    """No scheme, kind of error or shipped program is left out."""
    for scheme in _CLASSES:
        assert f"`{scheme}://" in PAGE
    for kind in KINDS:
        assert f"| `{kind}` |" in PAGE
    for path in (Path(__file__).parents[1] / "examples" / "providers").iterdir():
        assert f"`{path.name.removeprefix('devkeys-provider-')}://" in PAGE
    assert f"at most {LONGEST} printable characters" in PAGE
