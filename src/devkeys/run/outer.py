"""What an outer `devkeys run` put into this environment, by the mark that it left.

On the way of a `run` inside a `run`, and imported only there.
"""

from devkeys import bootstrap
from devkeys.fingerprint import tag, tag_key
from devkeys.run import marker, stored

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from devkeys.plan import Plan
    from devkeys.session import Session

DIGITS = 18  # of a generation, at most; Python refuses to read thousands


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
            if name in environ and tag(marker.to_bytes(environ[name]), key) == expected
        ]


def own_environment(
    session: "Session", plan: "Plan", key: bytes, seen: "Mapping[str, int] | None" = None
) -> tuple[dict[str, str], dict[str, int]]:
    """Return the caller's environment without what another `run` put there, and what it may keep.

    An outer `run` of the same project, profile, plan and state of the store has put the
    right values there already: those are the second part, each with its generation, and
    nothing is asked for them. *seen* are the store's counters, for whoever knows them already.
    """
    environ = dict(session.environ)
    mark = read(environ)
    environ.pop(marker.VARIABLE, None)
    if mark is None:
        return environ, {}
    injected = mark.injected(environ, key)
    same_plan = (mark.project, mark.profile, mark.plan) == (plan.project, plan.profile, plan.key)
    if seen is None:
        seen = stored.counters(session, plan)
    if same_plan and mark.counters == stored.text_of(seen):
        return environ, {name: mark.generations[name] for name in injected}
    for name in injected:
        del environ[name]
    return environ, {}


def callers_environment(session: "Session") -> dict[str, str]:
    """Return the caller's environment without anything that an outer `run` put there.

    This is what providers get: a repository's declared default is not to say which server,
    or which account, is asked.
    """
    environ = dict(session.environ)
    mark = read(environ)
    for own in (marker.VARIABLE, *bootstrap.OWN):
        environ.pop(own, None)
    if mark is not None:
        for name in mark.injected(environ, tag_key(session.state_dir)):
            del environ[name]
    return environ


def read(environ: "Mapping[str, str]") -> Marker | None:
    """Return the mark in *environ*; None if there is none or it is not one of ours."""
    parts = environ.get(marker.VARIABLE, "").split(" ")
    if len(parts) < 5 or parts[0] != marker.FORMAT:
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


def _unquote(text: str) -> str:
    return "" if text == "%" else text.replace("%20", " ").replace("%25", "%")
