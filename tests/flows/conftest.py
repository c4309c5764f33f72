"""A provider of a third party for every test here that wants one."""

from pathlib import Path

import pytest
from fake_provider import FakeProvider, make_fake


@pytest.fixture
def fake(tmp_path: Path) -> FakeProvider:
    """Give this test an empty provider `fake://`."""
    return make_fake(tmp_path / "fake-provider")
