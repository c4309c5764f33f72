"""Fixtures of the store's tests."""

from pathlib import Path

import pytest
from new_store import NewStore, make


@pytest.fixture
def store(tmp_path: Path) -> NewStore:
    """Make an empty, headless store."""
    return make(str(tmp_path))
