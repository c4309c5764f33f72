"""A report with one of everything, and its parts, as doctor's flow would make them."""

from devkeys.flows.doctor.marks import Marks
from devkeys.flows.doctor.report import Coverage, Frame, LeftOut, Report
from devkeys.project.allowed import Allowed
from devkeys.scan.finding import ADVICE, LEAKED, RISK, Finding, Kind, Place, Remedy, Unseen

HOME, ROOT = "/home/ann", "/home/ann/src/chat"
FRAME = Frame(HOME, ROOT, ROOT + "/.git")
MARKS = Marks(b"k" * 32, FRAME)
NOW = 1_800_000_000.0
KEY, URL = "LLM_API_KEY (chat, dev)", "DATABASE_URL (chat, dev)"
COMMIT = "3f2a9c0d1e4b5a69788766554433221100ffeedd"

HISTORY = Kind(
    "history/known-value",
    LEAKED,
    "a command in a history holds it",
    "Whoever reads your home directory or a backup of it finds it there, and so does every "
    "program that you start.",
    "Take the entry out of the history, and replace the value at its provider.",
)
COMMITTED = Kind(
    "git/known-value",
    LEAKED,
    "a commit holds it",
    "A commit goes to everyone who clones or fetches, and stays when the file is deleted.",
    "Replace the value at its provider. Then rewrite the history, if it is worth it.",
)
MODE = Kind(
    "env/mode",
    RISK,
    "others may read a .env file",
    "Every user of this machine can read what is in it.",
    "Let only yourself read it.",
)
CORES = Kind(
    "system/core-dumps",
    ADVICE,
    "core dumps are on",
    "A program that crashes leaves its memory on the disk, with every value it was given.",
    "Set the limit to 0 where programs get secrets.",
)


def typed(entry: int, *, path: str = HOME + "/.zsh_history") -> Finding:
    """Return a finding in a history."""
    place = Place(path, entry=entry, when=NOW - 86400.0 * entry)
    return Finding(HISTORY, place, "the value, in a command", "devkeys doctor --fix", (KEY,))


COMMITTED_KEY = Finding(
    COMMITTED,
    Place(ROOT, line=12, commit=COMMIT, member="src/settings.py", when=NOW - 90 * 86400, times=3),
    "the value",
    "git filter-repo --path src/settings.py --replace-text <(devkeys ...)",
    (KEY,),
    "base64, wrapped",
)
READABLE = Finding(
    MODE,
    Place(ROOT + "/.env"),
    "mode 0644, with the value of DATABASE_URL",
    "chmod 600 .env",
    (URL,),
    remedy=Remedy("mode", ROOT + "/.env", "600"),
)
DUMPS = Finding(CORES, Place(""), "core dumps are written to /var/crash", "ulimit -c 0")


def report(*findings: Finding) -> Report:
    """Return a report of *findings* with one of everything else."""
    return Report(
        findings,
        (".env is ignored by git", "no value in .env.example"),
        (
            Unseen("/var/log/x", "permission denied", 1, failed=True),
            Unseen(HOME + "/.cache", "left out by rule; --home looks there", 3),
        ),
        (typed(77),),
        (Allowed("tests/fixtures/**", "history/*", "TEST_*", "made up for the tests"),),
        Coverage(2013, 24_120_000, 6, git_history=True, secrets=12, too_short=("PIN",)),
        (LeftOut(DUMPS, Allowed(rule="system/*", reason="a container")),),
    )


EVERYTHING = (*(typed(entry) for entry in range(1, 15)), COMMITTED_KEY, READABLE, DUMPS)
CLEAN = Report(
    (),
    (".env is ignored by git", "no value in .env.example", "the hook is installed in zsh"),
    (Unseen(HOME + "/.cache", "left out by rule; --home looks there", 3),),
    covered=Coverage(2013, 24_120_000, 6, git_history=False, secrets=12),
)
