"""`devkeys run`, from a checkout to a child, on the headless store."""

import os
import secrets
import subprocess
import sys
from pathlib import Path

import checkout
import pytest
from command import DEVKEYS, devkeys, environment
from desk import make_desk
from real import need
from small_disk import fill, small_disk

DECLARATION = """\
# The key of the language model
LLM_API_KEY=your-api-key-here
LLM_BASE_URL=http://localhost:8080/v1
LLM_MODEL=small
"""


@pytest.fixture
def chat(tmp_path: Path) -> Path:
    """Make a checkout called chat."""
    return checkout.make(tmp_path / "chat", DECLARATION)


@pytest.fixture
def value() -> str:
    """Make up a value."""
    return secrets.token_hex(16)


def child_environment(done: subprocess.CompletedProcess[bytes]) -> dict[str, str]:
    """Return what `env -0` in the child said."""
    assert done.returncode == 0, done.stderr.decode()
    pairs = os.fsdecode(done.stdout).split("\0")[:-1]
    return dict(pair.split("=", 1) for pair in pairs)


def test_child_has_value_and_defaults(chat: Path, home: Path, value: str) -> None:
    """The child gets the stored secret and the declared defaults."""
    checkout.allowed(chat, home)
    checkout.store(chat, home, LLM_API_KEY=value)

    found = child_environment(devkeys("run", "--", "env", "-0", cwd=chat, home=home))

    assert found["LLM_API_KEY"] == value
    assert found["LLM_BASE_URL"] == "http://localhost:8080/v1"
    assert found["LLM_MODEL"] == "small"


def test_second_run_is_served_by_the_plan(chat: Path, home: Path, value: str) -> None:
    """The run after the first gives the same, from the kept plan."""
    checkout.allowed(chat, home)
    checkout.store(chat, home, LLM_API_KEY=value)
    first = child_environment(devkeys("run", "--", "env", "-0", cwd=chat, home=home))

    second = child_environment(devkeys("run", "--", "env", "-0", cwd=chat, home=home))

    assert list((home / ".local/state/devkeys/plans").iterdir())
    assert first == second


def test_short_form(chat: Path, home: Path, value: str) -> None:
    """`devkeys -- CMD` is `devkeys run -- CMD`."""
    checkout.allowed(chat, home)
    checkout.store(chat, home, LLM_API_KEY=value)

    done = devkeys("--", "sh", "-c", 'printf %s "$LLM_API_KEY"', cwd=chat, home=home)

    assert done.stdout.decode() == value


@pytest.mark.parametrize(
    "odd",
    [
        b"line one\nline two\n",
        b" blanks around ",
        b"quotes ' \" ` and $HOME ${PATH} $(id)",
        b"\xff\xfe not utf-8 \x80",
        "żółć 日本".encode(),
        b"",
        b"x" * 100_000,
    ],
    ids=["lines", "blanks", "quotes", "bytes", "unicode", "empty", "large"],
)
def test_value_reaches_the_child_as_it_is(chat: Path, home: Path, odd: bytes) -> None:
    """No byte of a value is changed on its way, whatever it is."""
    (chat / ".env.example").write_text("# @optional\nTOKEN=\n")
    checkout.allowed(chat, home)
    checkout.store(chat, home, TOKEN=odd)

    done = devkeys("run", "--", "sh", "-c", 'printf %s "$TOKEN"', cwd=chat, home=home)

    assert (done.stdout, done.stderr) == (odd, b"")


def test_not_allowed(chat: Path, home: Path, value: str) -> None:
    """A checkout that nobody allowed gets nothing, and the command does not start."""
    checkout.store(chat, home, LLM_API_KEY=value)

    done = devkeys("run", "--", "echo", "started", cwd=chat, home=home)

    assert (done.returncode, done.stdout) == (125, b"")
    assert b"LLM_API_KEY: secret" in done.stderr
    assert b"devkeys allow" in done.stderr


def test_new_name_asks_again(chat: Path, home: Path, value: str) -> None:
    """A name that was pulled after the consent gets no value from the store before a new one."""
    checkout.allowed(chat, home)
    checkout.store(chat, home, LLM_API_KEY=value, STRIPE_API_KEY=value)
    (chat / ".env.example").write_text(DECLARATION + "STRIPE_API_KEY=\n")

    done = devkeys("run", "--", "env", cwd=chat, home=home)

    assert done.returncode == 125
    assert b"STRIPE_API_KEY: secret" in done.stderr
    assert b"LLM_API_KEY" not in done.stderr


