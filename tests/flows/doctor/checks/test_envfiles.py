"""The `.env` files of a checkout, in real repositories."""

import os
import socket
import subprocess
from pathlib import Path

import pytest
from doctor_scope import kinds, make_scope, only, says
from env_checkout import commit, live, put
from repositories import repository, run_git

from devkeys.flows.doctor.checks import committed, envfiles, ignored
from devkeys.flows.doctor.checks.envfiles import LINK, MODE, OWNER, PLAIN, TRACKED
from devkeys.scan.finding import Finding, Fine, Remedy, Unseen

__all__ = ["repository"]


def look(root: Path, home: Path) -> list[Finding | Unseen | Fine]:
    """Look at the checkout *root*."""
    return list(envfiles.look(make_scope(home, root, PATH=os.environ["PATH"])))


def of(kind: object, results: list[Finding | Unseen | Fine]) -> list[Finding]:
    """Return the findings of one kind."""
    return [finding for finding in only(Finding, results) if finding.kind is kind]


def test_secrets_in_plain_text_are_named_and_not_shown(repository: Path, home: Path) -> None:
    """Their names, the line of the first, and the remedy; no value anywhere."""
    value = live()
    file = put(repository, "web/.env", f"PORT=1\nLLM_API_KEY={value}\nURL=redis://u:{value}@h/0\n")
    results = look(repository, home)
    (finding,) = of(PLAIN, results)
    assert finding.secrets == ("LLM_API_KEY", "URL")
    assert (finding.place.line, finding.place.times) == (2, 1)
    assert "web/.env holds 2 secrets" in finding.what
    assert finding.remedy == Remedy("store", str(file))
    assert not says(results, value)


@pytest.mark.parametrize(
    "text",
    [
        "PORT=3000\nDEBUG=true\nBASE_URL=http://localhost:3000\n",
        "API_KEY=your-api-key\nDB_PASSWORD=changeme\nSECRET_KEY=\nTOKEN=<token>\n",
        "API_KEY=op://vault/item/key\nOTHER_TOKEN=${API_KEY}\n",
        "API_KEY=encrypted:BDqDBibm4wsYqMpCjTQ6BsDHmMadg9K3dAt\n",
        "SECRET_KEY_FILE=/run/secrets/key\nTLS_KEY=./certs/server.pem\nDATABASE_URL=sqlite:///a.db\n",
    ],
)
def test_what_is_no_secret_value_is_none(repository: Path, home: Path, text: str) -> None:
    """Settings, placeholders, references, what is encrypted, and where a key lies."""
    put(repository, ".env", text)
    assert of(PLAIN, look(repository, home)) == []


def test_a_script_for_direnv_is_read_line_by_line(repository: Path, home: Path) -> None:
    """A literal counts, a command that fetches one does not."""
    put(
        repository,
        ".envrc",
        f"use nix\nexport A_TOKEN='{live()}'\nexport B_TOKEN=$(pass b)\nexport C_KEY=`c`\n",
    )
    (finding,) = of(PLAIN, look(repository, home))
    assert finding.secrets == ("A_TOKEN",)


def test_an_old_value_behind_a_hash_counts(repository: Path, home: Path) -> None:
    """It is still there to be read; an example there is not a value."""
    put(repository, ".env", f"# API_KEY={live()}\n# OTHER_KEY=something\n")
    (finding,) = of(PLAIN, look(repository, home))
    assert finding.secrets == ("API_KEY",)


def test_a_file_that_is_no_dotenv_file_is_read_all_the_same(repository: Path, home: Path) -> None:
    """A line that python-dotenv refuses does not hide the next one."""
    put(repository, ".env", f"A-B=1\n- x\nKEY='open\nAPI_TOKEN={live()}\n")
    assert "API_TOKEN" in of(PLAIN, look(repository, home))[0].secrets


