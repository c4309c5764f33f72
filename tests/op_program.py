"""A copy of what is known of `op`, 1Password's program, run by a launcher on PATH.

It was made from documents and public reports, never beside the real one. Copied are

- references and their case, assignments, templates on stdin: developer.1password.com, "Secret
  reference syntax" and the reference of `op item` (items on stdin, --reveal, [delete]);
- stdin counts only if it is a real pipe, "expected data on stdin but none found": reports of
  Node and Emacs users; varlock's changelog;
- `op inject` stops at the first bad reference, strips control characters but line feeds and
  tabs, adds a line feed, takes `$NAME` and references without braces too: varlock's
  packages/plugins/1password/test/fake-op.sh, env2op, templates in public repositories;
- its sentences for a missing item and field: dimagi-internal/ace#1613 (2026), and those of
  2.39 as `op read` prints them; several items of one name: chezmoi and others;
- one prompt for each process that starts before one is approved:
  1Password/terraform-provider-onepassword#140;
- "(101) You do not have permission" for a service account that may only read;
- a template replaces an item, and a Login's passkey with it: a report of 2.32;
- a date without a value is printed, and refused in a template: public scripts delete it;
- a concealed value is printed only with --reveal; here in JSON too, which is the harsher way;
- a Connect server is asked for `inject`, `read`, `run` and `item get` only: the narrowest of
  what reports say of it.
"""

import json
import os
import re
import stat
import sys
import time
from pathlib import Path
from typing import Any, NoReturn

CONTROL = re.compile(r"[\0-\x08\x0b-\x1f\x7f]")
ENCLOSED = re.compile(r"\{\{\s*(op://[^}]+?)\s*\}\}|(op://[^\s\"'{}]+)")
VARIABLE = re.compile(r"\$\{?([A-Za-z_][A-Za-z0-9_]*)\}?")
PART = re.compile(r"[A-Za-z0-9_. -]+")
FLAGS = re.compile(r"--(account|vault|format)=(.*)", re.DOTALL)
SIGNED_OUT = "You are not currently signed in. Please run `op signin --help` for instructions"
LAUNCHER = '#!/bin/sh\nexec {python} -I -S {program} {state} "$@"\n'


def fail(text: str) -> NoReturn:
    """End as op does."""
    sys.stderr.write(f"[ERROR] 2026/10/01 12:00:00 {text}\n")
    sys.exit(1)


def same(one: object, other: str) -> bool:
    """Compare names."""
    return str(one).casefold() == other.casefold()