def test_secret_declared_as_setting_gets_nothing(chat: Path, home: Path, value: str) -> None:
    """A stored secret is not given to a name that now passes for an ordinary setting."""
    checkout.allowed(chat, home)
    checkout.store(chat, home, LLM_API_KEY=value, COLOUR=value)
    (chat / ".env.example").write_text(DECLARATION + "COLOUR=blue\n")

    found = child_environment(devkeys("run", "--", "env", "-0", cwd=chat, home=home))

    assert found["COLOUR"] == "blue"


@pytest.mark.parametrize(
    "line",
    [
        "# @sensitive=false\nLLM_API_KEY=your-api-key-here\n",
        "SMTP_HOST=evil\n",
        "API=https://evil.invalid\n",
    ],
)
def test_decorator_or_address_asks_although_all_is_exported(
    chat: Path, home: Path, value: str, line: str
) -> None:
    """A new decorator, or a default that is an address, asks also when every name is exported."""
    checkout.allowed(chat, home)
    (chat / ".env.example").write_text(
        DECLARATION.replace("LLM_API_KEY=your-api-key-here\n", "") + line
    )
    exported = {"LLM_API_KEY": value, "SMTP_HOST": "mine", "API": "mine"}

    done = devkeys("run", "--", "true", cwd=chat, home=home, env=exported)

    assert done.returncode == 125
    assert b"not allowed" in done.stderr


def test_changes_without_consequence_ask_nothing(chat: Path, home: Path, value: str) -> None:
    """Prose, removals and ordinary defaults need no new consent."""
    checkout.allowed(chat, home)
    checkout.store(chat, home, LLM_API_KEY=value)
    (chat / ".env.example").write_text(
        "# Other words\nLLM_API_KEY=your-api-key-here\nLLM_MODEL=large\nLOG_LEVEL=info\n"
    )

    found = child_environment(devkeys("run", "--", "env", "-0", cwd=chat, home=home))

    assert (found["LLM_MODEL"], found["LOG_LEVEL"]) == ("large", "info")


def test_changing_branches_does_not_ask_again(chat: Path, home: Path, value: str) -> None:
    """What was agreed on one branch stays agreed after another was allowed."""
    checkout.allowed(chat, home)
    checkout.store(chat, home, LLM_API_KEY=value, STRIPE_API_KEY=value)
    (chat / ".env.example").write_text(DECLARATION + "STRIPE_API_KEY=\n")
    checkout.allowed(chat, home)
    (chat / ".env.example").write_text(DECLARATION)
    first = devkeys("run", "--", "true", cwd=chat, home=home)
    (chat / ".env.example").write_text(DECLARATION + "STRIPE_API_KEY=\n")

    assert (first.returncode, devkeys("run", "--", "true", cwd=chat, home=home).returncode) == (
        0,
        0,
    )


def test_ci_needs_no_consent(chat: Path, home: Path, value: str) -> None:
    """In CI, where every name is exported, nothing is asked."""
    done = devkeys(
        "run", "--", "env", "-0", cwd=chat, home=home, env={"CI": "true", "LLM_API_KEY": value}
    )

    assert child_environment(done)["LLM_API_KEY"] == value


def test_ci_names_all_that_is_missing(chat: Path, home: Path) -> None:
    """In CI an empty secret is a missing one, and all are named in one message."""
    (chat / ".env.example").write_text(DECLARATION + "STRIPE_API_KEY=\n")

    done = devkeys("run", "--", "true", cwd=chat, home=home, env={"CI": "true", "LLM_API_KEY": ""})

    assert done.returncode == 125
    assert b"2 secrets missing\n  LLM_API_KEY\n  STRIPE_API_KEY\n" in done.stderr


def test_environment_beats_the_store_and_says_so(chat: Path, home: Path, value: str) -> None:
    """An exported value counts, and one line on stderr says that the stored one differs."""
    checkout.allowed(chat, home)
    checkout.store(chat, home, LLM_API_KEY=value)

    done = devkeys("run", "--", "env", "-0", cwd=chat, home=home, env={"LLM_API_KEY": "mine"})

    assert child_environment(done)["LLM_API_KEY"] == "mine"
    assert b"LLM_API_KEY" in done.stderr
    assert value.encode() not in done.stderr


def test_prefer_store(chat: Path, home: Path, value: str) -> None:
    """--prefer-store turns the order round, silently."""
    checkout.allowed(chat, home)
    checkout.store(chat, home, LLM_API_KEY=value)

    done = devkeys(
        "run", "--prefer-store", "--", "env", "-0", cwd=chat, home=home, env={"LLM_API_KEY": "mine"}
    )

    assert child_environment(done)["LLM_API_KEY"] == value
    assert done.stderr == b""


