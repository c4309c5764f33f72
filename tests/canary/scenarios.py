"""Every command of devkeys, in its success and in the failures that can be provoked.

A scenario says which ways a canary may take in it, and no other way is allowed. A new command
gets its rows here; `test_every_command_is_played` tells if it has none.
"""

import shutil
import subprocess

from canary.playing import Scenario
from canary.stage import Stage
from canary.watching import DATA, ENVIRONMENT, FILE, NAME, Allowed
from command import DEVKEYS
from repositories import run_git

TYPED = frozenset(["SPARE_KEY"])
TEAM = frozenset(["TEAM_KEY"])
PROVIDER, GIT = frozenset(["devkeys-provider-fake"]), frozenset(["git"])
# What `run` hands on, and nothing else: the command's environment, and the memory of @as=file.
MEMORY = Allowed(DATA, "/memfd:devkeys-FILE_KEY", frozenset(["FILE_KEY"]))
RUN = (Allowed(ENVIRONMENT, "true"), MEMORY)
REVEALED = (Allowed(DATA, "stdout"),)
WRITTEN = (Allowed(DATA, "stdin of devkeys-provider-fake", TYPED),)
# Where a path or a profile is expected, the kernel is asked for what was typed.
AS_PATH = Allowed(NAME, "newfstatat|openat", TYPED)
# What doctor looks at: a file whose own name is a secret, and a start-up file with one in it.
LOOKED_AT = Allowed(NAME, "newfstatat|openat", frozenset(["PLAIN_KEY"]))
RCFILE = (
    Allowed(DATA, r"~/\.\.bashrc\.[0-9a-f]{12}\.tmp", TYPED),
    Allowed(FILE, r"~/\.bashrc", TYPED),
)
# Faults of the kernel, by what the store needs last of all.
FULL, BROKEN = "--inject=fsync:error=ENOSPC", "--inject=fsync:error=EIO"


def typed_value(stage: Stage) -> bytes:
    """Give the value that is to be entered."""
    return stage.typed.value


def typed_line(stage: Stage) -> bytes:
    """Give a line of a shell that sets it."""
    return b"export SPARE_KEY='%s'\n" % stage.typed.value.replace(b"'", b"'\\''")


def typed_dotenv(stage: Stage) -> bytes:
    """Give a `.env` with the value that is to be entered, and others that are stored."""
    return stage.typed.dotenv + stage.dotenv("PLAIN_KEY", "PEM_KEY")


def broken_dotenv(stage: Stage) -> bytes:
    """Give a `.env` in which a quote is never closed, and a line is none."""
    value = stage.typed.value
    return b"OK_KEY=1\n" + value + b"\nSPARE_KEY='" + value + b"\nexport " + value + b"\n"


def with_dotenv(stage: Stage) -> None:
    """Leave a `.env` with the value that is to be entered in the checkout."""
    (stage.project / ".env").write_bytes(typed_dotenv(stage))


def with_broken_dotenv(stage: Stage) -> None:
    """Leave a `.env` that cannot be read in the checkout."""
    (stage.project / ".env").write_bytes(broken_dotenv(stage))


def with_leaks(stage: Stage) -> None:
    """Leave canaries everywhere that doctor looks: `.env`, histories, code, start-up files, git."""
    with_dotenv(stage)
    line = typed_line(stage)
    (stage.home / ".bash_history").write_bytes(b"ls\n" + line + b"ls\n")
    (stage.home / ".zsh_history").write_bytes(b": 1795000000:0;" + line)
    (stage.home / ".bashrc").write_bytes(line)
    known = stage.canaries["PLAIN_KEY"].value
    (stage.project / "app.py").write_bytes(b'KEY = "' + known + b'"\n')
    (stage.project / ("note-" + known.decode())).write_bytes(b"a name of a file that tells\n")
    run_git("init", "-q", cwd=stage.project)
    run_git("add", "-f", ".env", "app.py", cwd=stage.project)
    identity = ("-c", "user.name=t", "-c", "user.email=t@x")
    run_git(*identity, "commit", "-q", "-m", "first " + known.decode(), cwd=stage.project)


def with_rcfile(stage: Stage) -> None:
    """Leave a start-up file that sets the value."""
    (stage.home / ".bashrc").write_bytes(typed_line(stage))


