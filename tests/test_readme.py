"""What README says happens, happens."""

import re
import secrets
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from command import devkeys, environment

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """Return the fenced blocks of *language*, in order."""
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Copy what the first command needs of this repository."""
    folder = tmp_path / "devkeys"
    folder.mkdir()
    shutil.copy(ROOT / ".env.example", folder)
    shutil.copytree(ROOT / "examples", folder / "examples")
    return folder


@pytest.fixture
def path(tmp_path: Path) -> str:
    """Return a PATH with `devkeys` and `python`, as after `pip install`."""
    folder = tmp_path / "installed"
    folder.mkdir()
    for name, words in (("devkeys", "-P -m devkeys"), ("python", "")):
        (folder / name).write_text(f'#!/bin/sh\nexec {sys.executable} {words} "$@"\n')
        (folder / name).chmod(0o755)
    return f"{folder}:{environment(tmp_path)['PATH']}"


def test_first_command(checkout: Path, home: Path, path: str) -> None:
    """README's first command, past its installation, asks nothing and prints what README shows."""
    install, _, command = blocks("console")[0].strip().partition(" && ")
    done = subprocess.run(
        ["sh", "-c", command],
        cwd=checkout,
        env=environment(home) | {"PATH": path},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
    )

    assert install == "pip install ."
    assert done.stdout == blocks("text")[0]


def test_the_key_that_is_set_arrives(checkout: Path, home: Path, path: str) -> None:
    """After `devkeys set LLM_API_KEY` the next run has it, as README says."""
    devkeys("allow", "--yes", cwd=checkout, home=home)
    devkeys("set", "LLM_API_KEY", cwd=checkout, home=home, given=b"x" * 12)
    done = devkeys(
        *("run", "--", "python", "examples/show.py"), cwd=checkout, home=home, env={"PATH": path}
    )

    assert b"LLM_API_KEY     (12 characters, hidden)\n" in done.stdout


def test_second_command_is_what_ci_runs() -> None:
    """README's test command is the one that .ci/run calls."""
    install, _, command = blocks("console")[1].strip().partition(" && ")

    assert install == "pip install '.[test]'"
    assert command == "python -m pytest -n auto"
    assert f"test=({command})" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_doctor_reports_as_shown(tmp_path: Path, home: Path) -> None:
    """What README shows of a report is what doctor prints, but for the id and the day."""
    project = tmp_path / "chat"
    project.mkdir()
    (project / ".env.example").write_text("LLM_API_KEY=\n")
    value = secrets.token_hex(20)
    typed = f"#1700000000\nls\n#1700000060\nexport LLM_API_KEY={value}\n"
    (home / ".bash_history").write_text(typed)
    devkeys("allow", "--yes", cwd=project, home=home)
    devkeys("set", "LLM_API_KEY", cwd=project, home=home, given=value.encode())
    done = devkeys("doctor", "--source", "histories", cwd=project, home=home)
    shown = next(block for block in blocks("text") if "history/known-value" in block)

    assert " ".join(without_id_and_day(shown).split()) in " ".join(
        without_id_and_day(done.stdout.decode()).split()
    )


def without_id_and_day(report: str) -> str:
    """Return *report* without what is another at every run."""
    return re.sub(r"    [0-9a-f]{8}  (.*;) .* ago", r"    ID  \1 DAY", report)


def test_every_command_that_is_named_exists(tmp_path: Path, home: Path) -> None:
    """Each `devkeys NAME` in README and docs is a command with a help text."""
    texts = [README, *(page.read_text(encoding="utf-8") for page in (ROOT / "docs").glob("*.md"))]
    inline = re.findall(r"`devkeys ([a-z]+)", "\n".join(texts))
    named = set(inline) | {
        word
        for text in blocks("console")
        for word in re.findall(r"^devkeys ([a-z]+)", text, re.MULTILINE)
    }

    for name in sorted(named):
        done = devkeys(name, "--help", cwd=tmp_path, home=home)
        assert done.returncode == 0, name
    assert {"run", "set", "init", "import", "status"} <= named


def test_declaration_in_readme_is_understood(tmp_path: Path, home: Path) -> None:
    """README's example of a `.env.example` declares what README says it does."""
    (tmp_path / ".env.example").write_text(blocks("sh")[0])
    devkeys("allow", "--yes", cwd=tmp_path, home=home)

    done = devkeys("status", cwd=tmp_path, home=home)

    assert re.search(rb"LLM_API_KEY +secret +MISSING", done.stdout)
    assert re.search(rb"LLM_BASE_URL +setting +its default", done.stdout)
    assert re.search(rb"SESSION_SECRET +secret +generated", done.stdout)


def test_links_lead_somewhere() -> None:
    """Each relative link in README and docs names a file that is there."""
    for page in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")):
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            if target.endswith(".md"):
                name = target if "." in target else f"{target}.md"
                assert (page.parent / name).is_file(), (page.name, target)
