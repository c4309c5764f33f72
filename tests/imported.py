"""What became of imported values: in the store, for a command, and in the summary."""

from desk import Desk


def reaches(desk: Desk, *names: str) -> dict[str, str]:
    """Return what a command gets for *names*."""
    done = desk.devkeys("run", "--only", ",".join(names), "--", "env", "-0")
    assert done.code == 0, done.err
    pairs = (line.partition("=") for line in done.text.split("\0"))
    return {name: value for name, _, value in pairs if name in names}


def stored(desk: Desk) -> set[str]:
    """Return the names that have a stored value."""
    listed = desk.devkeys("list", "--json").text
    names = ("LLM_API_KEY", "DB_PASSWORD", "PORT", "TITLE", "MAIL_TOKEN", "OTHER")
    return {name for name in names if f'"{name}"' in listed}


def fate(said: str, name: str) -> str:
    """Return the heading that *name* stands under in the summary."""
    heading = ""
    for line in said.splitlines():
        if line.startswith("    ") and name in line.strip().split(", "):
            return heading
        if line.startswith("  "):
            heading = line.strip(" :")
    return ""