def damaged(stage: Stage) -> None:
    """Turn a byte in the middle of the file of values over."""
    data = bytearray(stage.values.read_bytes())
    data[len(data) // 2] ^= 1
    stage.values.write_bytes(data)


def open_to_all(stage: Stage) -> None:
    """Let everybody read the file of values."""
    stage.values.chmod(0o644)


def read_only(stage: Stage) -> None:
    """Let nobody write beside the file of values."""
    stage.values.parent.chmod(0o500)


def fresh(stage: Stage) -> None:
    """Take the store away, and all that was agreed to."""
    shutil.rmtree(stage.home / ".local")


def new_keychain(stage: Stage) -> None:
    """Take the store away, and its key out of the keychain."""
    fresh(stage)
    assert stage.keyring
    command = ["secret-tool", "clear", "service", "devkeys"]
    subprocess.run(command, env=stage.keyring.env, check=True)


def locked(stage: Stage) -> None:
    """Lock the keychain; its dialog cannot be shown."""
    assert stage.keyring
    stage.keyring.lock()


def without_values(stage: Stage) -> None:
    """Take a wanted value out of the store."""
    stage.devkeys("unset", "PLAIN_KEY")


def too_large(stage: Stage) -> None:
    """Store a value that no environment can hold."""
    stage.devkeys("set", "SPARE_KEY", given=stage.typed.value * 4000)


def refusing(stage: Stage) -> None:
    """Let the provider say no."""
    stage.provider.fails("denied")


def lost(stage: Stage) -> None:
    """Take the store's own key away."""
    if stage.keyring is None:
        (stage.data / "identity").unlink()


def _set(name: str, *words: str, **more: object) -> Scenario:
    given = {"given": typed_value, **more}
    return Scenario(f"set-{name}", ("set", "SPARE_KEY", *words), **given)  # type: ignore[arg-type]


SET = (
    _set("stdin", says="stored SPARE_KEY", keychain=True),
    _set("prompt", given=None, typed=(("SPARE_KEY:", "{canary}\r"),), says="stored SPARE_KEY"),
    _set("interrupted", given=None, typed=(("SPARE_KEY:", "{canary}\x03"),), code=130),
    _set("generate", "--generate", says="generated", given=None),
    _set("provider", "--to", "fake://NEW", says="wrote", allowed=WRITTEN, others=PROVIDER),
    _set(
        "provider-prompt",
        "--to",
        "fake://NEW",
        given=None,
        typed=(("SPARE_KEY", "{canary}\r"),),
        says="wrote",
        allowed=WRITTEN,
        others=PROVIDER,
    ),
    _set("provider-missing", "--to", "nobody://NEW", code=3, says="nobody"),
    _set("full-disk", strace=(FULL,), code=3, says="no space"),
    _set("broken-disk", strace=(BROKEN,), code=3, says="input/output"),
    _set("no-descriptors", strace=("--inject=openat:error=EMFILE:when=300+",), code=None),
    _set("no-lock", strace=("--inject=flock:error=ENOLCK",), code=3),
    _set("no-rename", strace=("--inject=rename:error=EXDEV:when=2+",), code=3),
    _set("no-mode", strace=("--inject=fchmod:error=EPERM",), code=3),
    _set("no-memory", strace=("--inject=mmap:error=ENOMEM:when=150+",), code=None),
    _set("killed", strace=("--inject=fsync:signal=SIGTERM",), code=None),
    _set("damaged", before=damaged, code=3, says="damaged"),
    _set("read-only", before=read_only, code=None),  # root writes all the same
    _set("open-to-all", before=open_to_all, code=3),
    _set("fresh", before=fresh, says="stored SPARE_KEY", keychain=True),
    _set("locked", before=locked, code=3, says="locked", only="keychain"),
    _set("key-lost", before=lost, code=3, only="headless"),
    _set("first", before=new_keychain, says="stored SPARE_KEY", only="keychain"),
    Scenario("set-argument", ("set", "SPARE_KEY={canary}"), 2, "not taken from the command line"),
    Scenario("set-argument-after", ("set", "SPARE_KEY", "{canary}"), 2),
    Scenario("set-unknown", ("set", "{canary}"), 2),
    Scenario("set-unknown-with", ("set", "UNKNOWN_KEY={canary}"), 2),
    Scenario("set-generate-wrong", ("set", "SPARE_KEY", "--generate={canary}"), 2),
)
KEYS = (
    Scenario("add", ("add", "NEW_KEY"), says="stored NEW_KEY", given=typed_value),
    Scenario(
        "add-prompt", ("add", "NEW_KEY"), says="stored NEW_KEY", typed=(("NEW_KEY:", "{canary}\r"),)
    ),
    Scenario("add-default", ("add", "NEW_KEY", "--default", "{canary}"), 2, "default"),
    Scenario("add-wrong", ("add", "{canary}"), 2),
    Scenario("add-broken-disk", ("add", "NEW_KEY"), 3, given=typed_value, strace=(BROKEN,)),
    Scenario("get", ("get", "PEM_KEY"), keychain=True),
    Scenario("get-json", ("get", "PEM_KEY", "--json")),
    Scenario("get-wrong", ("get", "{canary}"), 2),
    Scenario("reveal", ("get", "QUOTED_KEY", "--reveal"), allowed=REVEALED, keychain=True),
    Scenario("reveal-binary", ("get", "BINARY_KEY", "--reveal"), allowed=REVEALED),
    Scenario("reveal-provider", ("get", "TEAM_KEY", "--reveal"), allowed=REVEALED, others=PROVIDER),
    Scenario(
        "reveal-refused", ("get", "TEAM_KEY", "--reveal"), 3, before=refusing, others=PROVIDER
    ),
    Scenario("reveal-damaged", ("get", "PEM_KEY", "--reveal"), 3, before=damaged),
    Scenario("unset", ("unset", "PLAIN_KEY"), keychain=True),
    Scenario("unset-wrong", ("unset", "{canary}"), None),
    Scenario("unset-full-disk", ("unset", "PLAIN_KEY"), 3, strace=(FULL,)),
    Scenario("list", ("list", "--all")),
    Scenario("list-json", ("list", "--json")),
    Scenario("list-wrong", ("list", "{canary}"), 2),
)
STATUS = (
    Scenario("status", ("status",), keychain=True),
    Scenario("status-json", ("status", "--json")),
    Scenario("status-providers", ("status", "--providers"), others=PROVIDER),
    Scenario("status-damaged", ("status",), 0, before=damaged),
    Scenario("status-wrong", ("status", "-p", "{canary}"), 2),
)
IMPORT = (
    Scenario(
        "import-stdin", ("import", "-", "--yes"), text=True, given=typed_dotenv, keychain=True
    ),
    Scenario("import-file", ("import", ".env"), before=with_dotenv),
    Scenario("import-remove", ("import", ".env", "--remove"), before=with_dotenv),
    Scenario(
        "import-overwrite", ("import", "-", "--overwrite", "--yes"), text=True, given=typed_dotenv
    ),
    Scenario("import-provider", ("import", "fake://", "--yes"), 2, others=PROVIDER),
    Scenario(
        "import-undeclared",
        ("import", "-", "--undeclared", "declare"),
        text=True,
        given=lambda stage: b"OTHER_KEY" + stage.typed.dotenv.removeprefix(b"SPARE_KEY"),
    ),
    Scenario("import-broken", ("import", "-", "--yes"), 2, given=broken_dotenv),
    Scenario("import-broken-file", ("import", ".env"), 2, before=with_broken_dotenv),
    Scenario("import-wrong", ("import", "{canary}"), 2, allowed=(AS_PATH,)),
    Scenario(
        "import-full-disk",
        ("import", "-", "--yes"),
        3,
        text=True,
        given=typed_dotenv,
        strace=(FULL,),
    ),
    Scenario("init", ("init", "--yes", "--from", "-"), 3, before=fresh, given=Stage.dotenv),
    Scenario("init-dotenv", ("init", "--yes"), before=with_dotenv),
    Scenario(
        "init-prompt",
        ("init",),
        typed=(
            ("Allow", "y\r"),
            ("PLAIN_KEY (1", ""),
            ("PLAIN_KEY:", "{canary}\r"),
            ("QUOTED_KEY:", "\x03"),
        ),
        before=fresh,
        code=130,
    ),
)
RUNS = (
    Scenario("run", ("run", "--", "true"), allowed=RUN, keychain=True, others=PROVIDER),
    Scenario(
        "run-only",
        ("run", "--only", "PEM_KEY", "--", "true"),
        allowed=(Allowed(ENVIRONMENT, "true", frozenset(["PEM_KEY"])),),
    ),
    Scenario("run-clean", ("run", "--clean", "--", "true"), allowed=RUN, others=PROVIDER),
    Scenario(
        "run-output",
        ("run", "--only", "PEM_KEY", "--", "env"),
        allowed=(Allowed(ENVIRONMENT, "env"), Allowed(DATA, "stdout")),
    ),
    Scenario(
        "run-nested",
        ("run", "--", *DEVKEYS, "run", "--", "true"),
        keychain=True,
        allowed=(*RUN, Allowed(ENVIRONMENT, "devkeys")),
        others=PROVIDER,
    ),
    Scenario(
        "run-shell",
        ("run", "--", "sh", "-c", 'echo "$PEM_KEY" | cat'),
        allowed=(Allowed(ENVIRONMENT, "sh"), MEMORY),
        others=PROVIDER | {"sh", "cat"},
    ),
    Scenario(
        "run-fails",
        ("run", "--", "false"),
        1,
        allowed=(Allowed(ENVIRONMENT, "false"), MEMORY),
        others=PROVIDER,
    ),
    Scenario(
        "run-not-found",
        ("run", "--", "no-such-program"),
        127,
        "not found",
        allowed=(MEMORY,),
        others=PROVIDER,
    ),
    Scenario("run-missing", ("run", "--", "true"), 125, before=without_values, others=PROVIDER),
    Scenario(
        "run-too-large", ("run", "--", "true"), 125, before=too_large, allowed=RUN, others=PROVIDER
    ),
    Scenario("run-damaged", ("run", "--", "true"), 125, before=damaged, others=PROVIDER),
    Scenario("run-open-to-all", ("run", "--", "true"), 125, before=open_to_all, others=PROVIDER),
    Scenario("run-refused", ("run", "--", "true"), 125, before=refusing, others=PROVIDER),
    Scenario(
        "run-locked", ("run", "--", "true"), 125, before=locked, only="keychain", others=PROVIDER
    ),
    Scenario(
        "run-no-memory",
        ("run", "--", "true"),
        125,
        strace=("--inject=memfd_create:error=ENOSYS",),
        others=PROVIDER,
    ),
    Scenario(
        "run-memory-unsealed",
        ("run", "--", "true"),
        None,
        strace=("--inject=fcntl:error=EPERM",),
        allowed=RUN,
        others=PROVIDER,
    ),
    Scenario("run-wrong-option", ("run", "--{canary}", "--", "true"), 125),
    Scenario(
        "run-wrong-profile",
        ("run", "-p", "{canary}", "--", "true"),
        None,
        allowed=(AS_PATH,),
    ),
    Scenario("run-wrong-name", ("run", "--only", "{canary}", "--", "true"), 125),
)
CONSENT = (
    Scenario("allow", ("allow", "--yes"), before=fresh),
    Scenario("allow-show", ("allow", "--show")),
    Scenario("deny", ("deny",)),
    Scenario("skip", ("skip", "SPARE_KEY")),
    Scenario("skip-wrong", ("skip", "{canary}"), 2),
    Scenario("forget", ("forget", "--yes"), keychain=True),
    Scenario("forget-all", ("forget", "--all", "--yes"), keychain=True),
    Scenario("forget-refused", ("forget",), 2),
)
DOCTOR = (
    Scenario(
        "doctor", ("doctor",), 1, before=with_leaks, allowed=(LOOKED_AT,), others=GIT, keychain=True
    ),
    Scenario(
        "doctor-json",
        ("doctor", "--json", "--home"),
        1,
        before=with_leaks,
        allowed=(LOOKED_AT,),
        others=GIT,
    ),
    Scenario(
        "doctor-sarif",
        ("doctor", "--sarif"),
        1,
        before=with_leaks,
        allowed=(LOOKED_AT,),
        others=GIT,
    ),
    Scenario(
        "doctor-git",
        ("doctor", "--git-history"),
        1,
        before=with_leaks,
        allowed=(LOOKED_AT,),
        others=GIT,
    ),
    Scenario(
        "doctor-fix",
        ("doctor", "--fix", "--yes"),
        1,
        before=with_leaks,
        allowed=(LOOKED_AT, *RCFILE),
        others=GIT,
    ),
    Scenario(
        "doctor-value",
        ("doctor", "--value-from-stdin"),
        1,
        before=with_leaks,
        allowed=(LOOKED_AT,),
        given=typed_value,
        others=GIT,
    ),
    Scenario(
        "doctor-accept",
        ("doctor", "--accept", "all"),
        0,
        before=with_leaks,
        allowed=(LOOKED_AT,),
        others=GIT,
    ),
    Scenario("doctor-damaged", ("doctor",), 1, before=damaged, others=GIT),
    Scenario("doctor-wrong", ("doctor", "--explain", "{canary}"), 2),
    Scenario("doctor-wrong-name", ("doctor", "--name", "{canary}"), 3),
)
SHELLS = (
    Scenario("hook-check", ("hook", "check", "bash"), 1, given=typed_line),
    Scenario("hook-check-wrong", ("hook", "check", "{canary}"), 1, given=typed_line),
    Scenario(
        "hook-install", ("hook", "install", "bash", "--yes"), before=with_rcfile, allowed=RCFILE
    ),
    Scenario("hook-wrong", ("hook", "{canary}"), 2),
    Scenario("completion", ("completion", "bash")),
    Scenario(
        "complete",
        (),
        env={"_DEVKEYS_COMPLETE": "complete_bash", "COMP_WORDS": "devkeys get ", "COMP_CWORD": "2"},
    ),
    Scenario("no-command", ("{canary}",), 2),
    Scenario("no-option", ("--{canary}",), 2),
    Scenario(
        "full-output", ("status", "--json"), strace=("--inject=write:error=ENOSPC:when=1",), code=3
    ),
)
# The commands of the store (`devkeys store VERB`, `devkeys eject`) have their rows here; take each
# out of TO_COME as it gets them.
STORE: tuple[Scenario, ...] = ()
TO_COME = frozenset(["store", "eject"])

SCENARIOS = (*SET, *KEYS, *STATUS, *IMPORT, *RUNS, *CONSENT, *DOCTOR, *SHELLS, *STORE)
