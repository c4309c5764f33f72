"""Which compose files read a `.env`."""

from pathlib import Path

import pytest

from devkeys.flows.compose import LIMIT, readers_of

NAMING = [
    "services: {web: {env_file: .env}}",
    "services:\n  web:\n    env_file: [./.env, other.env]\n",
    "services:\n  web:\n    env_file:\n      - path: .env\n        required: false\n",
    "x-all: &all\n  env_file: .env\nservices:\n  web:\n    <<: *all\n",
    "services:\n  web:\n    ports: !reset []\n    env_file: !override\n      - .env\n",
    "x-port: !!int ''\nx-day: 2020-13-45\nservices: {web: {env_file: .env}}\n",
    "services: {a: {}}\n---\nservices: {web: {env_file: .env}}\n",
]
NOT_NAMING = [
    "services: {web: {env_file: prod.env}}",
    "services: {web: {environment: [A]}}",
    "# env_file: .env\nservices: {}\n",
    "",
]
UNCLEAR = [
    "services: {web: {env_file: '${ENV_FILE}'}}",
    "env_file: [.env\n",
    "env_file: !!python/object:os.system {}\n",
    "env_file: \t x: y\n",
    "env_file: " + "[" * 3000,
    "env_file: {path: 5}\n",
    'env_file: "a\\0b"\n',
    "env_file: .env\n#" + " " * LIMIT,
]


def found(root: Path, text: str, name: str = "compose.yaml") -> list[bool]:
    """Tell of each reader whether it is certain."""
    (root / name).write_text(text)
    return [reader.certain for reader in readers_of(str(root / ".env"), str(root))]


@pytest.mark.parametrize("text", NAMING)
def test_a_file_that_names_it_is_found(tmp_path: Path, text: str) -> None:
    """A string, a list, a path with options, an anchor, compose's own tags."""
    assert found(tmp_path, text) == [True]


@pytest.mark.parametrize("text", NOT_NAMING)
def test_a_file_that_does_not_name_it_is_not(tmp_path: Path, text: str) -> None:
    """Another file, none, or only a comment."""
    assert found(tmp_path, text) == []


@pytest.mark.parametrize("text", UNCLEAR)
def test_a_file_that_cannot_be_understood_counts(tmp_path: Path, text: str) -> None:
    """Rather a bare name too many than a container without its keys."""
    assert found(tmp_path, text) == [False]


@pytest.mark.parametrize(
    "name",
    ["compose.yml", "docker-compose.yml", "docker-compose.dev.yaml", "compose.override.yaml"],
)
def test_compose_s_usual_names_are_looked_at(tmp_path: Path, name: str) -> None:
    """With and without `docker-`, with an addition, with either ending."""
    assert found(tmp_path, NAMING[0], name) == [True]


def test_files_above_count_up_to_the_root(tmp_path: Path) -> None:
    """A compose file at the top of the repository names a `.env` further down."""
    (tmp_path / "chat/web").mkdir(parents=True)
    (tmp_path / "compose.yaml").write_text("services: {web: {env_file: chat/web/.env}}")
    (tmp_path / "chat/compose.yaml").write_text("services: {web: {env_file: web/.env}}")
    readers = readers_of(str(tmp_path / "chat/web/.env"), str(tmp_path / "chat"))
    assert [reader.path for reader in readers] == [str(tmp_path / "chat/compose.yaml")]


def test_anchors_cannot_make_it_endless(tmp_path: Path) -> None:
    """A hundred lines that unfold into more nodes than there is memory take no time."""
    lines = ["a0: &a0 {env_file: other.env}"]
    lines += [f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 100)]
    assert found(tmp_path, "\n".join(lines)) == []


def test_merged_anchors_cannot_make_it_endless(tmp_path: Path) -> None:
    """Mappings that are merged into one another would have more pairs than there is memory."""
    lines = ["a0: &a0 {env_file: other.env}"]
    lines += [f"a{n}: &a{n}\n  <<: [*a{n - 1}, *a{n - 1}]" for n in range(1, 100)]
    assert found(tmp_path, "\n".join(lines)) == []
