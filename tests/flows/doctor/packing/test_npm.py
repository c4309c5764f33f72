"""Our judgement of what `npm pack` takes, beside the real one's."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from real import need

from devkeys.flows.doctor.packing.npm import Package

PATHS = (
    *(".env", ".env.local", ".env.prod", "prod.env", ".env.orig", "lib/.env", "lib/.env.local"),
    *("config/.env", "config/a/.env", "dist/x/.env", "a/b/c/.env", "test/.env"),
    *("node_modules/a/.env", "lib/node_modules/.env"),
)
LAYOUTS: dict[str, tuple[dict[str, Any], dict[str, str]]] = {
    "no rules at all": ({}, {}),
    "a gitignore": ({}, {".gitignore": "/.env\nlib/\nconfig\n# a comment\n\n"}),
    "an npmignore instead of a gitignore": ({}, {".gitignore": ".env*\n", ".npmignore": "test\n"}),
    "a list of files": ({"files": ["lib", "config/a/", "./test/*"]}, {}),
    "patterns in the list": ({"files": ["**/.env", "lib/**/*.js", "!lib/.env"]}, {}),
    "an exact file in the list": ({"files": [".env", "./lib/.env.local", "config/a/.env"]}, {}),
    "a list beats ignore files": (
        {"files": ["lib"]},
        {".gitignore": ".env\n", ".npmignore": "lib\n", "lib/.npmignore": ".env\n"},
    ),
    "an empty list and an entry point": ({"files": [], "main": ".env"}, {}),
    "nested ignore files": (
        {},
        {".gitignore": ".env*\n", "lib/.gitignore": "!.env\n", "config/.npmignore": "x\n"},
    ),
    "braces, classes and case": ({}, {".npmignore": ".ENV{,.local}\n*.en[v]\n"}),
    "all but what is brought back": ({}, {".npmignore": "*\n!lib\n!lib/**\n!config/.env\n"}),
    "a directory's content brought back": ({}, {".npmignore": "config/**\n!config/a/.env\n"}),
    "a private package": ({"private": True, "files": ["*"]}, {}),
    "a rule for directories only": ({}, {".npmignore": ".env/\nlib/*\n!lib/.env\n**/.env.*\n"}),
}


@pytest.fixture
def npm(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let npm keep what it writes in this test's HOME, and ask nobody for anything."""
    need("npm")
    monkeypatch.setenv("npm_config_update_notifier", "false")
    monkeypatch.setenv("npm_config_cache", str(home / "npm"))


def put(root: Path, path: str, text: str) -> None:
    """Write a file of the package."""
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text)


def really_packed(root: Path) -> set[str]:
    """Ask the real npm, which runs nothing of the package."""
    words = ["npm", "pack", "--dry-run", "--json", "--ignore-scripts"]
    done = subprocess.run(words, cwd=root, check=True, capture_output=True, text=True)
    answer = json.loads(done.stdout)
    packages = answer if isinstance(answer, list) else list(answer.values())
    return {file["path"] for file in packages[0]["files"]}


@pytest.mark.usefixtures("npm")
@pytest.mark.parametrize("layout", LAYOUTS)
def test_our_judgement_is_npm_s(layout: str, tmp_path: Path) -> None:
    """For every file of the layout: taken by us if and only if `npm pack` takes it."""
    extra, ignore_files = LAYOUTS[layout]
    manifest = {"name": "x", "version": "1.0.0", **extra}
    root = tmp_path / "package"
    for path in PATHS:
        put(root, path, "A=1\n")
    for path, text in ignore_files.items():
        put(root, path, text)
    put(root, "package.json", json.dumps(manifest))

    def read(name: str) -> str | None:
        path = root / name
        return path.read_text() if path.is_file() else None

    package = Package(str(root), manifest, read)
    assert {path for path in PATHS if package.takes(path)} == really_packed(root) & set(PATHS)


def test_what_is_no_manifest_is_no_trap(tmp_path: Path) -> None:
    """A `package.json` may hold anything where a list or a path belongs."""
    (tmp_path / "lib").mkdir()
    odd = {"files": [1, None, "\0", "{a,b}" * 500, "lib"], "main": 3, "bin": {"a": []}}
    package = Package(str(tmp_path), odd, lambda _: None)
    assert package.takes("lib/.env")
    assert not package.takes("other/.env")
    assert Package(str(tmp_path), {"files": "lib"}, lambda _: "[\n{{\n!!!\n").takes(".env")
