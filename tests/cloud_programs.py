"""Fake gcloud, az, doppler and infisical: what they print and how they end, as documented.

Each keeps its secrets in `state.json` beside it, notes its arguments in `calls`, and is signed
out or without a right as the environment's CLOUD says. Flags that it does not know end it.

The messages are those of: gcloud, "Secret Manager: access a secret version" and reports of its
users (the refusals name the active account); az, azure-cli issues 7783 and 6580 and the Key
Vault service; doppler, pkg/cmd/secrets.go of its CLI; infisical, packages/cmd/export.go,
packages/util/log.go (a box of lines) and packages/util/secrets.go (the warning of old values).
"""

import json
import sys
from pathlib import Path

_COMMON = f"""\
#!{sys.executable}
import base64, json, os, pathlib, sys, textwrap

folder = pathlib.Path(__file__).parent
with (folder / "calls").open("a") as log:
    log.write(json.dumps(sys.argv[1:]) + "\\n")
secrets = json.loads((folder / "state.json").read_text())
state = os.environ.get("CLOUD", "")
words = [one for one in sys.argv[1:] if not one.startswith("--")]
flags = dict(one[2:].partition("=")[::2] for one in sys.argv[1:] if one.startswith("--"))


def stop(message, code=1):
    print(message, file=sys.stderr)
    sys.exit(code)


def expect(allowed, *, required=()):
    unknown = set(flags) - set(allowed) - set(required)
    if unknown or set(required) - set(flags):
        stop(f"unknown or missing flags: {{unknown}}", 2)


def values():
    return {{name: base64.b64decode(value).decode() for name, value in found.items()}}

"""

_GCLOUD = """
ME = (
    "This command is authenticated as me@example.com which is the active account specified by "
    "the [core/account] property."
)
OUT = (
    "You do not currently have an active account selected.\\nPlease run:\\n\\n"
    "  $ gcloud auth login\\n\\nto obtain new credentials."
)
if words == ["auth", "list"]:
    expect([], required=["filter", "format"])
    print("" if state == "locked" else "me@example.com")
    sys.exit()
WHERE = "ERROR: (gcloud.secrets.versions.access)"
if words[:3] != ["secrets", "versions", "access"] or len(words) != 4:
    stop("ERROR: (gcloud) Invalid choice", 2)
expect([], required=["secret", "project", "format"])
assert flags["format"] == "get(payload.data)"
if state == "locked":
    stop(f"{WHERE} {OUT}")
name = f"projects/{flags['project']}/secrets/{flags['secret']}"
if state == "denied":
    right = "Permission 'secretmanager.versions.access' denied for resource"
    version = f"'{name}/versions/{words[3]}'"
    stop(f"{WHERE} PERMISSION_DENIED: {right} {version} (or it may not exist). {ME}")
value = secrets.get(f"{flags['project']}/{flags['secret']}/{words[3]}")
if value == "DISABLED":
    version = f"Secret Version [{name}/versions/1] is in DISABLED state."
    stop(f"{WHERE} FAILED_PRECONDITION: {version} {ME}")
if value is None:
    stop(f"{WHERE} NOT_FOUND: Secret [{name}] not found or has no versions. {ME}")
print(base64.urlsafe_b64encode(base64.b64decode(value)).decode())
"""

_AZ = """
if words == ["account", "show"]:
    expect(["only-show-errors"], required=["output"])
    if state == "locked":
        stop("ERROR: Please run 'az login' to setup account.")
    print(json.dumps({"user": {"name": "me@example.com", "type": "user"}}, indent=2))
    sys.exit()
if words != ["keyvault", "secret", "show"]:
    stop("ERROR: 'x' is misspelled or not recognized by the system.", 2)
expect(["only-show-errors", "version"], required=["vault-name", "name", "output"])
if state == "locked":
    stop("ERROR: Please run 'az login' to setup account.")
if state == "silent":  # azure-cli issue 7783
    sys.exit()
if state == "denied":
    who = "The user, group or application 'appid=1;oid=2;iss=https://sts.windows.net/3/'"
    what = "does not have secrets get permission on key vault 'team;location=westeurope'."
    stop(f"ERROR: (Forbidden) {who} {what}\\nCode: Forbidden")
place = "/".join(flags[name] for name in ("vault-name", "name", "version") if name in flags)
if place not in secrets:
    what = f"A secret with (name/id) {flags['name']} was not found in this key vault."
    more = "If you recently deleted this secret you may be able to recover it"
    stop(f"ERROR: (SecretNotFound) {what} {more}\\nCode: SecretNotFound", 3)
value = base64.b64decode(secrets[place]).decode()
about = {"attributes": {"enabled": True}, "contentType": None, "name": flags["name"], "tags": {}}
print(json.dumps({**about, "value": value}, indent=2, ensure_ascii=False))
"""