@pytest.mark.parametrize(("mode", "found"), [(0o600, 0), (0o400, 0), (0o640, 1), (0o604, 1)])
def test_rights_of_others_are_told(repository: Path, home: Path, mode: int, found: int) -> None:
    """Group or others, where secrets stand."""
    file = put(repository, ".env", f"API_KEY={live()}\n", mode=mode)
    findings = of(MODE, look(repository, home))
    assert len(findings) == found
    assert all(finding.remedy == Remedy("mode", str(file), "600") for finding in findings)


def test_a_file_without_secrets_may_be_read_by_all(repository: Path, home: Path) -> None:
    """Public settings are public."""
    put(repository, ".env", "PORT=1\n", mode=0o644)
    assert of(MODE, look(repository, home)) == []


def test_a_fifo_is_fine(repository: Path, home: Path) -> None:
    """A password manager serves it; it is not opened, which would hang or ask."""
    os.mkfifo(repository / ".env")
    assert any("FIFO" in fine.what for fine in only(Fine, look(repository, home)))


def test_what_is_no_file_is_not_looked_at(repository: Path, home: Path) -> None:
    """A socket, and a file that is larger than any `.env`."""
    with socket.socket(socket.AF_UNIX) as listening:
        here = Path.cwd()
        os.chdir(repository)
        try:
            listening.bind(".env")
        finally:
            os.chdir(here)
        with (repository / ".env.local").open("wb") as file:
            file.truncate(1 << 33)
        places = {unseen.place for unseen in only(Unseen, look(repository, home))}
    assert places == {str(repository / ".env"), str(repository / ".env.local")}


def test_a_link_out_of_the_checkout_is_not_followed(repository: Path, home: Path) -> None:
    """A repository may point it at any file of the user's: it is told, and not read."""
    outside = put(home, "credentials", f"API_KEY={live()}\n")
    (repository / ".env").symlink_to(outside)
    results = look(repository, home)
    assert of(PLAIN, results) == []
    (finding,) = of(LINK, results)
    assert str(outside) in finding.what


def test_a_link_within_the_checkout_is_told_once(repository: Path, home: Path) -> None:
    """Where it leads is what counts, and only once if that is a `.env` too."""
    put(repository, ".env.local", f"API_KEY={live()}\n")
    put(repository, "config/settings", f"B_TOKEN={live()}\n")
    (repository / ".env").symlink_to(".env.local")
    (repository / "web").mkdir()
    (repository / "web/.env").symlink_to("../config/settings")
    assert [f.secrets for f in of(PLAIN, look(repository, home))] == [("API_KEY",), ("B_TOKEN",)]


@pytest.mark.needs_root
def test_a_file_of_another_user_is_told(repository: Path, home: Path) -> None:
    """Neither ours nor the owner's of the checkout."""
    os.chown(put(repository, ".env", "PORT=1\n"), 12345, -1)
    assert len(of(OWNER, look(repository, home))) == 1


def test_a_tracked_file_with_secrets_has_leaked(repository: Path, home: Path) -> None:
    """With the command that takes it out of git; its history is told after that."""
    file = put(repository, "web/.env", f"API_KEY={live()}\n")
    commit(repository, "web/.env")
    results = look(repository, home)
    (finding,) = of(TRACKED, results)
    assert finding.secrets == ("API_KEY",)
    assert finding.remedy == Remedy("untrack", str(file))
    assert finding.step.endswith("rm -q -f --cached -- web/.env")
    assert of(committed.COMMITTED, results) == []


def test_public_settings_in_git_are_no_leak(repository: Path, home: Path) -> None:
    """Some frameworks commit them; it is worth knowing, no more."""
    put(repository, ".env.development", "VITE_PORT=1\n")
    commit(repository, ".env.development")
    found = kinds(look(repository, home))
    assert "env/tracked-settings" in found
    assert "env/tracked" not in found