def test_named_profile_refuses_a_differing_export(chat: Path, home: Path, value: str) -> None:
    """A profile that was named does not take a differing exported value unasked."""
    checkout.allowed(chat, home, "prod")
    checkout.store(chat, home, "prod", LLM_API_KEY=value)

    done = devkeys(
        "run", "-p", "prod", "--", "true", cwd=chat, home=home, env={"LLM_API_KEY": "mine"}
    )

    assert done.returncode == 125
    assert b"--prefer-env" in done.stderr


def test_profiles_have_their_own_values(chat: Path, home: Path, value: str) -> None:
    """Each profile has its own values and defaults."""
    (chat / ".env.prod.example").write_text("LLM_MODEL=large\n")
    for profile in ("dev", "prod"):
        checkout.allowed(chat, home, profile)
        checkout.store(chat, home, profile, LLM_API_KEY=value + profile)

    found = child_environment(devkeys("run", "-p", "prod", "--", "env", "-0", cwd=chat, home=home))

    assert (found["LLM_API_KEY"], found["LLM_MODEL"]) == (value + "prod", "large")


def test_only_removes_the_others(chat: Path, home: Path, value: str) -> None:
    """--only gives these, needs no other, and takes other declared names away."""
    checkout.allowed(chat, home)

    done = devkeys(
        *("run", "--only", "LLM_MODEL", "--", "env", "-0"),
        cwd=chat,
        home=home,
        env={"LLM_API_KEY": value, "OTHER": "stays"},
    )

    found = child_environment(done)
    assert "LLM_API_KEY" not in found
    assert "LLM_BASE_URL" not in found
    assert (found["LLM_MODEL"], found["OTHER"]) == ("small", "stays")


def test_scope(chat: Path, home: Path, value: str) -> None:
    """--scope gives the names of that scope of devkeys.toml."""
    (chat / "devkeys.toml").write_text('[scopes]\nlint = []\nweb = ["LLM_MODEL"]\n')
    checkout.allowed(chat, home)

    lint = devkeys(
        "run", "--scope", "lint", "--", "env", "-0", cwd=chat, home=home, env={"LLM_API_KEY": value}
    )
    web = devkeys("run", "--scope=web", "--", "env", "-0", cwd=chat, home=home)

    assert {"LLM_API_KEY", "LLM_MODEL"}.isdisjoint(child_environment(lint))
    assert child_environment(web)["LLM_MODEL"] == "small"


def test_unknown_scope_and_name(chat: Path, home: Path) -> None:
    """A scope or a name that is not there is an error that says what is."""
    checkout.allowed(chat, home)

    scope = devkeys("run", "--scope", "x", "--", "true", cwd=chat, home=home)
    name = devkeys("run", "--only", "NOPE", "--", "true", cwd=chat, home=home)

    assert (scope.returncode, name.returncode) == (125, 125)
    assert b"no scope x" in scope.stderr
    assert b"NOPE is not declared" in name.stderr


def test_clean(chat: Path, home: Path, value: str) -> None:
    """--clean leaves what programs need, and what is declared."""
    checkout.allowed(chat, home)
    checkout.store(chat, home, LLM_API_KEY=value)

    done = devkeys("run", "--clean", "--", "env", "-0", cwd=chat, home=home, env={"STRAY": "x"})

    assert set(child_environment(done)) == {
        *("PATH", "HOME", "LANG", "TERM", "DEVKEYS_RUN"),
        *("LLM_API_KEY", "LLM_BASE_URL", "LLM_MODEL"),
    }


def test_bootstrap_credentials_stay_out(chat: Path, home: Path, value: str) -> None:
    """What opens a whole password manager is not handed on, unless it is kept by name."""
    checkout.allowed(chat, home)
    checkout.store(chat, home, LLM_API_KEY=value)
    credentials = {"OP_SERVICE_ACCOUNT_TOKEN": value, "AWS_SECRET_ACCESS_KEY": value}

    plain = devkeys("run", "--", "env", "-0", cwd=chat, home=home, env=credentials)
    kept = devkeys(
        "run", "--keep", "AWS_*", "--", "env", "-0", cwd=chat, home=home, env=credentials
    )

    assert set(credentials).isdisjoint(child_environment(plain))
    assert "AWS_SECRET_ACCESS_KEY" in child_environment(kept)
    assert "OP_SERVICE_ACCOUNT_TOKEN" not in child_environment(kept)


def test_template_is_filled_once(chat: Path, home: Path) -> None:
    """`${NAME}` is filled from resolved values, and never inside a stored one."""
    (chat / ".env.example").write_text(
        "DB_PASSWORD=\nDB_HOST=db\nDATABASE_URL=postgres://app:${DB_PASSWORD}@${DB_HOST}/app\n"
    )
    checkout.allowed(chat, home)
    checkout.store(chat, home, DB_PASSWORD="a${DB_HOST}b")

    found = child_environment(devkeys("run", "--", "env", "-0", cwd=chat, home=home))

    assert found["DATABASE_URL"] == "postgres://app:a${DB_HOST}b@db/app"


