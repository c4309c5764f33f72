"""Fixtures that every part's tests use."""

import os
import sys
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).parents[1]

# A law says what holds, not how fast: a machine that does other work too breaks none.
settings.register_profile("devkeys", deadline=None)
settings.load_profile("devkeys")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give this test an empty HOME, and no trace of the caller's desktop, CI or agents."""
    for name in list(os.environ):
        if name.startswith(("XDG_", "DEVKEYS_", "DBUS_", "CLAUDE", "CURSOR", "PYTHON", "CI")):
            monkeypatch.delenv(name)
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    monkeypatch.setenv("HOME", str(home))
    # Nor of the caller's keychain: without this the bus of /run/user would be found.
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(home / "no-runtime-directory"))
    return home


@pytest.fixture(scope="session")
def shared() -> Path:
    """Find the folder of real `.env.example` files and notes; skip where it is not laid out."""
    path = Path(os.environ.get("DEVKEYS_SHARED", ROOT.parent / "shared"))
    if not (path / "env-examples").is_dir():
        pytest.skip("the shared example files are not here")
    return path


@pytest.fixture
def script(tmp_path: Path) -> Path:
    """Make the entry script that installers make, which imports only `sys` first."""
    path = tmp_path / "bin" / "devkeys"
    path.parent.mkdir()
    path.write_text(
        f"#!{sys.executable}\n"
        "import sys\nfrom devkeys.__main__ import main\n"
        'if __name__ == "__main__":\n    sys.exit(main())\n'
    )
    path.chmod(0o755)
    return path


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what only root may do, where another user runs the tests."""
    if item.get_closest_marker("needs_root") and os.geteuid() != 0:
        pytest.skip("only root may do this; .ci/run does it apart")
