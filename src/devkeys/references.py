"""References: `scheme://path?option=value#fragment`, a pointer to one value in a provider.

A reference and its text stand one for one. What could be written in two ways is written in
one, and everything else is an error: two texts never lead to one place. In a part of the
path `%`, `/`, `?`, `#` and blanks at its ends stand as `%25`, `%2F`, `%3F`, `%23`, `%20`;
everything else as it is.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

from devkeys.errors import UsageError

NO, MAY, MUST = "no", "may", "must"  # whether a reference has a fragment
_RESERVED = re.compile(r"[%/?#&]|^ | $")
_ESCAPED = re.compile(rb"%([0-9A-Fa-f]{2})")
_SCHEME = re.compile(r"[a-z][a-z0-9.-]*")
_CREDENTIAL = re.compile(r"(?!arn:)[^/?#]*:[^/?#:@]*@")  # user:password@; an ARN holds a name
_LIKE_CREDENTIAL = re.compile(r":[^/?#:@]*@")  # anywhere: not shown, whatever it is
_SECRET_OPTION = re.compile(r"token|secret|passw|pwd|api.?key|credential|session", re.IGNORECASE)


class Scheme(NamedTuple):
    """What is known of a provider's references without loading it.

    *title* is what users call the provider. *least* and *most* count the parts of a path;
    *rooted* paths may be absolute. *part* is what each part has to look like, *unfit* what is
    said of one that does not. *joint* is what stands between a profile's source and a
    variable's name. *remote* values may be kept for a time; variables whose names begin as
    *steered* decide who is asked for them. A provider that *prompts* is asked by one devkeys
    at a time.
    """

    title: str
    example: str
    least: int = 1
    most: int = 64
    fragment: str = NO
    options: tuple[str, ...] = ()
    rooted: bool = False
    part: str = ".*"
    unfit: str = "a part of it has a character that cannot stand there"
    joint: str = "/"
    remote: bool = False
    steered: tuple[str, ...] = ()
    prompts: bool = False


# For anything else 1Password wants the id. It takes away blanks at the ends.
_OP_PART = r"[A-Za-z0-9_.-](?:[A-Za-z0-9 _.-]*[A-Za-z0-9_.-])?"
_NO_SLASH = "[^/]+"  # where the server takes an encoded slash for one that parts
SCHEMES: Mapping[str, Scheme] = {
    "op": Scheme(
        "1Password",
        "op://vault/item/field",
        least=3,
        most=4,
        options=("account", "attribute", "ssh-format"),
        part=_OP_PART,
        unfit="1Password wants an id where a name has other characters",
        remote=True,
        steered=("OP_",),
        prompts=True,
    ),
    "bw": Scheme(
        "Bitwarden",
        "bw://item/field",
        least=2,
        most=2,
        remote=True,
        steered=("BW_", "BITWARDENCLI_", "RBW_"),
        prompts=True,
    ),
    "keychain": Scheme("the keychain", "keychain://service/account", least=2, most=2),
    "pass": Scheme("pass", "pass://team/chat#1", fragment=MAY, part=_NO_SLASH, prompts=True),
    "keepassxc": Scheme(
        "KeePassXC",
        "keepassxc://~/team.kdbx/Group/Entry#Password",
        least=2,
        fragment=MAY,
        options=("key-file",),
        rooted=True,
        joint="#",
        prompts=True,
    ),
    "vault": Scheme(
        "Vault",
        "vault://secret/team/chat#key",
        least=2,
        fragment=MUST,
        options=("namespace", "version"),
        part=_NO_SLASH,
        joint="#",
        remote=True,
        steered=("VAULT_", "BAO_"),
    ),
    "aws-sm": Scheme(
        "AWS Secrets Manager",
        "aws-sm://team/chat#key",
        fragment=MAY,
        options=("profile", "region"),
        rooted=True,
        part=r"[A-Za-z0-9_+=.@!:-]+",
        joint="#",
        remote=True,
        steered=("AWS_",),
    ),
    "aws-ssm": Scheme(
        "AWS Parameter Store",
        "aws-ssm:///team/chat/key",
        options=("profile", "region"),
        rooted=True,
        part="[A-Za-z0-9_.:-]+",
        remote=True,
        steered=("AWS_",),
    ),
    "sops": Scheme(
        "sops",
        "sops://secrets.enc.yaml#key",
        fragment=MUST,
        rooted=True,
        joint="#",
        prompts=True,
    ),
    "age": Scheme(
        "age", "age://team.env.age#NAME", fragment=MAY, rooted=True, joint="#", prompts=True
    ),
    "env": Scheme("the environment", "env://NAME", most=1, part="[A-Za-z_][A-Za-z0-9_]*"),
    "file": Scheme("a file", "file:///run/secrets/key", rooted=True),
}
# Of a program that somebody else wrote we know nothing; it reads its own references.
_FOREIGN = Scheme("", "NAME://path", fragment=MAY, rooted=True, remote=True, prompts=True)


class MalformedError(UsageError):
    """A text that is no reference; the message shows it only if it holds no credential."""


class Reference(NamedTuple):
    """One pointer, in parts without any encoding; `str` gives its one text.

    *path* starts with an empty part if it is absolute. *options* are sorted.
    """

    scheme: str
    path: tuple[str, ...]
    options: tuple[tuple[str, str], ...] = ()
    fragment: str | None = None

    def __str__(self) -> str:
        text = f"{self.scheme}://" + "/".join(_quote(part, "%/?#") for part in self.path)
        if self.options:
            pairs = (f"{name}={_quote(value, '%&#')}" for name, value in self.options)
            text += "?" + "&".join(pairs)
        return text if self.fragment is None else f"{text}#{_quote(self.fragment, '%#')}"

    def option(self, name: str) -> str | None:
        """Return the option *name*, or None."""
        return dict(self.options).get(name)


def scheme_of(text: str) -> str:
    """Return what stands before `://`."""
    return text.partition("://")[0]


def describe(scheme: str) -> Scheme:
    """Return what is known of *scheme*; of one that is not ours, that its program reads it."""
    return SCHEMES.get(scheme) or _FOREIGN._replace(title=scheme)


def parse(text: str) -> Reference:
    """Return the reference that *text* is; raise MalformedError unless it is one."""
    reference = _parts(text)
    known = describe(reference.scheme)
    count = len([part for part in reference.path if part or not known.rooted])
    if not known.least <= count <= known.most:
        raise _malformed(text, "it has too many parts" if count > known.most else "it is too short")
    if reference.fragment is None and known.fragment == MUST:
        raise _malformed(text, "it needs a #field")
    return reference


def parse_source(text: str) -> Reference:
    """Return the reference of what holds many values, an item or a path, which a name completes.

    Raise MalformedError unless *text* joined with a name is a reference.
    """
    if "#" in text[:-1]:
        raise _malformed(text, "what stands after # is a field, and a source has several")
    parse(join(text, "NAME"))
    bare = text.removesuffix("#")
    return _parts(bare if "?" in bare else bare.removesuffix("/"))


def source_of(single: Reference) -> Reference | None:
    """Return the item or path that *single* is one value of, None if it is of none."""
    rest = single._replace(fragment=None)
    if single.fragment is None:
        rest = single._replace(path=single.path[:-1])
    try:
        return parse_source(str(rest))
    except MalformedError:
        return None


def join(source: str, name: str) -> str:
    """Return the reference of the variable *name* in *source*, a profile's.

    A source that ends in `/` or `#` is completed by the name as it stands.
    """
    path, mark, options = source.partition("?")
    if source.endswith("#") or (path.endswith("/") and not mark):
        return source + name
    joint = describe(scheme_of(source)).joint
    if joint == "#":
        return f"{source}#{name}"
    return f"{path}{'' if path.endswith('/') else '/'}{name}{mark}{options}"


def _parts(text: str) -> Reference:
    scheme, mark, rest = text.partition("://")
    if not mark or not _SCHEME.fullmatch(scheme):
        raise MalformedError(
            "this is no reference: one looks like op://vault/item/field",
            hint="docs/providers.md has them all",
        )
    if _holds_credential(rest):
        raise MalformedError(
            f"this {scheme}:// reference holds a credential; it is not shown here",
            hint="take it out: the provider's own login, or [credentials] of config.toml, has it",
        )
    rest, mark, fragment = rest.partition("#")
    path, _, query = rest.partition("?")
    reference = Reference(
        scheme,
        tuple(_unquote(part, text) for part in path.split("/")),
        tuple(sorted(_options(query, scheme, text))) if query or "?" in rest else (),
        _unquote(fragment, text) if mark else None,
    )
    _check_parts(reference, text)
    if str(reference) != text:
        other = str(reference)
        if may_hold_credential(text) or may_hold_credential(other):
            raise _malformed(text, "it is not written in the one way that there is")
        raise _malformed(text, f"write it as {other}")
    return reference


def _check_parts(reference: Reference, text: str) -> None:
    known = describe(reference.scheme)
    parts = reference.path[1:] if known.rooted and reference.path[0] == "" else reference.path
    if not all(parts) or reference.fragment == "":
        raise _malformed(text, "a part of it is empty")
    if any(part in (".", "..") for part in parts):
        raise _malformed(text, "`.` and `..` lead to a place that has another name")
    if not all(re.fullmatch(known.part, part) for part in parts):
        raise _malformed(text, known.unfit)
    if reference.fragment is not None and known.fragment == NO:
        raise _malformed(text, "it can have no #")


def _options(query: str, scheme: str, text: str) -> list[tuple[str, str]]:
    options: dict[str, str] = {}
    allowed = describe(scheme).options
    for pair in query.split("&"):
        name, _, value = pair.partition("=")
        if scheme in SCHEMES and name not in allowed:
            raise _malformed(text, f"it can have {', '.join(allowed) or 'nothing'} after `?`")
        if not value or name in options:
            raise _malformed(text, "an option has no value, or stands twice")
        options[name] = _unquote(value, text)
    return list(options.items())


def _holds_credential(rest: str) -> bool:
    query = rest.partition("#")[0].partition("?")[2]
    names = [pair.partition("=")[0] for pair in query.split("&")]
    return bool(_CREDENTIAL.match(rest)) or any(map(_SECRET_OPTION.search, names))


def may_hold_credential(text: str) -> bool:
    """Say whether *text* has what may be a password, as URLs do; then it is not to be shown."""
    rest = text.partition("://")[2]
    for escaped, plain in (("%3A", ":"), ("%3a", ":"), ("%40", "@")):
        rest = rest.replace(escaped, plain)
    return bool(_LIKE_CREDENTIAL.search(rest)) or _holds_credential(rest)


def _quote(part: str, reserved: str) -> str:
    if not _RESERVED.search(part):  # as nearly all of them
        return part
    body = "".join(f"%{ord(char):02X}" if char in reserved else char for char in part)
    inner = body.strip(" ")
    before = len(body) - len(body.lstrip(" "))
    return "%20" * before + inner + "%20" * (len(body) - len(inner) - before)


def _unquote(part: str, text: str) -> str:
    plain = part
    if "%" in part:
        # Not urllib: it imports half of the network's modules, and every run would wait for them.
        try:
            data = _ESCAPED.sub(lambda found: bytes.fromhex(found[1].decode()), part.encode())
            plain = data.decode()
        except UnicodeError:
            plain = "\0"
    if not plain.isprintable():
        raise _malformed(text, "it has characters that cannot be printed")
    return plain


def _malformed(text: str, reason: str) -> MalformedError:
    known = describe(scheme_of(text))
    shown = "".join(char if char.isprintable() else "?" for char in text)
    if may_hold_credential(text):
        shown = "what looks like a credential, and is not shown here,"
    return MalformedError(
        f"{shown} is no reference of {known.title}: {reason}",
        hint=f"such as {known.example}; docs/providers.md has them all",
    )