def test_template_does_not_take_from_the_environment(chat: Path, home: Path) -> None:
    """An undeclared `${NAME}` takes nothing from the caller's environment."""
    (chat / ".env.example").write_text("LABEL=x-${AMBIENT_TOKEN}-y\n")
    checkout.allowed(chat, home)

    done = devkeys("run", "--", "env", "-0", cwd=chat, home=home, env={"AMBIENT_TOKEN": "leaked"})

    assert "leaked" not in child_environment(done)["LABEL"]


def test_generated_once_and_kept(chat: Path, home: Path) -> None:
    """A `@generate`d secret is made at the first run and is the same at the next."""
    (chat / ".env.example").write_text("# @generate=hex(32)\nSESSION_SECRET=\n")
    checkout.allowed(chat, home)

    first = child_environment(devkeys("run", "--", "env", "-0", cwd=chat, home=home))
    second = child_environment(devkeys("run", "--", "env", "-0", cwd=chat, home=home))

    assert len(bytes.fromhex(first["SESSION_SECRET"])) == 32
    assert first["SESSION_SECRET"] == second["SESSION_SECRET"]


def test_file_is_a_path_that_grandchildren_can_read(chat: Path, home: Path, value: str) -> None:
    """With @as=file the child gets a path to the value, which no disk holds."""
    (chat / ".env.example").write_text("# @as=file\nGOOGLE_KEY=\n")
    checkout.allowed(chat, home)
    checkout.store(chat, home, GOOGLE_KEY=value)

    done = devkeys(
        "run",
        "--",
        "sh",
        "-c",
        'echo "$GOOGLE_KEY"; sh -c \'cat "$GOOGLE_KEY"; cat "$GOOGLE_KEY"\'; true',
        cwd=chat,
        home=home,
    )

    path, twice = done.stdout.decode().split("\n", 1)
    assert path.startswith("/proc/")
    assert twice == value * 2


def test_file_cannot_be_written(chat: Path, home: Path, value: str) -> None:
    """The file of a secret is sealed: nobody changes what others read."""
    (chat / ".env.example").write_text("# @as=file\nGOOGLE_KEY=\n")
    checkout.allowed(chat, home)
    checkout.store(chat, home, GOOGLE_KEY=value)

    done = devkeys(
        "run", "--", "sh", "-c", 'echo x >> "$GOOGLE_KEY"; cat "$GOOGLE_KEY"', cwd=chat, home=home
    )

    assert done.stdout.decode() == value
    assert done.stderr


def test_nul_and_size_are_told_before_exec(chat: Path, home: Path) -> None:
    """A value that no environment takes is named with a way out, and does not show."""
    (chat / ".env.example").write_text("BIG_KEY=\n")
    checkout.allowed(chat, home)
    checkout.store(chat, home, BIG_KEY="x" * 140_000)

    done = devkeys("run", "--", "echo", "started", cwd=chat, home=home)

    assert (done.returncode, done.stdout) == (125, b"")
    assert b"BIG_KEY is too large" in done.stderr
    assert b"@as=file" in done.stderr
    assert len(done.stderr) < 1000


def test_large_value_as_file(chat: Path, home: Path) -> None:
    """The way out for a large value works."""
    (chat / ".env.example").write_text("# @as=file\nBIG_KEY=\n")
    checkout.allowed(chat, home)
    checkout.store(chat, home, BIG_KEY="x" * 140_000)

    done = devkeys("run", "--", "sh", "-c", 'wc -c < "$BIG_KEY"', cwd=chat, home=home)

    assert done.stdout.split() == [b"140000"]


def test_subdirectory_and_monorepo(chat: Path, home: Path, value: str) -> None:
    """A package inherits what was given once at the top, and its own value goes first."""
    checkout.allowed(chat, home)
    checkout.store(chat, home, LLM_API_KEY=value, SHARED_TOKEN=value)
    package = chat / "packages" / "api"
    package.mkdir(parents=True)
    (package / ".env.example").write_text("LLM_API_KEY=\nSHARED_TOKEN=\n")
    checkout.allowed(package, home)
    checkout.store(package, home, SHARED_TOKEN="own")
    (package / "src").mkdir()

    found = child_environment(devkeys("run", "--", "env", "-0", cwd=package / "src", home=home))

    assert (found["LLM_API_KEY"], found["SHARED_TOKEN"]) == (value, "own")


