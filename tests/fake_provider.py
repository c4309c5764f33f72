"""`devkeys-provider-fake`: a small third party's program on PATH, which keeps what it is given."""

import base64
import json
import os
import sys
from pathlib import Path
from typing import Any, NamedTuple

PROGRAM = f"""\
#!{sys.executable}
import json, os, pathlib, sys, time

folder = pathlib.Path(__file__).parent
state = json.loads((folder / "state.json").read_text())
request = json.loads(sys.stdin.readline())
action, asked = request["action"], request["references"]
with (folder / "requests").open("a") as log:
    log.write(json.dumps([action, asked, request.get("interactive")]) + "\\n")
with (folder / "starts").open("a") as log:
    log.write(json.dumps([os.environ.get("FAKE_ADDR"), os.getcwd(), sys.argv[1:]]) + "\\n")
time.sleep(state.get("sleep", {{}}).get(action, 0))
values = state["values"]
answers = []


def say(**line):
    answers.append(json.dumps(line))


def about(reference):
    if action == "get":
        found = values.get(reference)
        say(reference=reference, **({{"absent": True}} if found is None else {{"value": found}}))
    elif action == "writable":
        say(reference=reference, writable=True)
    elif action == "set":
        values[reference] = state.get("instead") or request["value"]
        (folder / "state.json").write_text(json.dumps(state))
        say(reference=reference, done=True)
    elif action == "check":
        say(reference=reference, readable=reference in values)
    elif action == "list":
        inside = {{k: v for k, v in values.items() if k.startswith(reference + "/")}}
        for name, value in inside.items():
            say(name=name.removeprefix(reference + "/"), value=value)
        if not inside:
            say(reference=reference, absent=True)


if action in state.get("cannot", []):
    say(error="unsupported")
elif action in state.get("errors", {{}}):
    say(**state["errors"][action])
else:
    if action == "check":
        say(version=state.get("version", "1.2"), account="alice@team")
    for reference in asked:
        about(reference)
print("\\n".join([*answers, json.dumps({{"end": True}})]))
"""


class FakeProvider(NamedTuple):
    """The program in *folder*, which is to be put on PATH."""

    folder: Path

    @property
    def env(self) -> dict[str, str]:
        """What makes devkeys find it."""
        return {"PATH": f"{self.folder}{os.pathsep}{os.environ['PATH']}"}

    @property
    def state(self) -> dict[str, Any]:
        """What the program holds, and how it behaves."""
        found: dict[str, Any] = json.loads((self.folder / "state.json").read_text())
        return found

    def behave(self, **more: Any) -> None:
        """Change the program's state: `cannot`, `errors`, `sleep`, `version`, `instead`."""
        (self.folder / "state.json").write_text(json.dumps({**self.state, **more}))

    def put(self, reference: str, value: bytes) -> None:
        """Plant *value*."""
        values = {**self.state["values"], reference: base64.b64encode(value).decode()}
        self.behave(values=values)

    def value(self, reference: str) -> bytes | None:
        """Return what the program has at *reference*."""
        found = self.state["values"].get(reference)
        return None if found is None else base64.b64decode(found)

    def answers(self, **values: str) -> None:
        """From now on `fake://NAME` has these values and no others; nothing is wrong."""
        encoded = {f"fake://{k}": base64.b64encode(v.encode()).decode() for k, v in values.items()}
        self.behave(values=encoded, errors={})

    def fails(self, kind: str) -> None:
        """From now on reading ends in an error of *kind*."""
        error = {"error": kind, "message": "the team's server said no", "hint": "team login"}
        self.behave(errors={"get": error})

    def takes(self, seconds: float) -> None:
        """From now on reading takes *seconds*."""
        self.behave(sleep={"get": seconds})

    @property
    def starts(self) -> list[list[Any]]:
        """What each start saw: FAKE_ADDR, its current directory, its arguments."""
        path = self.folder / "starts"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    @property
    def requests(self) -> list[list[Any]]:
        """What it was asked so far: action, references, whether a person can be asked."""
        path = self.folder / "requests"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    @property
    def actions(self) -> list[str]:
        """The actions of all requests so far."""
        return [request[0] for request in self.requests]


def make_fake(folder: Path, name: str = "devkeys-provider-fake") -> FakeProvider:
    """Put the program into the new directory *folder*."""
    folder.mkdir()
    program = folder / name
    program.write_text(PROGRAM)
    program.chmod(0o755)
    (folder / "state.json").write_text('{"values": {}}')
    return FakeProvider(folder)
