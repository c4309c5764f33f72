"""A desk with a project of two secrets and two settings for every test here."""

from pathlib import Path

import pytest
from desk import Desk, make_desk

DECLARATION = """\
# The model's key
LLM_API_KEY=your-key-here

DB_PASSWORD=

# @optional
MAIL_TOKEN=

PORT=3000

TITLE=Chat
"""


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Give this test a user who has nothing stored, and a project."""
    return make_desk(tmp_path, DECLARATION)