def test_vendored_package_inherits_nothing(chat: Path, home: Path, value: str) -> None:
    """A package below node_modules gets nothing that was given to the repository."""
    checkout.allowed(chat, home)
    checkout.store(chat, home, LLM_API_KEY=value)
    package = chat / "node_modules" / "left-pad"
    package.mkdir(parents=True)
    (package / ".env.example").write_text("LLM_API_KEY=\n")
    checkout.allowed(package, home)

    done = devkeys("run", "--", "true", cwd=package, home=home)

    assert done.returncode == 125
    assert b"1 secret missing" in done.stderr


def test_second_checkout_of_one_name(chat: Path, home: Path, tmp_path: Path, value: str) -> None:
    """Another checkout of the same name gets a new, empty project and not the first's values."""
    checkout.allowed(chat, home)
    checkout.store(chat, home, LLM_API_KEY=value)
    other = checkout.make(tmp_path / "elsewhere" / "chat", DECLARATION)

    checkout.allowed(other, home)
    done = devkeys("run", "--", "env", cwd=other, home=home)

    assert done.returncode == 125
    assert b"1 secret missing" in done.stderr
    assert value.encode() not in done.stdout


def test_worktrees_share(tmp_path: Path, home: Path, value: str) -> None:
    """A worktree has the consent and the values of the main checkout."""
    need("git")
    chat = checkout.make(tmp_path / "chat", DECLARATION, git=False)
    git = ["git", "-c", "user.name=t", "-c", "user.email=t@example.invalid"]
    for words in (
        ["init", "-q"],
        ["add", "."],
        ["commit", "-qm", "x"],
        ["worktree", "add", "-q", "../tree"],
    ):
        subprocess.run([*git, *words], cwd=chat, check=True, capture_output=True)
    checkout.allowed(chat, home)
    checkout.store(chat, home, LLM_API_KEY=value)

    done = devkeys("run", "--", "env", "-0", cwd=tmp_path / "tree", home=home)

    assert child_environment(done)["LLM_API_KEY"] == value


def test_named_file(chat: Path, home: Path) -> None:
    """--file names another declaration file."""
    (chat / ".env.sample").write_text("OTHER_TOKEN=\n")

    done = devkeys("run", "--file", ".env.sample", "--", "true", cwd=chat, home=home)

    assert b"OTHER_TOKEN: secret" in done.stderr
    assert b"LLM_API_KEY" not in done.stderr


def test_no_project(tmp_path: Path, home: Path) -> None:
    """Outside of any project the error says what to write."""
    done = devkeys("run", "--", "true", cwd=tmp_path, home=home)

    assert done.returncode == 125
    assert b"no .env.example" in done.stderr


@pytest.mark.parametrize(
    "name", ["PATH", "LD_PRELOAD", "PYTHONPATH", "NODE_OPTIONS", "https_proxy"]
)
def test_steering_name_is_refused(chat: Path, home: Path, name: str) -> None:
    """A repository may not set what decides which program or code runs."""
    (chat / ".env.example").write_text(f"{name}=./evil\n")

    done = devkeys("run", "--", "true", cwd=chat, home=home)

    assert done.returncode == 125
    assert f".env.example:1: {name} steers".encode() in done.stderr


def test_steering_name_that_the_user_lists(chat: Path, home: Path) -> None:
    """The user's own configuration can allow such a name."""
    (home / ".config" / "devkeys").mkdir(parents=True)
    (home / ".config" / "devkeys" / "config.toml").write_text('allow_names = ["NODE_OPTIONS"]\n')
    (chat / ".env.example").write_text("NODE_OPTIONS=--trace-warnings\n")
    checkout.allowed(chat, home)

    found = child_environment(devkeys("run", "--", "env", "-0", cwd=chat, home=home))

    assert found["NODE_OPTIONS"] == "--trace-warnings"


def test_program_is_found_on_the_callers_path(chat: Path, home: Path) -> None:
    """A `PATH` that a repository could bring never decides which program runs."""
    (chat / ".env.example").write_text("LLM_MODEL=small\n")
    (chat / "true").write_text("#!/bin/sh\necho hijacked\n")
    (chat / "true").chmod(0o755)

    done = devkeys("run", "--", "true", cwd=chat, home=home)

    assert (done.returncode, done.stdout) == (0, b"")