def test_a_link_that_is_tracked_has_no_content_in_git(repository: Path, home: Path) -> None:
    """Git has where it leads."""
    put(repository, "settings", f"API_KEY={live()}\n")
    (repository / ".env").symlink_to("settings")
    commit(repository, ".env")
    results = look(repository, home)
    assert of(TRACKED, results) == []
    assert of(ignored.NOT_IGNORED, results) == []


def test_a_repository_inside_is_asked_itself(repository: Path, home: Path) -> None:
    """The outer one cannot tell what an inner one ignores or tracks."""
    inner = repository / "inner"
    inner.mkdir()
    run_git("init", "-q", cwd=inner)
    put(inner, ".env", f"API_KEY={live()}\n")
    put(repository, ".gitignore", ".env*\n")
    (finding,) = of(ignored.NOT_IGNORED, look(repository, home))
    assert finding.remedy == Remedy("ignore", str(inner / ".gitignore"), ".env")


def test_what_package_managers_brought_is_passed_over(repository: Path, home: Path) -> None:
    """Tests of others' packages have `.env` files of their own; the walk of files counts them."""
    for place in ("node_modules/x", ".venv/lib", "vendor/y", "env"):
        put(repository, f"{place}/.env", f"API_KEY={live()}\n")
    put(repository, "env/pyvenv.cfg", "")
    assert of(PLAIN, look(repository, home)) == []


def test_cookiecutter_s_folder_of_environments_is_read(repository: Path, home: Path) -> None:
    """`.envs/.production/.django` has no name of a `.env`."""
    put(repository, ".envs/.production/.django", f"DJANGO_SECRET_KEY={live()}\n")
    assert len(of(PLAIN, look(repository, home))) == 1


def test_outside_of_git_there_is_nothing_to_ask(tmp_path: Path, home: Path) -> None:
    """Plain text is told, ignoring is not."""
    put(tmp_path / "loose", ".env", f"API_KEY={live()}\n")
    assert kinds(look(tmp_path / "loose", home)) == ["env/plain-text"]


def test_names_with_line_ends_and_patterns_are_names(repository: Path, home: Path) -> None:
    """They are told as they are, and the steps quote them for a shell."""
    name = ".env\n[x]; touch $HOME/sprung"
    file = put(repository, name.replace("/", ":"), f"API_KEY={live()}\n")
    commit(repository, file.name)
    (finding,) = of(TRACKED, look(repository, home))
    step = finding.step.partition(": ")[2]
    subprocess.run(["sh", "-c", step], cwd="/", check=True, capture_output=True)
    listed = subprocess.run(["git", "ls-files"], cwd=repository, check=True, capture_output=True)
    assert listed.stdout == b""


def test_a_directory_that_cannot_be_listed_is_not_looked_at(repository: Path, home: Path) -> None:
    """It is said, and the rest goes on."""
    if os.geteuid() == 0:
        pytest.skip("for root nothing is unreadable")
    put(repository, "closed/.env", "A=1\n")
    (repository / "closed").chmod(0)
    try:
        results = look(repository, home)
    finally:
        (repository / "closed").chmod(0o700)
    assert str(repository / "closed") in {unseen.place for unseen in only(Unseen, results)}


def test_a_repository_that_git_refuses_is_not_looked_at(tmp_path: Path, home: Path) -> None:
    """A `.git` that is none."""
    root = tmp_path / "odd"
    put(root, ".env", f"API_KEY={live()}\n")
    (root / ".git").mkdir()
    assert [unseen.place for unseen in only(Unseen, look(root, home))] == [str(root)]


def test_every_finding_is_of_a_kind_that_is_told(repository: Path, home: Path) -> None:
    """Reports list the kinds of a check before its findings."""
    put(repository, ".env", f"API_KEY={live()}\n", mode=0o644)
    commit(repository, ".env")
    assert {f.kind for f in only(Finding, look(repository, home))} <= set(envfiles.KINDS)
