"""What scenarios find, and what is given to them: values on stdin, leaks to look for, faults."""

import shutil
import subprocess

from canary.stage import Stage
from repositories import run_git


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
