"""Rows of the table: `eject`, which writes the values into a `.env`."""

from canary.of_store import (
    PHRASE,
)
from canary.playing import IN_KERNEL, NOWHERE, Scenario
from canary.situations import damaged, locked, without_values
from canary.store_situations import (
    dotenv_elsewhere,
    in_git,
    locked_checkout,
    own_dotenv,
    protected,
)
from canary.watching import DATA, FILE, Allowed
from canary.ways import AS_PATH, BROKEN, FULL, GIT

DOTENV = (
    Allowed(DATA, r"stage/chat/\.devkeys-[0-9a-f]{12}\.tmp"),
    Allowed(FILE, r"stage/chat/\.env(\.here)?"),
)
# What no .env can hold is left out.
FIT = ("--skip", "BINARY_KEY", "--skip", "QUOTED_KEY")
TYPED_YES = (("Write them there?", "y\r"), ("Type chat", "chat\r"))


def _eject(name: str, words: str = "", *more: object, **options: object) -> Scenario:
    given = {"key": NOWHERE, "others": GIT, **options}
    return Scenario(name, ("eject", *words.split(), *FIT), *more, **given)  # type: ignore[arg-type]


EJECT = (
    _eject("eject", "--yes", allowed=DOTENV, keychain=True),
    _eject("eject-typed", "", typed=TYPED_YES, allowed=DOTENV),
    _eject(
        "eject-to",
        "--to .env.here --yes",
        allowed=DOTENV,
        seldom=True,
    ),
    _eject("eject-besides", "--yes", before=own_dotenv, allowed=DOTENV, seldom=True),
    Scenario(
        "eject-git",
        ("eject", "--yes"),
        before=in_git,
        key=NOWHERE,
        allowed=DOTENV,
        others=GIT,
        seldom=True,
    ),
    Scenario("eject-unfit", ("eject", "--yes"), 3, before=own_dotenv, key=NOWHERE, others=GIT),
    _eject("eject-link", "--yes", 3, before=dotenv_elsewhere),
    _eject(
        "eject-interrupted",
        "",
        130,
        typed=(TYPED_YES[0], ("Type chat", "\x03")),
    ),
    _eject("eject-no-terminal", "", 2),
    _eject(
        "eject-full-disk",
        "--yes",
        3,
        strace=(FULL,),
        allowed=DOTENV[:1],
    ),
    _eject(
        "eject-broken-disk",
        "--yes",
        3,
        before=own_dotenv,
        strace=(BROKEN,),
        allowed=DOTENV,
        seldom=True,
    ),
    _eject("eject-read-only", "--yes", None, before=locked_checkout, allowed=DOTENV, seldom=True),
    _eject("eject-damaged", "--yes", 3, before=damaged),
    _eject(
        "eject-less",
        "--yes",
        before=without_values,
        allowed=DOTENV,
        seldom=True,
    ),
    _eject(
        "eject-protected",
        "--yes",
        before=protected,
        env=PHRASE,
        key=IN_KERNEL,
        allowed=DOTENV,
        only="headless",
    ),
    _eject("eject-locked", "--yes", 3, before=locked, only="keychain", seldom=True),
    _eject("eject-wrong", "--skip {canary} --yes", 2),
    _eject(
        "eject-wrong-file",
        "--to ../no/{canary} --yes",
        None,
        allowed=(AS_PATH,),
    ),
)
