"""`keepassxc://database/group/entry[#attribute]`: entries of a KeePass database, a file.

    program    starting `keepassxc-cli`        database    what it exports

The attribute is `Password` unless said. Group and title are as in KeePassXC, with `%2F` for
a slash in one of them; what lies in the recycle bin does not count.
"""

import os
import shlex
from collections.abc import Mapping, Sequence

from devkeys.providers import Answer, Diagnosis, localfile
from devkeys.providers.caller import Caller
from devkeys.providers.errors import DeniedError, ProviderError
from devkeys.providers.keepassxc import database
from devkeys.providers.keepassxc.program import Cli, Place, split
from devkeys.references import Reference
from devkeys.secret import Secret

_PASSWORD = "Password"  # noqa: S105  # an attribute's name


class KeePassXC:
    """Databases, each opened once for all of its references."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        self._cli = Cli(caller)

    def get_many(self, asked: Sequence[Reference]) -> Mapping[Reference, Answer]:
        """Return the attributes of entries."""
        answers: dict[Reference, Answer] = {}
        places: dict[Place, list[Reference]] = {}
        for reference in asked:
            try:
                places.setdefault(split(self._caller, reference)[0], []).append(reference)
            except ProviderError as error:
                answers[reference] = error
        for place, inside in places.items():
            try:
                contents = self._cli.contents(place)
            except ProviderError as error:
                answers |= dict.fromkeys(inside, error)
            else:
                answers |= {one: self._value(contents, one) for one in inside}
        return answers

    def _value(self, contents: database.Contents, reference: Reference) -> Answer:
        try:
            entry = database.find(contents.entries, split(self._caller, reference)[1])
            found = None if entry is None else database.value(entry, _attribute(reference))
        except ProviderError as error:
            return error
        return None if found is None else Secret(found)

    def get_all(self, source: Reference) -> Mapping[str, Secret] | None:
        """Return all attributes of an entry that hold something, but for its title."""
        place, path = split(self._caller, source)
        entry = database.find(self._cli.contents(place).entries, path)
        if entry is None:
            return None
        values = {name: database.value(entry, name) for name in entry.attributes if name != "Title"}
        return {name: Secret(value) for name, value in values.items() if value}

    def check_writable(self, reference: Reference) -> None:
        """Refuse all but passwords: keepassxc-cli takes the rest where all can see it.

        The database is opened, so that its password is asked for before the value is.
        """
        place, path = self._writable(reference)
        database.find(self._cli.contents(place).entries, path)

    def _writable(self, reference: Reference) -> tuple[Place, tuple[str, ...]]:
        """Return database and entry; raise DeniedError for what no database can be given."""
        place, path = split(self._caller, reference)
        if _attribute(reference) != _PASSWORD:
            raise DeniedError(
                "keepassxc-cli takes no attribute but the password without showing it to all",
                hint="set it in KeePassXC, or write the reference without #",
            )
        if any("/" in part for part in path):
            raise DeniedError(
                "keepassxc-cli takes a slash in a title for the end of a group",
                hint="set it in KeePassXC",
            )
        self._cli.check()
        if not localfile.is_there(place.path) or not os.access(place.path, os.W_OK):
            raise DeniedError(
                f"{place.path} is no database that can be written to",
                hint=f"keepassxc-cli db-create -p {shlex.quote(place.path)}",
            )
        return place, path

    def set(self, reference: Reference, secret: Secret) -> None:
        """Put the password there; make the entry, and its groups, if there is none."""
        place, path = self._writable(reference)
        text = _line(secret)
        contents = self._cli.contents(place)
        if database.find(contents.entries, path) is not None:
            self._cli.run(place, "edit", "--password-prompt", _words(path), line=text)
        else:
            for count in range(1, len(path)):
                if path[:count] not in contents.groups:
                    self._cli.run(place, "mkdir", _words(path[:count]))
            self._cli.run(place, "add", "--password-prompt", _words(path), line=text)
        kept = database.find(self._cli.contents(place).entries, path)
        if kept is None or kept.attributes.get(_PASSWORD) != text:
            raise DeniedError(
                f"keepassxc-cli keeps what was put into {reference} in another form",
                hint="set it in KeePassXC",
            )

    def delete(self, reference: Reference) -> bool:
        """Put the entry into the recycle bin, if it holds nothing but a password."""
        place, path = self._writable(reference)
        entry = database.find(self._cli.contents(place).entries, path)
        if entry is None:
            return False
        if not database.is_bare(entry):
            raise DeniedError(
                f"{reference} is in an entry that holds more than its password",
                hint="delete it in KeePassXC",
            )
        self._cli.run(place, "rm", _words(path))
        return True

    def diagnose(self, asked: Sequence[Reference]) -> Diagnosis:
        """Return the program's version, and which of the databases are there."""
        try:
            version = self._cli.version()
        except ProviderError as error:
            return Diagnosis(error=error)
        return Diagnosis(version=version, readable={one: self._readable(one) for one in asked})

    def _readable(self, reference: Reference) -> bool | None:
        """Return False if its database cannot be read; what is in one its password tells."""
        try:
            place, _ = split(self._caller, reference)
        except ProviderError:
            return False
        is_readable = os.path.isfile(place.path) and os.access(place.path, os.R_OK)
        return None if is_readable else False


def _attribute(reference: Reference) -> str:
    return reference.fragment or _PASSWORD


def _words(path: tuple[str, ...]) -> str:
    # Without the first slash it takes an entry of that title in any group.
    return "/" + "/".join(path)


def _line(secret: Secret) -> str:
    """Return a value as keepassxc-cli takes it; raise DeniedError if it cannot."""
    try:
        text = secret.reveal().decode()
    except UnicodeDecodeError:
        text = "\0"
    if any(char < " " and char != "\t" for char in text):
        raise DeniedError(
            "keepassxc-cli takes one line of text, without control characters",
            hint="set it in KeePassXC",
        )
    return text
