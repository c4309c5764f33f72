"""The mark that `run` leaves in a child's environment; on the way of `run`.

It says, without a value, which names were put there, for which project, profile and plan.
A `run` inside a `run` knows from it which variables are the environment's own.
"""

from devkeys.fingerprint import tag

VARIABLE = "DEVKEYS_RUN"
FORMAT = "1"
DIGITS = 18  # of a generation, at most; Python refuses to read thousands

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


class Marker:
    """What one `run` put into its child's environment.

    *plan* is the plan's key and *counters* the state of the store it was filled from;
    *tags* maps each name to the keyed tag of its value, *generations* to its generation.
    """

    __slots__ = ("counters", "generations", "plan", "profile", "project", "tags")

    def __init__(
        self,
        project: str,
        profile: str,
        plan: str,
        counters: str,
        tags: dict[str, str],
        generations: dict[str, int],
    ) -> None:
        self.project = project
        self.profile = profile
        self.plan = plan
        self.counters = counters
        self.tags = tags
        self.generations = generations

    def injected(self, environ: "Mapping[str, str]", key: bytes) -> list[str]:
        """Return the names whose value in *environ* is still the one that was put there."""
        return [
            name
            for name, expected in self.tags.items()
            if name in environ and tag(_bytes(environ[name]), key) == expected
        ]


def write(marker: Marker) -> str:
    """Return *marker* as the text of one variable."""
    names = [f"{n}={t}={marker.generations.get(n, 0)}" for n, t in marker.tags.items()]
    head = [FORMAT, _quote(marker.project), _quote(marker.profile), marker.plan, marker.counters]
    return " ".join(head + names)


def read(environ: "Mapping[str, str]") -> Marker | None:
    """Return the mark in *environ*; None if there is none or it is not one of ours."""
    parts = environ.get(VARIABLE, "").split(" ")
    if len(parts) < 5 or parts[0] != FORMAT:
        return None
    tags = {}
    generations = {}
    for part in parts[5:]:
        fields = part.split("=")
        if len(fields) != 3 or not fields[2].isdecimal() or len(fields[2]) > DIGITS:
            return None
        tags[fields[0]] = fields[1]
        generations[fields[0]] = int(fields[2])
    return Marker(_unquote(parts[1]), _unquote(parts[2]), parts[3], parts[4], tags, generations)


def tags_of(environ: "Mapping[str, str]", names: list[str], key: bytes) -> dict[str, str]:
    """Return the tag of each of *names* by its value in *environ*."""
    return {name: tag(_bytes(environ[name]), key) for name in names}


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _quote(text: str) -> str:
    return text.replace("%", "%25").replace(" ", "%20") or "%"


def _unquote(text: str) -> str:
    return "" if text == "%" else text.replace("%20", " ").replace("%25", "%")
