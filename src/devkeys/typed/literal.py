"""Whether what stands behind a name is a value itself, or only says where one is."""

import os
import re

from devkeys.typed.values import Value, looks_random

_TRIVIAL = (
    frozenset(
        ("true", "false", "yes", "no", "on", "off", "null", "none", "nil", "undefined", "empty")
    )
    | frozenset(("enabled", "disabled"))
    | frozenset("01-.*?!@$^[{=")
    | {"==", ":=", "+=", "=>", "[^"}
    | {"/d", "/p", "/!d"}  # sed '/KEY=/d'
)
# How no value begins, and none that is not in quotes.
_NEVER = r"""\s+[]=~>)(;|&<"$`\\-]|\\`|\$\{[^}]*$"""
_NOT_BARE = r"[]>)]|[=~](?![A-Za-z0-9])"
_PROPERTY = r"(?:[.:][A-Za-z_]\w*)*"
# A value that is nothing but this holds no secret itself.
_EXPANSION = rf"""(?<!\\)(?: \$\{{[^{{}}]{{0,500}}\}} | \$\([^()]{{0,500}}\) | `[^`]{{0,500}}`
    | \{{\{{[^{{}}]{{0,500}}\}}\}} | \$(?:env[.:]|E:)?[A-Za-z_]\w*{_PROPERTY}
    | \$[0-9@*\#?!$-] ) | %[A-Za-z_]\w*% | \{{\$[\w.:]+\}}"""
_LATER = r"\\?\$[A-Z_][A-Z0-9_]*|\$\{[^}]*\}|\$\(.*\)|`.*`|\{\{.*\}\}"
_DOLLAR_WITHIN = r"[A-Za-z0-9](?:\$[a-z0-9$]|\\\$)|^\\\$[a-z0-9]"
_SCHEME_WORDS = r"(?i)\b(?:bearer|basic|token|apikey|digest)\b"
_RUN = r"[A-Za-z0-9+/_-]{6,}"
_CODE = r"[A-Za-z_][\w.]*[(\[]$|[A-Za-z_][\w.]*\[[\w.$]+\]$|@\($"
_REGEX_PARTS = (
    r"\.[*+]\??|\[\^[^\]\s]{1,40}\]|\[[^\]\s]{0,20}[A-Za-z0-9]-[A-Za-z0-9][^\]\s]{0,20}\]"
    r"|\[[^\]\s]{1,40}\][*+?]|\\[SwdDsb][*+?]?|\(\?[:=!<]*|\*{3,}"
)
_SYMBOLS = frozenset('!#$%^&*+~?@|;,"`=()[]{}')
_IN_URL = r"[A-Za-z][\w+.-]{0,30}://[^/\s:@]{0,200}:([^/\s]*)@"
_NEAR_PATH = r"(?:~|\.{1,2})[\\/]|[A-Za-z]:\\|file://"
_FAR_PATH = r"""/(?:etc|usr|home|var|opt|tmp|run|srv|mnt|media|root|dev|proc|sys|private|Users
    |Volumes|Library|Applications|System|nix|data|app|apps|workspaces?|src|code|secrets|certs|keys|config
    |build|github|path|bin|lib|boot|snap|vault)(?:/[\w.@+\#%=-]+)+/?"""
_FILE = (
    r"@[\w./~-]+\.\w{1,5}|[\w.-]{1,80}\.(?:pem|key|pub|crt|cer|der|csr|p12|pfx|jks|asc|gpg|age|enc|env"
    r"|json|ya?ml|toml|ini|cfg|txt)"
)
_ADDRESS = r"(?!http)[a-z][a-z0-9+.:-]{0,40}://[\w.-]*(?::\d{1,5})?(?:/[\w./-]*)?"
_ASKS_FOR = r"(?i)key|token|secret|passw|here|your|change|replace|fill|insert|todo|\.\.\."


def is_literal(name: str, value: Value) -> bool:
    """Say whether *value*, given to *name*, is what has to be kept out of sight."""
    text = value.text.strip()
    if not text or text.lower() in _TRIVIAL or text.lower() == name.lower():
        return False
    if _begins_as_none(value, text):
        return False
    if value.quote != "'":
        if re.search(_DOLLAR_WITHIN, text) and "://" not in text:
            return True
        if re.search(_EXPANSION, text, re.VERBOSE):
            return _is_literal_beside_variables(text)
    tells_where = _is_reference(text) or is_path(text) or _is_address(name, text)
    return not (tells_where or _is_pattern(text) or _is_placeholder(name, text))


def _begins_as_none(value: Value, text: str) -> bool:
    if not text.strip("\\\"'"):
        return True
    if value.quote == "'":
        return bool(re.fullmatch(_LATER, text, re.DOTALL))
    if re.match(_NEVER, value.text) or (not value.quote and re.match(_NOT_BARE, value.text)):
        return True
    if text.startswith(("$(", "`", "{{")) or (value.quote == "f" and text.startswith("{")):
        return True
    is_code = text.startswith(("(", "<(", "@$(", "^(")) or re.match(_CODE, text)
    return not value.quote and bool(is_code)


def _is_literal_beside_variables(text: str) -> bool:
    rest = re.sub(_EXPANSION, "", text, flags=re.VERBOSE)
    password = re.match(_IN_URL, rest)
    if password:
        return bool(password[1])
    if "://" in rest or re.match(r"\$\{?[\w.:]+\}?[/\\]", text):
        return False  # $HOME/.ssh/key
    runs = re.findall(_RUN, re.sub(_SCHEME_WORDS, "", rest))
    return any(looks_random(run) or len(run) >= 20 for run in runs)


def _is_reference(text: str) -> bool:
    if ":" not in text:
        return False
    from devkeys import references

    return references.scheme_of(text) in references.SCHEMES or text.startswith("secretref:")


def _is_pattern(text: str) -> bool:
    rest = re.sub(_REGEX_PARTS, "", text)
    return rest != text and not looks_random(rest) and len(rest) < 12


def is_path(text: str) -> bool:
    """Say whether *text* names a file: one that exists, or one that is written as such."""
    if re.match(_NEAR_PATH, text) or re.fullmatch(_FAR_PATH, text, re.VERBOSE):
        return True
    if re.fullmatch(_FILE, text):
        return True
    if len(text) > 4096 or "\0" in text or not ("." in text or "/" in text):
        return False
    return _is_there(text)


def _is_there(path: str) -> bool:
    """Say whether there is such a file, by what directories list.

    Whoever serves the files must not be asked for what may be a password.
    """
    place = os.sep if path.startswith(os.sep) else os.curdir
    for part in path.split(os.sep):
        try:
            if part not in ("", os.curdir, os.pardir) and part not in os.listdir(place):
                return False
        except OSError:
            return False
        place = os.path.join(place, part)
    return True


def _is_address(name: str, text: str) -> bool:
    """Say whether *text* is where a database is, and has no password in it."""
    if not name.upper().endswith(("URL", "URI", "DSN")) or not re.fullmatch(_ADDRESS, text):
        return False
    return not any(map(looks_random, re.split("[/:.]", text)))


def _is_placeholder(name: str, text: str) -> bool:
    if any(char.isspace() for char in text) and not re.search(_ASKS_FOR, text):
        return False  # a passphrase
    if len(_SYMBOLS.intersection(text)) > 3:
        return False  # a generated password
    from devkeys.declaration.placeholders import is_placeholder

    return is_placeholder(name, text, secret=True)
