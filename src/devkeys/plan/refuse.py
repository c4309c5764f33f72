"""What a declaration may not say, refused before anything follows from it."""

from collections.abc import Iterable

from devkeys import references
from devkeys.consent.asks import reference_of
from devkeys.declaration import DeclarationFile
from devkeys.declaration.classify import Variable as Declared
from devkeys.errors import DeclarationError
from devkeys.project.user import User
from devkeys.steering import steers


def steering(
    declared: Iterable[Declared],
    user: User,
    main: DeclarationFile,
    overlay: DeclarationFile | None,
) -> None:
    """Refuse names that decide which programs run, before their values reach anything."""
    overlaid = {declaration.name for declaration in overlay.declarations} if overlay else set()
    for variable in declared:
        gives = variable.default or variable.reference or variable.wanted or variable.secret
        if gives and steers(variable.name) and variable.name not in user.allow_names:
            file = overlay if overlay and variable.name in overlaid else main
            raise DeclarationError(
                f"{file.path}:{variable.line}: {variable.name} steers which programs or code run, "
                "so a repository may not set it",
                hint=f'remove the line, or write allow_names = ["{variable.name}"] '
                f"into {user.path}",
            )


def references_in(
    declared: Iterable[Declared], path: str, source: str | None, configured: str | None
) -> None:
    """Refuse malformed references before anything shows them or follows one.

    So are two names that differ only in case, in one source: many providers look neither
    at the case of a name nor at which of two was meant.
    """
    names: dict[str, str] = {}
    for variable in declared:
        reference = reference_of(variable, source)
        if reference is None or references.scheme_of(reference) not in references.SCHEMES:
            continue
        place = f"{path}:{variable.line}" if variable.reference else f"{configured}, source"
        try:
            if source is not None and variable.reference is None:
                references.parse_source(source)
            references.parse(reference)
        except references.MalformedError as error:
            raise DeclarationError(f"{place}: {error}", hint=error.hint) from None
        other = names.setdefault(variable.name.lower(), variable.name)
        if variable.reference is None and other != variable.name:
            raise DeclarationError(
                f"{place}: {other} and {variable.name} would be read from one place",
                hint="give one of them a reference of its own",
            )
