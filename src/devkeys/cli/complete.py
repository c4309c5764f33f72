"""What a shell offers at the Tab key: commands, options, declared names, profiles, scopes.

Reads files that are meant to be read: no secret, no keychain, no program. The scripts that
typer has for zsh and bash evaluate what they are given, so no word and no text of a
repository passes that could be anything else than a word.
"""

from collections.abc import Iterable

import typer

VARIABLE = "_DEVKEYS_COMPLETE"
SHELLS = ("bash", "zsh", "fish", "powershell", "pwsh")
_PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.")


def script(shell: str, program: str) -> str:
    """Return the script that makes *shell*, one of SHELLS, ask *program* at the Tab key."""
    from typer import completion

    return completion.get_completion_script(  # type: ignore[attr-defined]  # not exported
        prog_name=program, complete_var=VARIABLE, shell=shell
    )


def answer(app: typer.Typer, program: str) -> int:
    """Print what could stand at the place that the environment tells of."""
    from typer import completion

    completion.completion_init()  # type: ignore[attr-defined]  # typer calls it where it adds options
    typer.main.get_command(app).main(args=[], prog_name=program, complete_var=VARIABLE)
    return 0


def _plain(words: Iterable[str], incomplete: str) -> list[str]:
    return [w for w in words if w.startswith(incomplete) and w and _PLAIN.issuperset(w)]


def nothing() -> list[str]:
    """Return no word: what a provider has is not asked for at the Tab key."""
    return []


def names(context: typer.Context, incomplete: str) -> list[str]:
    """Return the declared names that begin with *incomplete*."""
    from devkeys.errors import DevkeysError
    from devkeys.flows.here import here

    try:
        file = context.params.get("file")
        project = here(profile=context.params.get("profile"), file=file).project()
    except DevkeysError:
        return []
    given = context.params.get("names") or ()
    return _plain((v.name for v in project.declared if v.name not in given), incomplete)


def profiles(context: typer.Context, incomplete: str) -> list[str]:
    """Return the profiles that this project configures or has values for."""
    from devkeys.allow import name_of
    from devkeys.errors import DevkeysError
    from devkeys.flows.here import here
    from devkeys.plan import DEFAULT_PROFILE
    from devkeys.project import config
    from devkeys.store.projects import list_projects

    try:
        place = here(file=context.params.get("file"))
        project = name_of(place.record, place.checkout)
        kept = [q for p, q in list_projects(place.session.data_dir) if p == project]
        known = config.read(place.checkout).profiles
    except DevkeysError:
        return []
    return _plain(dict.fromkeys((DEFAULT_PROFILE, *known, *kept)), incomplete)


def scopes(incomplete: str) -> list[str]:
    """Return the scopes of this project's devkeys.toml."""
    from devkeys.errors import DevkeysError
    from devkeys.flows.here import here
    from devkeys.project import config

    try:
        known = config.read(here().checkout).scopes
    except DevkeysError:
        return []
    return _plain(known, incomplete)


def projects(incomplete: str) -> list[str]:
    """Return the projects that the store has values of."""
    from devkeys.errors import DevkeysError
    from devkeys.session import Session
    from devkeys.store.projects import list_projects

    try:
        known = [project for project, _ in list_projects(Session().data_dir)]
    except DevkeysError:
        return []
    return [
        w
        for w in dict.fromkeys(known)
        if w.startswith(incomplete) and _PLAIN.union("/").issuperset(w)
    ]


def hook_words(incomplete: str) -> list[str]:
    """Return what could stand after `devkeys hook`: a shell, or what to do."""
    from devkeys.hookfiles import FILES

    return _plain((*FILES, "install", "uninstall", "status"), incomplete)


def hook_shells(context: typer.Context, incomplete: str) -> list[str]:
    """Return the shells that have a hook, after a word that takes one."""
    from devkeys.hookfiles import FILES

    if context.params.get("what") not in ("install", "uninstall", "status"):
        return []
    return _plain(FILES, incomplete)


def run_words(context: typer.Context, incomplete: str) -> list[str]:
    """Return what could stand at this place of `devkeys run ...`: its options, their values."""
    from devkeys.run.arguments import SWITCHES, VALUED

    before = context.args[-1] if context.args else ""
    option = VALUED.get(before)
    if option == "profile":
        return profiles(context, incomplete)
    if option == "scope":
        return scopes(incomplete)
    if option == "only":
        return names(context, incomplete)
    if option or "--" in context.args or not incomplete.startswith("-"):
        return []
    return [word for word in (*VALUED, *SWITCHES) if word.startswith(incomplete)]