class Op:
    """One call of op; *folder* has its state."""

    def __init__(self, folder: Path, words: list[str]) -> None:
        self.folder = folder
        self.state: dict[str, Any] = json.loads((folder / "state.json").read_text())
        self.flags = {found[1]: found[2] for word in words if (found := FLAGS.fullmatch(word))}
        self.reveal = "--reveal" in words
        self.words = [
            word for word in words if not FLAGS.fullmatch(word) and word not in ("--reveal", "--")
        ]
        for word in words[: words.index("--")] if "--" in words else words:
            known = word in ("-", "--reveal", "--version") or FLAGS.fullmatch(word)
            if word.startswith("-") and not known:
                fail(f"unknown flag: {word}")

    def start(self) -> None:
        """Write down the call, and sign in."""
        pipe = stat.S_ISFIFO(os.fstat(0).st_mode)
        self.data = sys.stdin.buffer.read().decode() if pipe else ""
        running = self.folder / "running"
        (running / str(os.getpid())).touch()
        entry = {
            "words": sys.argv[2:],
            "data": self.data,
            "running": len(list(running.iterdir())),
            "cwd": os.getcwd(),
        }
        with (self.folder / "log").open("a") as log:
            log.write(json.dumps(entry) + "\n")
        time.sleep(self.state["delay"])
        if self.words == ["--version"]:
            return
        self.sign_in()
        fault = self.state["faults"].get(self.words[0])
        if fault is not None:
            fail(fault)

    def sign_in(self) -> None:
        """Open the account, or fail as the state says."""
        account = self.flags.get("account")
        if account is not None and account not in self.state["accounts"]:
            fail(f"account {account} not found: no account found for filter")
        if self.state["error"]:
            fail(self.state["error"])
        if os.environ.get("OP_CONNECT_TOKEN"):
            if self.words[0] not in ("inject", "read", "run") and self.words[:2] != ["item", "get"]:
                fail("this command is not supported with Connect")
            return
        if "OP_SERVICE_ACCOUNT_TOKEN" in os.environ:
            if os.environ["OP_SERVICE_ACCOUNT_TOKEN"] != self.state["token"]:
                fail("(401) Unauthorized: invalid bearer token")
            return
        self.open_app()

    def open_app(self) -> None:
        """Use the session that there is, or ask for a finger."""
        left = self.folder / "calls_left"
        if left.exists():
            if not int(left.read_text()):
                fail(f"error initializing client: {SIGNED_OUT}")
            left.write_text(str(int(left.read_text()) - 1))
        approved = self.folder / "approved"
        if self.state["app"] and not approved.exists():
            if self.words == ["whoami"]:
                fail("account is not signed in")
            with (self.folder / "prompts").open("a") as prompts:
                prompts.write("Touch ID\n")
            time.sleep(0.1)  # a finger is laid on
            approved.touch()

    def vault(self, name: str) -> str:
        """Return the name of a vault."""
        for vault in self.state["vaults"]:
            if (same(vault["name"], name) or same(vault["id"], name)) and vault["readable"]:
                return str(vault["name"])
        fail(f'"{name}" isn\'t a vault in this account. Specify the vault with its ID or name.')

    def find(self, vault: str, name: str) -> dict[str, Any]:
        """Return an item by title, id or website."""
        real = self.vault(vault)
        inside = [item for item in self.state["items"] if item["vault"]["name"] == real]
        found = [item for item in inside if same(item["title"], name) or same(item["id"], name)]
        found = found or [
            item for item in inside if any(name in url["href"] for url in item.get("urls", []))
        ]
        about = f"could not get item {vault}/{name}: " if self.words[0] == "inject" else ""
        if len(found) > 1:
            lines = [
                f'\t* for the item "{one["title"]}" in vault {real}: {one["id"]}' for one in found
            ]
            fail(
                f'{about}More than one item matches "{name}". Try again and specify the item by '
                "its ID:\n" + "\n".join(lines)
            )
        if not found and about and self.state["older"]:
            fail(
                f"could not resolve item UUID for item {name}: could not find item {name} in "
                f"vault {real.casefold()}0000000000000000000"
            )
        if not found:
            fail(
                f'{about}"{name}" isn\'t an item in the "{vault}" vault. Specify the item with '
                "its UUID, name, or domain."
            )
        return dict(found[0])

    def inject(self) -> None:
        """Replace what stands in braces."""
        if not self.data:
            fail("expected data on stdin but none found")
        template = VARIABLE.sub(lambda name: os.environ.get(name[1], name[0]), self.data)
        output = ENCLOSED.sub(lambda found: self.resolve(found[1] or found[2]), template)
        sys.stdout.buffer.write(CONTROL.sub("", output).encode() + b"\n")

    def resolve(self, text: str) -> str:
        """Return the value of one reference."""
        path, _, query = text.removeprefix("op://").partition("?")
        parts = path.split("/")
        bad = next((char for char in path if char != "/" and not PART.fullmatch(char)), None)
        if bad:
            fail(
                f"invalid secret reference '{text}': invalid character in secret reference: '{bad}'"
            )
        if not 3 <= len(parts) <= 4:
            fail(f"invalid secret reference '{text}': too few '/'")
        vault, name, *section, field = parts
        item = self.find(vault, name)
        found = [
            one for one in item["fields"] if same(one.get("label"), field) or same(one["id"], field)
        ]
        if section:
            found = [
                one
                for one in found
                if same(one.get("section", {}).get("label"), section[0])
                or same(one.get("section", {}).get("id"), section[0])
            ]
        files = [one for one in item.get("files", []) if same(one["name"], field)]
        if files:
            return str(files[0]["content"])
        if not found:
            wanted = ".".join([*section, field])
            fail(f"item '{vault}/{name}' does not have a field '{wanted}'")
        if query == "attribute=otp":
            return "123456"
        return str(found[0].get("value", ""))

    def shown(self, item: dict[str, Any]) -> str:
        """Return an item as JSON."""
        fields = [dict(field) for field in item["fields"]]
        for field in fields:
            if not self.reveal and field["type"] == "CONCEALED" and field.get("value"):
                field["value"] = f"[use 'op item get {item['id']} --reveal' to reveal]"
        hidden = ("passkey",)
        raw = {key: value for key, value in item.items() if key not in hidden}
        return json.dumps(raw | {"fields": fields}, indent=2)

    def save(self, item: dict[str, Any]) -> None:
        """Keep an item in place of the one with its id."""
        items = [one for one in self.state["items"] if one["id"] != item["id"]]
        self.state["items"] = [*items, item]
        new = self.folder / f"state.{os.getpid()}"
        new.write_text(json.dumps(self.state))
        new.replace(self.folder / "state.json")
        sys.stdout.write(self.shown(item) + "\n")

    def may_write(self) -> str:
        """Return the vault, if it may be changed."""
        name = self.vault(self.flags["vault"])
        if not next(one for one in self.state["vaults"] if one["name"] == name)["writable"]:
            fail("(101) You do not have permission to perform this action")
        return name

    def kept(self, raw: dict[str, Any]) -> list[dict[str, Any]]:
        """Return the fields of a template as they are kept."""
        for field in raw["fields"]:
            if field["type"] in ("DATE", "MONTH_YEAR") and not field.get("value"):
                fail(f"invalid date for field {field.get('label')}")
        return [
            {"id": os.urandom(13).hex(), **{key: one[key] for key in one if one[key] != ""}}
            for one in raw["fields"]
        ]

    def item_create(self) -> None:
        """Make an item of a template."""
        if self.words[2:] != ["-"] or not self.data:
            fail("provide the item category with '--category' flag")
        raw = json.loads(self.data)
        vault = {"id": "v" * 26, "name": self.may_write()}
        built_in = {"id": "notesPlain", "type": "STRING", "purpose": "NOTES", "label": "notesPlain"}
        given = self.kept(raw)
        own = [] if any(one["id"] == "notesPlain" for one in given) else [built_in]
        item = {"id": os.urandom(13).hex(), "vault": vault, "version": 1}
        self.save(raw | item | {"fields": own + given})

    def item_edit(self) -> None:
        """Replace an item by a template, or change one field by an assignment."""
        item = self.find(self.flags["vault"], self.words[2])
        self.may_write()
        if len(self.words) == 3:
            if not self.data:
                fail("expected data on stdin but none found")
            raw = json.loads(self.data)
            if self.state["alters"]:
                raw["fields"] = [one | {"value": "altered"} for one in raw["fields"]]
            self.save(raw | {"id": item["id"], "vault": item["vault"], "fields": self.kept(raw)})
            return
        name, _, change = self.words[3].rpartition("[" if self.words[3].endswith("]") else "=")
        parts = [re.sub(r"\\(.)", r"\1", part) for part in re.split(r"(?<!\\)\.", name)]
        for field in item["fields"]:
            section = [field["section"]["label"]] if "section" in field else []
            if [*section, field["label"]] == parts or field["id"] == parts[-1]:
                if change == "delete]":
                    item["fields"] = [one for one in item["fields"] if one is not field]
                else:
                    field.pop("value", None)
                self.save(item)
                return
        fail("no such field")

    def item_list(self) -> None:
        """List a vault."""
        vault = self.vault(self.flags["vault"])
        keys = ("id", "title", "vault", "category", "urls")
        inside = [item for item in self.state["items"] if item["vault"]["name"] == vault]
        listed = [{key: one[key] for key in keys if key in one} for one in inside]
        sys.stdout.write(json.dumps(listed) + "\n")

    def whoami(self) -> None:
        """Say who is signed in."""
        who = {"url": "https://team.example.com", "user_uuid": "U", "account_uuid": "A"}
        if "OP_SERVICE_ACCOUNT_TOKEN" not in os.environ:
            who["email"] = "dev@example.com"
        sys.stdout.write(json.dumps(who))

    def main(self) -> None:
        """Do what the words say."""
        self.start()
        try:
            match self.words:
                case ["--version"]:
                    sys.stdout.write("2.39.0\n")
                case ["whoami"]:
                    self.whoami()
                case ["inject"]:
                    self.inject()
                case ["item", "get", name]:
                    sys.stdout.write(self.shown(self.find(self.flags["vault"], name)) + "\n")
                case ["item", "list"]:
                    self.item_list()
                case ["item", "create", *_]:
                    self.item_create()
                case ["item", "edit", *_]:
                    self.item_edit()
                case _:
                    fail(f'unknown command "{self.words[0]}" for "op"')
        finally:
            (self.folder / "running" / str(os.getpid())).unlink()


if __name__ == "__main__":
    Op(Path(sys.argv[1]), sys.argv[2:]).main()
