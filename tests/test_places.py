"""Where devkeys keeps its files."""

import os
import pwd
import subprocess
import sys
from pathlib import Path

import platformdirs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from devkeys import places
from devkeys.errors import DevkeysError

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="the XDG rules are Linux's")

PLACES = {
    "XDG_DATA_HOME": (places.data_dir, platformdirs.user_data_dir),
    "XDG_STATE_HOME": (places.state_dir, platformdirs.user_state_dir),
    "XDG_CONFIG_HOME": (places.config_dir, platformdirs.user_config_dir),
}
paths = st.sampled_from(
    ["", "/", "/x", "/x/", "/x y/é", "//x", "relative", "./x", "~", "~/x", " /x", "$HOME/x"]
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(home=st.none() | paths, base=st.none() | paths, name=st.sampled_from(sorted(PLACES)))
def test_they_are_where_platformdirs_says(
    home: str | None, base: str | None, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Our short way and the library agree for every HOME and XDG variable."""
    ours, theirs = PLACES[name]
    with monkeypatch.context() as patch:
        for variable, value in (("HOME", home), (name, base)):
            if value is None:
                patch.delenv(variable, raising=False)
            else:
                patch.setenv(variable, value)
        try:
            expected = theirs("devkeys", appauthor=False)
        except RuntimeError:
            with pytest.raises(DevkeysError, match="home directory is not known"):
                ours(os.environ)
        else:
            assert ours(os.environ) == expected


@on_linux
def test_the_environment_is_the_one_that_is_passed(tmp_path: Path) -> None:
    """Nothing is read from the process's own environment."""
    environ = {"HOME": str(tmp_path), "XDG_STATE_HOME": "/state"}
    assert places.data_dir(environ) == f"{tmp_path}/.local/share/devkeys"
    assert places.state_dir(environ) == "/state/devkeys"
    assert places.config_dir(environ) == f"{tmp_path}/.config/devkeys"


@on_linux
def test_without_home_the_users_entry_counts() -> None:
    """Schedulers such as cron may start us without HOME."""
    try:
        home = pwd.getpwuid(os.getuid()).pw_dir.rstrip("/")
    except KeyError:
        pytest.skip("this user has no entry")
    assert places.data_dir({}) == f"{home}/.local/share/devkeys"


@on_linux
@pytest.mark.needs_root
def test_a_user_without_home_and_entry_is_told_so() -> None:
    """A container's made-up uid gets an error with a hint, not a relative path."""
    code = "import os, pwd; from devkeys import places; os.setuid(4_000_123); places.data_dir({})"
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert "devkeys.errors.DevkeysError: the home directory is not known" in done.stderr


@on_linux
def test_platformdirs_is_not_imported() -> None:
    """It costs more than the whole way of `run` may."""
    code = (
        "import sys; from devkeys import places\n"
        "home = {'HOME': '/x'}\n"
        "places.data_dir(home), places.state_dir(home), places.config_dir(home)\n"
        "print('platformdirs' in sys.modules, 'typing' in sys.modules)"
    )
    command = [sys.executable, "-I", "-S", "-c", f"import sys; sys.path[:0] = {sys.path!r}; {code}"]
    done = subprocess.run(command, check=True, capture_output=True)
    assert done.stdout == b"False False\n"
