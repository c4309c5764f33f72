"""Who talks to a user, by the words it was started with."""

import pytest

from devkeys.history.invocation import is_interactive


@pytest.mark.parametrize(
    ("program", "words"),
    [
        ("bash", "bash"),
        ("bash", "-bash"),
        ("bash", "bash --login"),
        ("bash", "bash --rcfile rc -i"),
        ("bash", "bash --rcfile rc"),
        ("bash", "bash -o vi"),
        ("bash", "bash -ic ls"),
        ("zsh", "zsh -d"),
        ("fish", "fish -C ls"),
        ("nushell", "nu --config config.nu"),
        ("nushell", "nu -e ls"),
        ("python", "python3 -q"),
        ("python", "python3 -X dev"),
        ("python", "python3 -i script.py"),
        ("node", "node --inspect=0"),
        ("sqlite3", "sqlite3 data.db"),
        ("psql", "psql -h host data"),
        ("redis-cli", "redis-cli -h host"),
        ("tcsh", ""),
    ],
)
def test_a_session_is_one(program: str, words: str) -> None:
    """Whatever its options."""
    assert is_interactive(program, words.split())


@pytest.mark.parametrize(
    ("program", "words"),
    [
        ("bash", "bash script.sh"),
        ("bash", "bash --norc script.sh"),
        ("bash", "bash -c ls"),
        ("bash", "bash -lc ls"),
        ("bash", "bash -euo pipefail -c ls"),
        ("zsh", "zsh -f script"),
        ("fish", "fish --command ls"),
        ("nushell", "nu script.nu"),
        ("python", "python3 -m http.server"),
        ("python", "python3 -W error script.py"),
        ("node", "node server.js"),
        ("node", "node -e 1"),
        ("psql", "psql -c select"),
    ],
)
def test_a_script_is_none(program: str, words: str) -> None:
    """Else every server in a terminal would be told of."""
    assert not is_interactive(program, words.split())
