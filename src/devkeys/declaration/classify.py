"""Which variables are secret, which are wanted, and what a child gets when nothing is found."""

import re
from typing import NamedTuple

from devkeys.declaration import Declaration, DeclarationFile
from devkeys.declaration.decorator_values import is_true
from devkeys.declaration.families import family_of, mark_offered, shared_first_words
from devkeys.declaration.placeholders import is_placeholder
from devkeys.declaration.references import find_reference, is_ours
from devkeys.declaration.templates import in_order, literal, names_in
from devkeys.errors import DeclarationError
from devkeys.names import is_public_name, is_secret_name

_URL_PASSWORD = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,40}://[^\s/?#@:]*:[^\s/?#@]+@")
_PAIR_PASSWORD = re.compile(
    r"(?:^|[;&?\s])(?:password|pwd|passwd|accountkey|sharedaccesskey|api_?key|access_token)"
    r"\s?=\s?[^\s;&]",
    re.IGNORECASE,
)


class Variable(NamedTuple):
    """One variable as the rest of devkeys sees it.

    *wanted*: a run without a value for it fails. *offered*: `init` asks, Enter passes.
    *default* is what the child gets when nothing else is found, as `cp .env.example .env`
    would give it; None where that is nothing (a placeholder, a reference, commented out).
    *placeholder* is the example to show at the prompt. A *template*'s default still holds
    its `${NAME}`. A root decorator that decided stands among *decorators*.
    """

    name: str
    secret: bool
    wanted: bool
    offered: bool
    default: str | None
    placeholder: str | None
    reference: str | None
    template: bool
    family: str
    description: str
    decorators: dict[str, str]
    line: int
    commented: bool

    @property
    def asked(self) -> bool:
        """Whether `init` asks for it: not what devkeys generates or a reference gives."""
        return self.wanted and self.reference is None and "generate" not in self.decorators


def classify(file: DeclarationFile, overlay: DeclarationFile | None = None) -> tuple[Variable, ...]:
    """Return the variables of *file*, those of *overlay* (a profile's own file) in their place.

    Raises DeclarationError for templates that need each other in a circle.
    """
    declared = {declaration.name: (file, declaration) for declaration in file.declarations}
    for declaration in overlay.declarations if overlay else ():
        if not declaration.commented or declaration.name not in declared:
            declared[declaration.name] = (overlay or file, declaration)
    shared = shared_first_words(declared)
    variables = {
        name: _variable(source, declaration, family_of(name, shared))
        for name, (source, declaration) in declared.items()
    }
    _refuse_circles(variables, declared)
    _spread_secrecy(variables)
    blocks = {name: (source.path, d.block) for name, (source, d) in declared.items()}
    optional = {name for name, (_, d) in declared.items() if d.optional}
    return mark_offered(tuple(variables.values()), blocks, optional)


def _variable(file: DeclarationFile, declaration: Declaration, family: str) -> Variable:
    value = declaration.default
    decorators = dict(declaration.decorators)
    reference = _reference(file, declaration, decorators)
    secret = _is_secret(file, declaration, decorators, reference)
    template = declaration.quote != "'" and bool(value and names_in(value))
    text = literal(value) if template and value else value or ""
    stands_in = reference is None and (
        is_placeholder(declaration.name, text, secret=secret)
        or is_placeholder(declaration.name, value or "", secret=False)
    )
    nothing = declaration.commented or stands_in or reference is not None
    return Variable(
        name=declaration.name,
        secret=secret,
        wanted=_is_wanted(file, declaration, decorators, secret=secret, stands_in=stands_in)
        or (reference is not None and not declaration.commented and not _opted_out(decorators)),
        offered=False,
        default=None if nothing or (not value and "generate" in decorators) else value,
        placeholder=decorators.get("example") or (value if stands_in else None),
        reference=None if declaration.commented else reference,
        template=template and not nothing,
        family=family,
        description=declaration.description,
        decorators=decorators,
        line=declaration.line,
        commented=declaration.commented,
    )


def _reference(
    file: DeclarationFile, declaration: Declaration, decorators: dict[str, str]
) -> str | None:
    reference = find_reference(declaration.default or "")
    if reference is None:
        return None
    template = declaration.quote != "'" and bool(names_in(reference))
    ordinary = decorators.get("sensitive") == "false" or "public" in decorators
    if not is_ours(reference) and (ordinary or template or decorators.get("type") == "url"):
        return None
    if "<" in reference or "..." in reference:
        return None
    if template:
        raise DeclarationError(
            f"{file.path}:{declaration.line}: a reference cannot hold ${{...}}",
            hint=f"write the whole reference of {declaration.name}",
        )
    return reference


def _is_secret(
    file: DeclarationFile,
    declaration: Declaration,
    decorators: dict[str, str],
    reference: str | None,
) -> bool:
    if "sensitive" in decorators:
        return is_true(decorators["sensitive"])
    if "public" in decorators:
        return not is_true(decorators["public"])
    if reference is not None or holds_password(declaration.default or ""):
        return True
    by_name = is_secret_name(declaration.name) or "generate" in decorators
    root = dict(file.decorators).get("defaultSensitive")
    if root in ("true", ""):
        return not is_public_name(declaration.name)
    if root == "false" and by_name:
        # What makes a secret public is to be seen by consent.
        decorators["sensitive"] = "false"
        return False
    return by_name


def holds_password(value: str) -> bool:
    """Say whether *value* is or holds a URL or a connection string with a password in it."""
    if "PRIVATE KEY-----" in value:
        return True
    return bool(_URL_PASSWORD.search(value) or _PAIR_PASSWORD.search(value))


def _opted_out(decorators: dict[str, str]) -> bool:
    if "required" in decorators:
        return not is_true(decorators["required"])
    return "optional" in decorators and is_true(decorators["optional"])


def _is_wanted(
    file: DeclarationFile,
    declaration: Declaration,
    decorators: dict[str, str],
    *,
    secret: bool,
    stands_in: bool,
) -> bool:
    if "required" in decorators or "optional" in decorators:
        return not _opted_out(decorators)
    if declaration.commented:
        return False
    if "generate" in decorators and not declaration.default:
        return True
    lacking = stands_in or not declaration.default
    root = dict(file.decorators).get("defaultRequired")
    if root in ("true", "", "false"):
        return lacking and root != "false"
    return stands_in or (lacking and secret and not declaration.optional)


def _refuse_circles(
    variables: dict[str, Variable], declared: dict[str, tuple[DeclarationFile, Declaration]]
) -> None:
    needs = {v.name: names_in(v.default or "") for v in variables.values() if v.template}
    circle = in_order(needs)[1]
    if circle:
        file, declaration = declared[circle[0]]
        raise DeclarationError(
            f"{file.path}:{declaration.line}: {', '.join(circle)} need each other's values",
            hint="write one of them without ${...}",
        )


def _spread_secrecy(variables: dict[str, Variable]) -> None:
    """Mark what a secret fills as a secret, whatever its own decorators say."""
    needs = {v.name: names_in(v.default or "") for v in variables.values() if v.template}
    for name in in_order(needs)[0]:
        if any(other in variables and variables[other].secret for other in needs[name]):
            variables[name] = variables[name]._replace(secret=True)