class TestNested:
    """A `run` inside a `run`."""

    def test_same_project_keeps_the_outer_values(self, chat: Path, home: Path, value: str) -> None:
        """The inner run of the same plan takes what the outer gave and asks nothing."""
        checkout.allowed(chat, home)
        checkout.store(chat, home, LLM_API_KEY=value)
        hide = "mv $HOME/.local/share/devkeys/identity $HOME/hidden; "
        inner = hide + " ".join([*DEVKEYS, "run", "--", "env", "-0"])

        done = devkeys("run", "--", "sh", "-c", inner, cwd=chat, home=home)

        assert child_environment(done)["LLM_API_KEY"] == value

    def test_other_profile_gets_its_own_values(self, chat: Path, home: Path, value: str) -> None:
        """The inner run with another profile gets that profile's values."""
        for profile in ("dev", "staging"):
            checkout.allowed(chat, home, profile)
            checkout.store(chat, home, profile, LLM_API_KEY=value + profile)

        done = devkeys(
            "run", "--", *DEVKEYS, "run", "-p", "staging", "--", "env", "-0", cwd=chat, home=home
        )

        assert child_environment(done)["LLM_API_KEY"] == value + "staging"

    def test_value_set_meanwhile_counts(self, chat: Path, home: Path, value: str) -> None:
        """A value that was stored after the outer run started is the inner run's."""
        checkout.allowed(chat, home)
        checkout.store(chat, home, LLM_API_KEY="old")
        outer = devkeys("run", "--", "env", "-0", cwd=chat, home=home)
        inherited = child_environment(outer)
        checkout.store(chat, home, LLM_API_KEY=value)

        inner = devkeys("run", "--", "env", "-0", cwd=chat, home=home, env=inherited)

        assert child_environment(inner)["LLM_API_KEY"] == value

    def test_other_project_does_not_get_them(
        self, chat: Path, home: Path, tmp_path: Path, value: str
    ) -> None:
        """What the outer run injected does not reach another project's child."""
        checkout.allowed(chat, home)
        checkout.store(chat, home, LLM_API_KEY=value)
        other = checkout.make(tmp_path / "other", "LLM_MODEL=tiny\n")

        done = devkeys(
            "run",
            "--",
            "sh",
            "-c",
            f"cd {other} && " + " ".join([*DEVKEYS, "run", "--", "env", "-0"]),
            cwd=chat,
            home=home,
        )

        found = child_environment(done)
        assert "LLM_API_KEY" not in found
        assert found["LLM_MODEL"] == "tiny"

    @pytest.mark.parametrize("more", [[], ["--prefer-store"]], ids=["plain", "prefer-store"])
    def test_file_of_the_outer_run_is_still_one(
        self, chat: Path, home: Path, value: str, more: list[str]
    ) -> None:
        """A secret that the outer run gave as a file is that file in the inner run too."""
        (chat / ".env.example").write_text(f"# @as=file\nGOOGLE_KEY=\n{DECLARATION}")
        checkout.allowed(chat, home)
        checkout.store(chat, home, GOOGLE_KEY=value, LLM_API_KEY="other")
        inner = [*DEVKEYS, "run", *more, "--", "sh", "-c", 'cat "$GOOGLE_KEY"']

        # The outer run gives less, so that the inner one has to open the store.
        done = devkeys("run", "--only", "GOOGLE_KEY", "--", *inner, cwd=chat, home=home)

        assert (done.stdout.decode(), done.stderr) == (value, b"")

    def test_get_shows_the_value_and_not_the_file(self, chat: Path, home: Path, value: str) -> None:
        """`get --reveal` inside a run gives what is stored, not where the outer run put it."""
        (chat / ".env.example").write_text("# @as=file\nGOOGLE_KEY=\n")
        checkout.allowed(chat, home)
        checkout.store(chat, home, GOOGLE_KEY=value)

        done = devkeys("run", "--", *DEVKEYS, "get", "GOOGLE_KEY", "--reveal", cwd=chat, home=home)

        assert done.stdout.decode() == value

    def test_changed_value_is_the_environments_own(
        self, chat: Path, home: Path, value: str
    ) -> None:
        """A value that was exported over the injected one counts as exported."""
        checkout.allowed(chat, home)
        checkout.store(chat, home, LLM_API_KEY=value)
        inner = "LLM_API_KEY=mine " + " ".join([*DEVKEYS, "run", "--", "env", "-0"])

        done = devkeys("run", "--", "sh", "-c", inner, cwd=chat, home=home)

        assert child_environment(done)["LLM_API_KEY"] == "mine"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ((), 125),
        (("--nope", "true"), 125),
        (("--scope", "nope", "--", "true"), 125),
        (("--only", "NOPE", "--", "true"), 125),
        (("--file", "nope", "--", "true"), 125),
        (("-p", "staging", "--", "true"), 125),
        (("--only", "LLM_MODEL", "--", "/nonexistent/program"), 127),
        (("--only", "LLM_MODEL", "--", "/"), 126),
        (("--only", "LLM_MODEL", "--", "sh", "-c", "exit 3"), 3),
    ],
)
def test_exit_codes(chat: Path, home: Path, words: tuple[str, ...], code: int) -> None:
    """What devkeys itself fails at is 125; the rest is as in a shell, or the command's own."""
    (chat / "devkeys.toml").write_text("[profiles.prod]\n")
    checkout.allowed(chat, home)

    done = devkeys("run", *words, cwd=chat, home=home)

    assert done.returncode == code
    assert (done.stderr == b"") == (code == 3)


