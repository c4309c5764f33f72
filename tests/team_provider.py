"""A provider `team://` of the tests' own: an executable whose answers can be changed."""

import json
import os
import sys
from pathlib import Path
from typing import Any

_PROGRAM = """\
#!{python} -I
import base64, json, os, sys, time
folder = {folder!r}
request = json.load(sys.stdin)
state = json.load(open(os.path.join(folder, "state.json")))
with open(os.path.join(folder, "calls"), "a") as calls:
    calls.write(json.dumps([os.environ.get("TEAM_ADDR"), os.getcwd(), sys.argv[1:]]) + "\\n")
time.sleep(state["delay"])
def answer(**fields):
    print(json.dumps(fields))
if request["action"] != "get":
    answer(error="unsupported", message="reads only", hint="use another")
elif state["error"]:
    answer(error=state["error"], message="the team's server said no", hint="team login")
else:
    for reference in request["references"]:
        value = state["values"].get(reference)
        if value is None:
            answer(reference=reference, absent=True)
        else:
            answer(reference=reference, value=base64.b64encode(value.encode()).decode())
answer(end=True)
"""


class TeamProvider:
    """`devkeys-provider-team` in *folder*, with what it answers."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        program = folder / "devkeys-provider-team"
        program.write_text(_PROGRAM.format(python=sys.executable, folder=str(folder)))
        program.chmod(0o755)
        self._state: dict[str, Any] = {"values": {}, "error": None, "delay": 0.0}
        self._save()

    def _save(self) -> None:
        (self.folder / "state.json").write_text(json.dumps(self._state))

    def answers(self, **values: str) -> None:
        """From now on `team://NAME` has these values and no others; nothing is wrong."""
        self._state["values"] = {f"team://{name}": value for name, value in values.items()}
        self._state["error"] = None
        self._save()

    def fails(self, kind: str | None) -> None:
        """From now on every call ends in an error of *kind*."""
        self._state["error"] = kind
        self._save()

    def takes(self, seconds: float) -> None:
        """From now on each call takes *seconds*."""
        self._state["delay"] = seconds
        self._save()

    @property
    def calls(self) -> int:
        """How often it was started."""
        return len(self.seen)

    @property
    def seen(self) -> list[list[Any]]:
        """What each start saw: TEAM_ADDR, its current directory, its arguments."""
        path = self.folder / "calls"
        lines = path.read_text().splitlines() if path.exists() else []
        return [json.loads(line) for line in lines]

    @property
    def environ(self) -> dict[str, str]:
        """A PATH on which the program is found."""
        return {"PATH": f"{self.folder}{os.pathsep}{os.environ['PATH']}"}
