"""Secrets that are exported in the shell doctor is called from."""

import base64
import json
import os
import secrets
import zlib
from pathlib import Path

import pytest
from checkout import make
from command import DEVKEYS, environment
from doctor_scope import kinds, make_scope, only, says

from devkeys.flows.doctor.checks.exported import look
from devkeys.scan.finding import Finding, Fine, Unseen

FINE = "no secret is exported in this shell"


def value() -> str:
    """Make up a value without a known format."""
    return "k" + secrets.token_hex(12) + "Zq"


def test_a_declared_secret_is_found_whatever_its_name(home: Path, tmp_path: Path) -> None:
    """What the checkout declares as a secret is one, though its name does not tell."""
    folder = make(tmp_path / "chat", "# @sensitive\nLICENSE_CODE=\n")
    (found,) = only(Finding, look(make_scope(home, folder, LICENSE_CODE=value())))
    assert (found.kind.id, found.secrets) == ("shell/exported-secret", ("LICENSE_CODE",))
    assert found.place.member == "LICENSE_CODE"
    assert found.step.startswith("devkeys set LICENSE_CODE, then: ")


def test_a_name_that_tells_is_enough(home: Path) -> None:
    """Outside of any project, too, with the step that ends it."""
    (found,) = only(Finding, look(make_scope(home, LLM_API_KEY=value())))
    assert found.secrets == ("LLM_API_KEY",)
    assert found.step.startswith("devkeys add LLM_API_KEY in the project that needs it, then: ")
    assert "LLM_API_KEY" in found.step.partition("then:")[2]


def test_a_key_of_a_known_format_needs_no_name(home: Path) -> None:
    """A token is one under whatever name it is exported."""
    token = "ghp_" + secrets.token_hex(18) + "aB"
    (found,) = only(Finding, look(make_scope(home, DEPLOY=token)))
    assert found.secrets == ("DEPLOY",)


def test_a_password_in_a_url_is_found(home: Path) -> None:
    """As proxies get it."""
    found = list(look(make_scope(home, ALL_PROXY=f"http://ana:{value()}@proxy.example:3128")))
    assert kinds(found) == ["shell/exported-secret"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("LLM_API_KEY", ""),
        ("LLM_API_KEY", "your-api-key-here"),
        ("LLM_API_KEY", "op://Team/chat/key"),
        ("SSH_PRIVATE_KEY", "/home/ana/.ssh/id_ed25519"),
        ("GOOGLE_APPLICATION_CREDENTIALS", "/home/ana/key.json"),
        ("STARSHIP_SESSION_KEY", "1234567890123456"),
        ("GPG_KEY", "E3FF2839C048B25C084DEBE9B26995E310250568"),
        ("NEXT_PUBLIC_API_KEY", "k8s2hd83jdkeuah28dhq"),
        ("SSH_AUTH_SOCK", "/run/user/1000/keyring/ssh"),
        ("ENABLE_TOKEN", "true"),
        ("DATABASE_URL", "postgres://localhost:5432/chat"),
    ],
)
def test_what_is_no_secret_is_fine(home: Path, name: str, text: str) -> None:
    """Placeholders, references, paths, switches, public keys, addresses."""
    assert list(look(make_scope(home, None, **{name: text}))) == [Fine(FINE)]


def test_no_value_is_said(home: Path) -> None:
    """Neither the value nor the half of it is in any field."""
    secret = value()
    found = list(look(make_scope(home, LLM_API_KEY=secret, DB_PASSWORD=secret)))
    assert len(found) == 2
    assert not says(found, secret[:8])
    assert not says(found, secret[-8:])


def test_a_name_that_may_be_a_key_is_not_said(home: Path) -> None:
    """A variable whose name is a token itself is told of without its name."""
    name = "K" + secrets.token_hex(16) + "_TOKEN"
    found = list(look(make_scope(home, None, **{name: value()})))
    assert kinds(found) == ["shell/exported-secret"]
    assert not says(found, name[:12])


def test_in_ci_nothing_is_said_of_them(home: Path) -> None:
    """There all secrets come from the environment."""
    found = list(look(make_scope(home, CI="true", LLM_API_KEY=value())))
    assert [type(one) for one in found] == [Unseen]


def test_only_the_names_asked_for(home: Path) -> None:
    """With --name others are left out."""
    scope = make_scope(home, None, "DB_PASSWORD", LLM_API_KEY=value(), DB_PASSWORD=value())
    assert [one.secrets for one in only(Finding, look(scope))] == [("DB_PASSWORD",)]


def test_the_line_that_sets_it_is_named(home: Path) -> None:
    """To unset what the next shell sets again is no help."""
    (home / ".bashrc").write_text(
        "# LLM_API_KEY=x\nalias ll='ls -l'\nexport LLM_API_KEY=$(pass x)\n"
    )
    (found,) = only(Finding, look(make_scope(home, LLM_API_KEY=value())))
    assert f"line 3 of {home}/.bashrc" in found.step


def test_direnv_is_named(home: Path) -> None:
    """What direnv has set goes by its file, not by unset."""
    secret = value()
    record = json.dumps({"p": {}, "n": {"LLM_API_KEY": secret}}).encode()
    diff = base64.urlsafe_b64encode(zlib.compress(record)).decode()
    scope = make_scope(home, LLM_API_KEY=secret, DIRENV_DIFF=diff, DIRENV_FILE="/p/.envrc")
    (found,) = only(Finding, look(scope))
    assert "/p/.envrc" in found.step


@pytest.mark.parametrize("diff", ["", "x", "!!!!", "e30=", "eJwDAAAAAAE="])
def test_a_damaged_record_of_direnv_is_none(home: Path, diff: str) -> None:
    """It comes from the environment, and may be anything."""
    (found,) = only(Finding, look(make_scope(home, LLM_API_KEY=value(), DIRENV_DIFF=diff)))
    assert "direnv" not in found.step


_INSIDE = """
import json, sys
from devkeys.flows.doctor.checks.exported import look
from devkeys.flows.doctor.scope import Scope
from devkeys.session import Session
scope = Scope(Session(), None, ".", frozenset())
print(json.dumps([[type(x).__name__, repr(x)] for x in look(scope)]))
"""


def test_what_devkeys_run_put_there_is_its_own(home: Path, tmp_path: Path) -> None:
    """Inside of `devkeys run` its variables are no slip; others exported beside them are."""
    import subprocess
    import sys

    from checkout import allowed, store

    from devkeys.store import create

    secret = value()
    folder = make(tmp_path / "chat", "LLM_API_KEY=\n")
    create.create(str(home / ".local" / "share" / "devkeys"), keychain=None)
    allowed(folder, home)
    store(folder, home, LLM_API_KEY=secret)
    done = subprocess.run(
        [*DEVKEYS, "run", "--", sys.executable, "-P", "-c", _INSIDE],
        cwd=folder,
        env=environment(home, OTHER_TOKEN=value()),
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert [kind for kind, _ in found] == ["Unseen", "Finding"]
    assert "doctor runs inside of devkeys run" in found[0][1]
    assert "OTHER_TOKEN" in found[1][1]
    assert secret not in os.fsdecode(done.stdout)


def test_a_forged_mark_hides_nothing(home: Path) -> None:
    """Who sets DEVKEYS_RUN without the machine's key does not silence doctor."""
    mark = "1 chat dev key 1 LLM_API_KEY=000000000000=0"
    found = list(look(make_scope(home, LLM_API_KEY=value(), DEVKEYS_RUN=mark)))
    assert kinds(found) == ["shell/exported-secret"]
