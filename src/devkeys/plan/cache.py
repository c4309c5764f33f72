"""The compiled plan on disk: deletable, verified before it is parsed, rebuilt when in doubt.

`marshal` is the only format that costs nothing to import. It accepts damaged data without
a word, so a plan is read only after its digest, which the consent record holds, was found
to be right.
"""

import marshal
import os
import sys

from devkeys import VERSION, files
from devkeys.fingerprint import digest
from devkeys.plan import Plan, Variable
from devkeys.project.find import DECLARATION

FORMAT = 2

TYPE_CHECKING = False
if TYPE_CHECKING:
    # A file that a plan was compiled from, with its digest; None where there was no file.
    Input = tuple[str, str | None]


def path_of(state_dir: str, location: str) -> str:
    """Return where the plan of *location* is kept; one digest names it and no other."""
    return os.path.join(state_dir, "plans", location)


def locate(directory: str, profile: str, named: str) -> str:
    """Return the name of the plan for what is asked: the place, the profile, the file.

    *named* is the file given with --file, or empty. What the declaration file holds is
    part of it, so that each branch of a checkout keeps its own plan.
    """
    declaration = files.read_regular(named or os.path.join(directory, DECLARATION))
    return digest(
        f"{VERSION} {sys.hexversion:x}".encode(),  # marshal's format is Python's own
        os.fsencode(directory),
        os.fsencode(profile),
        os.fsencode(named),
        b"" if declaration is None else b"=" + declaration,
    )


def input_of(path: str) -> "Input":
    """Return the file at *path* with the digest of what it holds now."""
    data = files.read_regular(path)
    return path, None if data is None else digest(data)


def read(path: str, expected: str) -> Plan | None:
    """Return the plan in the file *path* if it is whole and its inputs are as they were."""
    data = files.read_regular(path, limit=1 << 24, follow=False)
    if data is None or digest(data) != expected:
        return None
    try:
        return _parse(data)
    except (ValueError, TypeError, LookupError, EOFError):
        return None  # written whole by a devkeys that writes plans in another way


def _parse(data: bytes) -> Plan | None:
    number, version, inputs, fields = marshal.loads(data)  # noqa: S302  # its digest was right
    if number != FORMAT or version != VERSION:
        return None
    for known in inputs:
        if input_of(known[0]) != known:
            return None
    key, project, profile, stores, variables, scopes, wait, confirm, kept = fields
    return Plan(
        key,
        project,
        profile,
        stores,
        tuple([Variable(*variable) for variable in variables]),
        scopes,
        wait,
        confirm,
        kept,
    )


def write(path: str, plan: Plan, inputs: "tuple[Input, ...]") -> str:
    """Keep *plan* in the file *path* and return the digest by which `read` will know it."""
    variables = tuple(
        (v.name, v.flags, v.default, v.reference, v.template, v.generate) for v in plan.variables
    )
    fields = (
        plan.key,
        plan.project,
        plan.profile,
        plan.stores,
        variables,
        plan.scopes,
        plan.wait,
        plan.confirm,
        plan.cache,
    )
    from devkeys import atomic

    data = marshal.dumps((FORMAT, VERSION, inputs, fields))
    atomic.make_private_dir(os.path.dirname(path))
    atomic.write(path, data)
    return digest(data)