class TestIsolation:
    """What a checkout brings never becomes part of devkeys."""

    def trap(self, folder: Path) -> None:
        """Put modules of devkeys' and Python's names into *folder*."""
        code = f"import os; open({str(folder / 'sprung')!r}, 'w').close()\n"
        (folder / "devkeys").mkdir()
        for name in (
            "devkeys/__init__.py",
            "sitecustomize.py",
            "dotenv.py",
            "pyrage.py",
            "typer.py",
        ):
            (folder / name).write_text(code)

    def test_modules_in_the_current_directory(self, chat: Path, home: Path, value: str) -> None:
        """A checkout's own `devkeys/` and `dotenv.py` are not imported."""
        self.trap(chat)
        checkout.allowed(chat, home)
        checkout.store(chat, home, LLM_API_KEY=value)

        done = devkeys("run", "--", "true", cwd=chat, home=home)

        assert done.returncode == 0
        assert not (chat / "sprung").exists()

    def test_python_variables_reach_the_child_only(
        self, chat: Path, home: Path, value: str, script: Path
    ) -> None:
        """PYTHON* variables do not change devkeys, and the child gets them unchanged."""
        (chat / "typer.py").write_text(f"open({str(chat / 'sprung')!r}, 'w').close()\n")
        (chat / "dotenv.py").write_text(f"open({str(chat / 'sprung')!r}, 'w').close()\n")
        checkout.allowed(chat, home)
        checkout.store(chat, home, LLM_API_KEY=value)

        done = subprocess.run(
            [script, "run", "--", "env", "-0"],
            cwd=chat,
            env=environment(home, PYTHONPATH=".", PYTHONSTARTUP="x", PYTHONUNBUFFERED="1"),
            capture_output=True,
            check=False,
        )

        found = child_environment(done)
        assert found["PYTHONPATH"] == "."
        assert not (chat / "sprung").exists()

    @pytest.mark.parametrize("option", ["-E", "-B"])
    def test_the_current_directory_of_a_module(self, chat: Path, home: Path, option: str) -> None:
        """`python -m devkeys` without -P starts again with it, whatever else Python was told."""
        (chat / "typer.py").write_text(f"open({str(chat / 'sprung')!r}, 'w').close()\n")

        subprocess.run(
            [sys.executable, option, "-m", "devkeys", "status"],
            cwd=chat,
            env=environment(home, PYTHONUNBUFFERED="1"),
            capture_output=True,
            check=False,
        )

        assert not (chat / "sprung").exists()


