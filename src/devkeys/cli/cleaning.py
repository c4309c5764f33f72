"""The panel Clean up: doctor."""

from typing import Annotated

import typer

from devkeys.cli import options

PANEL = "Clean up"


def register(app: typer.Typer) -> None:
    """Add this panel's commands to *app*."""
    example = "Examples:  devkeys doctor    devkeys doctor --fix    devkeys doctor --git-history"
    app.command("doctor", rich_help_panel=PANEL, epilog=example)(doctor)


Fix = Annotated[bool, options.flag("--fix", text="Clean up, each step shown and asked before.")]
Home = Annotated[bool, options.flag("--home", text="Look at the whole home directory too.")]
GitHistory = Annotated[
    bool, options.flag("--git-history", text="Look at every commit too, stashes and reflog.")
]
Staged = Annotated[
    bool, options.flag("--staged", text="Look only at what the next commit would bring.")
]
Paths = Annotated[
    list[str] | None,
    typer.Option("--path", metavar="PATH", help="Look only at this file or directory."),
]
Sources = Annotated[
    list[str] | None,
    typer.Option(
        "--source",
        metavar="SOURCE",
        help="Look only at configuration, checkout, histories, git, staged or home.",
    ),
]
Since = Annotated[
    str | None,
    typer.Option(metavar="TIME", help="Leave out what is older: 7d, 24h, 2026-11-01."),
]
Names = Annotated[
    list[str] | None,
    typer.Option("--name", metavar="NAME", help="Search only for this secret's values."),
]
FromStdin = Annotated[
    bool,
    options.flag("--value-from-stdin", text="Search only for the value that stdin gives."),
]
Sarif = Annotated[bool, options.flag("--sarif", text="Print SARIF, for code scanners.")]
Accept = Annotated[
    list[str] | None,
    typer.Option(
        "--accept",
        metavar="ID",
        help="Accept a finding, all of them (all), or what the repository asks to ignore "
        "(repository).",
    ),
]
Unaccept = Annotated[
    list[str] | None,
    typer.Option("--unaccept", metavar="ID", help="Take it back: a finding's id, or all."),
]
Explain = Annotated[
    str | None,
    typer.Option("--explain", metavar="RULE", help="Say what a kind of finding means."),
]


def doctor(
    *,
    fix: Fix = False,
    yes: options.Yes = False,
    home: Home = False,
    git_history: GitHistory = False,
    staged: Staged = False,
    path: Paths = None,
    source: Sources = None,
    since: Since = None,
    name: Names = None,
    value_from_stdin: FromStdin = False,
    json: options.Json = False,
    sarif: Sarif = False,
    accept: Accept = None,
    unaccept: Unaccept = None,
    explain: Explain = None,
) -> int:
    """Say where secrets leaked or may leak, and clean up.

    Exit code 1 if something was found, 3 if something could not be looked at.
    """
    from devkeys.cli import doctor_view
    from devkeys.errors import UsageError
    from devkeys.flows.doctor import asking, scope

    if explain is not None:
        return doctor_view.explain(explain)
    if json and sarif:
        raise UsageError("--json and --sarif are two ways of printing; take one")
    if fix + bool(accept) + bool(unaccept) > 1:
        raise UsageError("--fix, --accept and --unaccept each want a run of their own")
    if unaccept:
        return doctor_view.unaccept(unaccept)
    sources = scope.sources_of(
        home=home,
        git=git_history,
        staged=staged,
        paths=bool(path),
        chosen=source or (),
        only_values=bool(name) or value_from_stdin,
    )
    asked = asking.asked(sources, paths=path or (), since=since, names=name or ())
    given = asking.given() if value_from_stdin else None
    found = doctor_view.look(asked, given)
    if accept:
        return doctor_view.accept(found, asked, accept)
    if fix:
        return doctor_view.fix(found, asked, given, yes=yes, json=json, sarif=sarif)
    return doctor_view.show(found, asked, json=json, sarif=sarif)
