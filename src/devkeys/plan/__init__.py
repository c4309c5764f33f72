"""What `run` has to do, compiled from every input so that nothing is parsed again.

On the way of `run`: a plan is built from the tuples that `marshal` gives back.
"""

SECRET = 1  # kept in the store, never shown
WANTED = 2  # `run` fails without a value
AGREED = 4  # the user agreed that the store and a provider may be asked for it
AS_FILE = 8  # the child gets a path, not the value

DEFAULT_PROFILE = "dev"

TYPE_CHECKING = False
if TYPE_CHECKING:
    # Pieces of a default: (text, "") as it stands, (fallback, name) to be filled.
    Template = tuple[tuple[str, str], ...]


class Variable:
    """One declared variable, as `run` needs it.

    *default* is what the child gets when nothing else is found; None leaves it unset.
    *template* is a default with `${NAME}` in it, in pieces, or None. *generate* says how a
    value is made where there is none: `hex(32)`.
    """

    __slots__ = ("default", "flags", "generate", "name", "reference", "template")

    def __init__(
        self,
        name: str,
        flags: int,
        default: str | None,
        reference: str | None,
        template: "Template | None",
        generate: str | None,
    ) -> None:
        self.name = name
        self.flags = flags
        self.default = default
        self.reference = reference
        self.template = template
        self.generate = generate


class Plan:
    """Everything that `run` needs to know about a project in a profile.

    *key* is a digest of all that it was compiled from. *stores* are the projects whose
    values count, own first. *scopes* maps a scope to its names. *wait* is how many
    seconds a provider may take, or a keychain without a terminal. *confirm* takes no
    differing exported value unasked. *cache* is how many seconds remote values are kept.
    """

    __slots__ = (
        "cache",
        "confirm",
        "key",
        "profile",
        "project",
        "scopes",
        "stores",
        "variables",
        "wait",
    )

    def __init__(
        self,
        key: str,
        project: str,
        profile: str,
        stores: tuple[str, ...],
        variables: tuple[Variable, ...],
        scopes: dict[str, tuple[str, ...]],
        wait: float,
        confirm: bool,
        cache: int,
    ) -> None:
        self.key = key
        self.project = project
        self.profile = profile
        self.stores = stores
        self.variables = variables
        self.scopes = scopes
        self.wait = wait
        self.confirm = confirm
        self.cache = cache


def option(profile: str) -> str:
    """Return what a suggested command needs for *profile*: nothing for the default one."""
    return "" if profile == DEFAULT_PROFILE else f" -p {profile}"