class TestFaults:
    """Bad files: one clear error, the right exit code, nothing lost."""

    def fails(self, chat: Path, home: Path) -> str:
        """Run and return the message of the failure."""
        done = devkeys("run", "--", "echo", "started", cwd=chat, home=home)
        assert (done.returncode, done.stdout) == (125, b""), done.stderr
        message = done.stderr.decode()
        assert message.count("devkeys: error:") == 1
        assert "Traceback" not in message
        return message

    def test_declaration_is_a_directory(self, chat: Path, home: Path) -> None:
        """A directory is named as such."""
        (chat / ".env.example").unlink()
        (chat / ".env.example").mkdir()

        assert "is a directory" in self.fails(chat, home)

    def test_declaration_is_a_fifo(self, chat: Path, home: Path) -> None:
        """A FIFO does not hang devkeys."""
        (chat / ".env.example").unlink()
        os.mkfifo(chat / ".env.example")

        assert "is a FIFO" in self.fails(chat, home)

    def test_declaration_of_100_megabytes(self, chat: Path, home: Path) -> None:
        """A file that nobody wrote by hand is not read."""
        with (chat / ".env.example").open("wb") as file:
            file.truncate(100 << 20)

        assert "too large" in self.fails(chat, home)

    def test_declaration_is_binary(self, chat: Path, home: Path) -> None:
        """A binary file is refused."""
        (chat / ".env.example").write_bytes(bytes(range(256)) * 4)

        assert ".env.example:" in self.fails(chat, home)

    @pytest.mark.skipif(os.geteuid() == 0, reason="root can read everything")
    def test_declaration_is_unreadable(self, chat: Path, home: Path) -> None:
        """A file without the right to read it is named."""
        (chat / ".env.example").chmod(0)

        assert "cannot read" in self.fails(chat, home)

    def test_declaration_leads_out_of_the_checkout(self, chat: Path, home: Path) -> None:
        """A symbolic link out of the checkout is refused."""
        outside = chat.parent / "outside"
        outside.write_text("A=1\n")
        (chat / ".env.example").unlink()
        (chat / ".env.example").symlink_to(outside)

        assert "symbolic link out of the checkout" in self.fails(chat, home)

    def test_store_file_cut_short(self, chat: Path, home: Path, value: str) -> None:
        """A store file that is cut short is one error, and stays as it is."""
        checkout.allowed(chat, home)
        checkout.store(chat, home, LLM_API_KEY=value)
        file = home / ".local/share/devkeys/projects/chat/dev.age"
        half = file.read_bytes()[:-20]
        file.write_bytes(half)

        assert "dev.age cannot be decrypted" in self.fails(chat, home)
        assert file.read_bytes() == half

    def test_store_file_of_mode_0644(self, chat: Path, home: Path, value: str) -> None:
        """A store file that others can read is refused with the way to mend it."""
        checkout.allowed(chat, home)
        checkout.store(chat, home, LLM_API_KEY=value)
        (home / ".local/share/devkeys/projects/chat/dev.age").chmod(0o644)

        assert "chmod go=" in self.fails(chat, home)

    def test_identity_is_gone(self, chat: Path, home: Path, value: str) -> None:
        """Without its identity the store is left alone, and no second one is made."""
        checkout.allowed(chat, home)
        checkout.store(chat, home, LLM_API_KEY=value)
        (home / ".local/share/devkeys/identity").unlink()

        assert "identity" in self.fails(chat, home)
        done = devkeys("set", "LLM_API_KEY", cwd=chat, home=home, given=b"other")
        assert done.returncode == 3
        assert not (home / ".local/share/devkeys/identity").exists()

    def test_plan_is_garbage(self, chat: Path, home: Path, value: str) -> None:
        """A damaged plan is compiled anew without a word."""
        checkout.allowed(chat, home)
        checkout.store(chat, home, LLM_API_KEY=value)
        devkeys("run", "--", "true", cwd=chat, home=home)
        (plan,) = (home / ".local/state/devkeys/plans").iterdir()
        plan.write_bytes(b"\xfb" * 100)

        done = devkeys("run", "--", "env", "-0", cwd=chat, home=home)

        assert child_environment(done)["LLM_API_KEY"] == value
        assert done.stderr == b""

    def test_consent_is_garbage(self, chat: Path, home: Path) -> None:
        """A damaged consent record counts as none, and says how to write it anew."""
        checkout.allowed(chat, home)
        (record,) = (p for p in (home / ".local/share/devkeys/consent").iterdir() if p.suffix == "")
        record.write_bytes(b"garbage")

        assert "damaged" in self.fails(chat, home)

    def test_consent_of_a_newer_devkeys(self, chat: Path, home: Path) -> None:
        """A newer record is refused and left as it is."""
        checkout.allowed(chat, home)
        (record,) = (p for p in (home / ".local/share/devkeys/consent").iterdir() if p.suffix == "")
        record.write_bytes(b"devkeys-consent 2\nsomething new\n")

        assert "newer devkeys" in self.fails(chat, home)
        assert record.read_bytes() == b"devkeys-consent 2\nsomething new\n"

    def test_current_directory_is_gone(self, tmp_path: Path, home: Path) -> None:
        """A current directory that no longer exists is named as the trouble."""
        gone = tmp_path / "gone"
        gone.mkdir()
        command = " ".join([*DEVKEYS, "run", "--", "true"])

        done = subprocess.run(
            ["sh", "-c", f"rmdir {gone}; exec {command}"],
            cwd=gone,
            env=environment(home),
            capture_output=True,
            check=False,
        )

        assert done.returncode == 125
        assert b"no longer exists" in done.stderr


@pytest.mark.needs_root
def test_a_full_disk_is_no_reason_not_to_run(tmp_path: Path) -> None:
    """The plan that is kept for the next time is a cache: without it the next run takes longer."""
    desk = make_desk(tmp_path, "LLM_API_KEY=\n")
    with small_disk(str(tmp_path / "disk")) as disk:
        env = {"XDG_DATA_HOME": disk, "XDG_STATE_HOME": disk + "/state"}
        desk.devkeys("allow", "--yes", env=env)
        assert desk.devkeys("set", "LLM_API_KEY", input=b"value", env=env).code == 0
        desk.declare("# another comment, so that another plan is wanted\nLLM_API_KEY=\n")
        fill(disk)
        done = desk.devkeys("run", "--", "printenv", "LLM_API_KEY", env=env)
    assert (done.code, done.text, done.err) == (0, "value\n", "")
