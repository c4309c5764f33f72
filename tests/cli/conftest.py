"""A desk with a small project for every test here."""

from pathlib import Path

import pytest
from desk import Desk, make_desk

DECLARATION = """\
# The language model's key
LLM_API_KEY=

BASE_URL=https://llm.example.com

MODEL=small
"""


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Give this test a user who has nothing stored, and a project with one wanted secret."""
    return make_desk(tmp_path, DECLARATION)