_DOPPLER = """
if words != ["secrets", "download"]:
    stop("Doppler Error: unknown command", 1)
expect(["no-file", "no-fallback", "no-check-version"], required=["project", "config", "format"])
if "no-fallback" not in flags:
    (folder / "fallback").write_text("what a fallback file would hold")
if state == "locked":
    stop("Doppler Error: you must provide a token")
if state == "revoked":
    stop("Unable to download secrets\\nDoppler Error: Invalid Auth token")
config = f"requested config '{flags['config']}'"
if state == "denied":
    stop(f"Unable to download secrets\\nDoppler Error: This token does not have access to {config}")
found = secrets.get(f"{flags['project']}/{flags['config']}")
if found is None:
    stop(f"Unable to download secrets\\nDoppler Error: Could not find {config}")
restricted = {name: None for name in found if name.startswith("RESTRICTED")}
own = {"DOPPLER_PROJECT": flags["project"], "DOPPLER_CONFIG": flags["config"]}
own["DOPPLER_ENVIRONMENT"] = "dev"
# Go's encoder writes these three as escapes.
text = json.dumps({**own, **values(), **restricted}, ensure_ascii=False)
print(text.replace("<", "\\\\u003c").replace(">", "\\\\u003e").replace("&", "\\\\u0026"))
"""

_INFISICAL = """
if words != ["export"]:
    stop("Error: unknown command")
expect([], required=["projectId", "env", "path", "format"])


def refuse(code, status, message):
    lines = [
        "Request: GET https://app.infisical.com/api/v3/secrets/raw",
        f"Response Code: {code} {status}",
        *textwrap.wrap(f"Message: {message}", 40),
        "",
        "If this issue continues, get support at https://infisical.com/slack",
    ]
    inside = "\\n".join(f"│  {line:70}  │" for line in lines)
    stop("╭" + "─" * 74 + "╮\\n" + inside + "\\n╰" + "─" * 74 + "╯")


if state == "locked":
    stop("You must be logged in to run this command. To login, run [infisical login]")
if state == "revoked":
    refuse(401, "Unauthorized", "Token missing or invalid")
if state == "denied":
    refuse(403, "Forbidden", "You do not have permission to read secrets in this environment")
place = "/".join([flags["projectId"], flags["env"]]) + flags["path"].rstrip("/")
found = secrets.get(place)
if found is None:
    where = f"in environment with slug '{flags['env']}'"
    refuse(404, "Not Found", f"Folder with path '{flags['path']}' {where} not found")
if state == "offline":
    what = "Unable to fetch the latest secret(s) due to connection error, serving secrets from"
    print(f"Warning: {what} last successful fetch. Run with --debug ", file=sys.stderr)
about = {"workspace": flags["projectId"], "type": "shared", "_id": "1", "tags": None}
listed = [{"key": name, "value": value, **about} for name, value in values().items()]
text = json.dumps(listed, ensure_ascii=False)
sys.stdout.write(text.replace("<", "\\\\u003c").replace(">", "\\\\u003e").replace("&", "\\\\u0026"))
"""

_CODES = {"gcloud": _GCLOUD, "az": _AZ, "doppler": _DOPPLER, "infisical": _INFISICAL}


class Cloud:
    """One of the programs, made in *folder*, and what it keeps."""

    def __init__(self, name: str, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        program = folder / name
        program.write_text(_COMMON + _CODES[name])
        program.chmod(0o755)
        self.keep({})

    def keep(self, secrets: object) -> None:
        """Have it keep *secrets*: by place, or by place and name, in base64."""
        (self.folder / "state.json").write_text(json.dumps(secrets))

    def calls(self) -> list[list[str]]:
        """Return the arguments of each call."""
        path = self.folder / "calls"
        lines = path.read_text().splitlines() if path.exists() else []
        return [json.loads(line) for line in lines]
