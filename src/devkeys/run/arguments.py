"""The words after `devkeys run`; on the way of `run`, so neither typer nor argparse reads them."""

from devkeys.errors import UsageError

HELP = """\
Usage: devkeys run [OPTIONS] [--] COMMAND [ARGUMENTS]...
       devkeys -- COMMAND [ARGUMENTS]...

Run a command with this project's declared variables in its environment, and only there.

Which values:
  -p, --profile NAME   Values of this profile (default: dev)
      --file FILE      The declaration file (default: the nearest .env.example)
      --only A,B       Give these variables and no other declared one
      --scope NAME     Give the variables of this scope of devkeys.toml
      --prefer-env     Take the environment's value where the store has another
      --prefer-store   Take the stored value where the environment has another
      --refresh        Ask providers again, although their values were kept (cache)

What else the command inherits:
      --clean          PATH, HOME, LANG, TERM, SSH_AUTH_SOCK and proxies, no more
      --keep NAME      Do not strip this password manager's credential (AWS_* for several)

  -h, --help           Show this message

The command takes devkeys' place: its PID, signals, terminal and exit code are its own.
Where devkeys itself fails the exit code is 125; 126 and 127 are as in a shell.
"""

VALUED = {
    "-p": "profile",
    "--profile": "profile",
    "--file": "file",
    "--only": "only",
    "--scope": "scope",
    "--keep": "keep",
}
SWITCHES = {
    "--clean": "clean",
    "--prefer-env": "prefer_env",
    "--prefer-store": "prefer_store",
    "--refresh": "refresh",
    "-h": "help",
    "--help": "help",
}


class Options:
    """What was asked of `run`. *profile* is None unless it was named."""

    __slots__ = (
        "clean",
        "command",
        "file",
        "help",
        "keep",
        "only",
        "prefer_env",
        "prefer_store",
        "profile",
        "refresh",
        "scope",
    )

    def __init__(self) -> None:
        self.profile: str | None = None
        self.file: str | None = None
        self.only: list[str] | None = None
        self.scope: str | None = None
        self.keep: list[str] = []
        self.clean = False
        self.prefer_env = False
        self.prefer_store = False
        self.refresh = False
        self.help = False
        self.command: list[str] = []


def parse(words: list[str]) -> Options:
    """Read the words after `run`; options end at `--` or at the command's name."""
    options = Options()
    position = 0
    while position < len(words):
        word = words[position]
        if word == "--":
            position += 1
            break
        if not word.startswith("-") or word == "-":
            break
        position += 1
        if word in SWITCHES:
            setattr(options, SWITCHES[word], True)
            continue
        option, value = _split(word)
        if option in SWITCHES and word.startswith("--"):
            raise UsageError(f"{option} takes no value", hint="see devkeys run --help")
        if option not in VALUED:
            raise UsageError(f"run has no option {option}", hint="see devkeys run --help")
        if value is None:
            if words[position : position + 1] in ([], ["--"]):
                raise UsageError(f"{option} needs a value", hint="see devkeys run --help")
            value = words[position]
            position += 1
        _take(options, VALUED[option], value)
    options.command = words[position:]
    _check(options)
    return options


def _split(word: str) -> tuple[str, str | None]:
    if word.startswith("--"):
        option, equals, value = word.partition("=")
        return option, value if equals else None
    return word[:2], word[2:] or None


def _take(options: Options, field: str, value: str) -> None:
    if not value:
        raise UsageError(f"--{field} needs a value", hint="see devkeys run --help")
    if field == "only":
        options.only = (options.only or []) + [n for n in value.split(",") if n]
    elif field == "keep":
        options.keep += [name for name in value.split(",") if name]
    else:
        setattr(options, field, value)


def _check(options: Options) -> None:
    if options.help:
        return
    if not options.command or not options.command[0]:
        raise UsageError("no command to run", hint="devkeys run -- python app.py")
    if options.prefer_env and options.prefer_store:
        raise UsageError("--prefer-env and --prefer-store exclude each other")
    if options.only is not None and options.scope is not None:
        raise UsageError("--only and --scope exclude each other")
