"""The mark that `run` leaves in a child's environment; on the way of `run`.

It says, without a value, which names were put there, for which project, profile and plan.
A `run` inside a `run` knows from it which variables are the environment's own: see `outer`.
"""

from devkeys.fingerprint import tag

VARIABLE = "DEVKEYS_RUN"
FORMAT = "1"

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from devkeys.plan import Plan


def write(
    plan: "Plan", counters: str, tags: "Mapping[str, str]", generations: "Mapping[str, int]"
) -> str:
    """Return the text of VARIABLE.

    *counters* is the state of the store that *plan* was filled from; *tags* maps each name
    to the keyed tag of its value, *generations* to its generation.
    """
    names = [f"{name}={tag}={generations.get(name, 0)}" for name, tag in tags.items()]
    head = [FORMAT, _quote(plan.project), _quote(plan.profile), plan.key, counters]
    return " ".join(head + names)


def tags_of(environ: "Mapping[str, str]", names: list[str], key: bytes) -> dict[str, str]:
    """Return the tag of each of *names* by its value in *environ*."""
    return {name: tag(to_bytes(environ[name]), key) for name in names}


def to_bytes(text: str) -> bytes:
    """Return a variable's text as the bytes it stands for."""
    return text.encode("utf-8", "surrogateescape")


def _quote(text: str) -> str:
    return text.replace("%", "%25").replace(" ", "%20") or "%"
