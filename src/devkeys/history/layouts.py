"""How programs lay out their history in SQLite: tables, and the columns with what was typed.

From the programs themselves (nushell, xonsh, atuin, ipython) and from the schemas in their sources
(mcfly, zsh-histdb, hishtory, pxhist). A column that a version does not have yet is passed over.
"""

from typing import NamedTuple

SECONDS, MILLISECONDS, NANOSECONDS = 1, 1_000, 1_000_000_000


class Table(NamedTuple):
    """A table with commands.

    *texts* are its columns that are searched, the command first. *when* is a column, or an
    expression in parentheses, of which *unit* make a second; a text there is an ISO date.
    *users* are columns of other tables, as (table, column), that hold the number of a row here:
    those rows go with it.
    """

    name: str
    texts: tuple[str, ...]
    when: str = "NULL"
    unit: int = SECONDS
    users: tuple[tuple[str, str], ...] = ()


LAYOUTS: dict[str, tuple[Table, ...]] = {
    "nushell-sqlite": (
        Table("history", ("command_line", "cwd", "more_info"), "start_timestamp", MILLISECONDS),
    ),
    "xonsh-sqlite": (Table("xonsh_history", ("inp", "out", "info", "cwd"), "tsb"),),
    "atuin": (Table("history", ("command", "cwd"), "timestamp", NANOSECONDS),),
    "ipython": (
        Table(
            "history",
            ("source", "source_raw"),
            "(SELECT start FROM sessions WHERE sessions.session = history.session)",
        ),
        Table(
            "output_history",
            ("output",),
            "(SELECT start FROM sessions WHERE sessions.session = output_history.session)",
        ),
        Table("sessions", ("remark",), "start"),
    ),
    "mcfly": (
        Table("commands", ("cmd", "cmd_tpl", "dir", "old_dir"), "when_run"),
        Table("selected_commands", ("cmd", "dir")),
    ),
    "histdb": (
        Table("commands", ("argv",), users=(("history", "command_id"),)),
        Table("places", ("dir",), users=(("history", "place_id"),)),
    ),
    "hishtory": (
        Table(
            "history_entries",
            ("command", "current_working_directory", "custom_columns"),
            "start_time",
        ),
    ),
    "pxhist": (
        Table("command_history", ("full_command", "working_directory"), "start_unix_timestamp"),
    ),
}
