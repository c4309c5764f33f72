"""1Password as a test has it: vaults with items, and the copy of `op` on a PATH of its own."""

import json
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import op_program

from devkeys.providers import Answer
from devkeys.providers.caller import Caller
from devkeys.providers.errors import ProviderError
from devkeys.providers.onepassword import OnePassword
from devkeys.references import Reference, parse
from devkeys.secret import Secret

VAULT = "Team"
ITEM = f"op://{VAULT}/chat"


class Vaults:
    """What op finds, in *home*; `caller` asks it."""

    def __init__(self, home: Path) -> None:
        self.home, self.folder, self.bin = home, home / "1password", home / "bin"
        for path in (self.folder, self.folder / "running", self.bin):
            path.mkdir()
        self._state: dict[str, Any] = {
            "vaults": [],
            "items": [],
            "accounts": ["team.example.com"],
            "token": "a token",
            "app": False,
            "older": False,
            "alters": False,
            "error": None,
            "faults": {},
            "delay": 0,
        }
        self.add_vault(VAULT)
        launcher = op_program.LAUNCHER.format(
            python=shlex.quote(sys.executable),
            program=shlex.quote(op_program.__file__),
            state=shlex.quote(str(self.folder)),
        )
        (self.bin / "op").write_text(launcher)
        (self.bin / "op").chmod(0o755)
        self.caller = Caller({"PATH": str(self.bin)}, str(home), str(home), limit=20)

    @property
    def items(self) -> list[dict[str, Any]]:
        """The items as op keeps them."""
        found: list[dict[str, Any]] = json.loads((self.folder / "state.json").read_text())["items"]
        return found

    def change(self, **more: object) -> None:
        """Change the state."""
        path = self.folder / "state.json"
        state = json.loads(path.read_text()) if path.exists() else self._state
        path.write_text(json.dumps(state | more))

    def add_vault(self, name: str, *, readable: bool = True, writable: bool = True) -> None:
        """Add a vault."""
        self.change()
        state = json.loads((self.folder / "state.json").read_text())
        vault = {"id": f"id{name}", "name": name, "readable": readable, "writable": writable}
        others = [one for one in state["vaults"] if one["name"] != name]
        self.change(vaults=[*others, vault])

    def add(
        self,
        title: str,
        fields: dict[str, str] | Sequence[dict[str, Any]],
        vault: str = VAULT,
        **more: object,
    ) -> str:
        """Add an item; return its id."""
        number = f"{len(self.items):04d}" + "a" * 22
        made: list[dict[str, Any]] = (
            [
                {"id": f"f{index}", "type": "CONCEALED", "label": label, "value": value}
                for index, (label, value) in enumerate(fields.items())
            ]
            if isinstance(fields, dict)
            else list(fields)
        )
        item = {
            "id": number,
            "title": title,
            "version": 1,
            "category": "API_CREDENTIAL",
            "vault": {"id": f"id{vault}", "name": vault},
            "fields": made,
            **more,
        }
        self.change(items=[*self.items, item])
        return number

    def put(self, value: bytes) -> Reference:
        """Add an item of one field with *value*."""
        title = f"item {len(self.items)}"
        self.add(title, {"key": value.decode()})
        return parse(f"op://{VAULT}/{title}/key")

    def expire_after(self, calls: int) -> None:
        """End the session after so many calls."""
        (self.folder / "calls_left").write_text(str(calls))

    @property
    def calls(self) -> list[dict[str, Any]]:
        """Every call of op: its words, its stdin, and how many ran beside it."""
        log = self.folder / "log"
        return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []

    @property
    def commands(self) -> list[str]:
        """The first words of every call, without flags."""
        names = [
            [word for word in call["words"] if not word.startswith("-")] for call in self.calls
        ]
        return [" ".join(words[: 2 if words[:1] == ["item"] else 1]) for words in names]

    @property
    def prompts(self) -> int:
        """How many fingers were asked for."""
        prompts = self.folder / "prompts"
        return len(prompts.read_text().splitlines()) if prompts.exists() else 0

    def asker(self, **environ: str) -> Caller:
        """Return the caller with more in the environment."""
        return self.caller._replace(environ={**self.caller.environ, **environ})

    def instead(self, script: str) -> Caller:
        """Return a caller for whom another `op` is first on PATH: a shell script."""
        folder = self.home / "instead"
        folder.mkdir(exist_ok=True)
        (folder / "op").write_text(f"#!/bin/sh\n{script}\n")
        (folder / "op").chmod(0o755)
        return self.asker(PATH=f"{folder}:{self.bin}")


def asked(vaults: Vaults, *texts: str, caller: Caller | None = None) -> list[Answer]:
    """Return what the references lead to."""
    references = [parse(text) for text in texts]
    found = OnePassword(caller or vaults.caller).get_many(references)
    return [found[one] for one in references]


def plain(answers: list[Answer]) -> list[object]:
    """Return the answers with their values in the open, and errors as their kinds."""
    return [
        one.reveal().decode()
        if isinstance(one, Secret)
        else one.kind
        if isinstance(one, ProviderError)
        else one
        for one in answers
    ]


def in_sections(*fields: tuple[str, str, str]) -> list[dict[str, Any]]:
    """Return fields, each of a section, a label and a value."""
    return [
        {
            "id": f"f{number}",
            "section": {"id": f"s{section}", "label": section},
            "type": "CONCEALED",
            "label": label,
            "value": value,
        }
        for number, (section, label, value) in enumerate(fields)
    ]
