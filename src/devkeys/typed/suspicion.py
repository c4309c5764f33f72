r"""What the shells' hooks look for before they ask anybody: a wide net, of built-ins only.

The files in `shell/` hold these tables and patterns in each shell's own words, and tests hold
each of them to this module, line by line of a table: what is suspicious here is so there.
Whatever `judge` finds has to be suspicious: that is the law that keeps a secret out of the
history even where devkeys itself cannot be started.

All is compared in lower case, but for the rules' keywords. The patterns use nothing that POSIX
extended expressions lack: no look-around, no `\b`, no lazy repetition.
"""

import re
from collections.abc import Collection

from devkeys.scan import rules


def _table(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# Parts of names that are secret, wherever they stand in the name ...
PARTS = _table(
    """key token secret pass pwd cred dsn salt pepper psk hmac cookie webhook bearer jwt mnemonic
    bindpw connection_string conn_string connectionstring service_account_json recovery_codes
    seed_phrase basic_auth browser_auth session ksm_config"""
)
# ... and words that are so as a whole.
WORDS = _table("pw iv pat sas")
# The names of databases, before URL or URI.
DATABASES = _table(
    """database db redis mongo mongodb postgres postgresql pg mysql mariadb sqlalchemy amqp rabbitmq
    cloudamqp broker jdbc cloudinary smtp email mail mailer valkey"""
)
# Programs of which every call is looked at, whatever follows their name ...
PROGRAMS = _table(
    """mysql mariadb mycli sshpass redis-cli valkey-cli mongo ldap smbclient rpcclient smbget 7z rar
    unrar zip unzip mosquitto_ sqlcmd bcp htpasswd openssl xfreerdp wlfreerdp security rclone nmcli
    wpa_passphrase lftp sqlplus"""
)
# ... those that log in, those that speak HTTP, and those that keep secrets elsewhere.
LOGINS = _table("docker podman nerdctl buildah skopeo helm oras crane az twine")
CLIENTS = _table("curl http https xh xhs")
KEEPERS = _table("gh vault bao doppler infisical fly flyctl")
# What takes a secret from its input.
SINKS = _table(
    """devkeys sudo gh wrangler vercel docker podman chpasswd passwd pass gopass passage secret-tool
    gcloud"""
)
LONGEST = 16384  # characters; a longer command is suspicious for its length

_any = "|".join
_TAIL = "[a-z0-9_-]*"
_NAMES = (
    rf"(?:(?:{_any(PARTS)}){_TAIL}|(?:^|[^a-z0-9])(?:{_any(WORDS)})(?:_{_TAIL})?"
    rf"|(?:{_any(DATABASES)})_ur[il]s?{_TAIL})"
)
_CLOSE = "[\"'`\\\\]*[])}]*[ \t]*"
# A value's first character, past a double quote; or a variable with text behind it. What begins
# with a command or is a variable alone is no value.
_QUOTES = '[ \t\n\\\\"@]*'
_VALUE = (
    '(?:[^]=~>) \t\n"$`(;|&<\\\\-]|[$]["\']'
    "|[$][{]?[a-z_][a-z0-9_.:]*[}]?[^] \t\n\"';|&)}a-z0-9_.:])"
)
# NAME=value, NAME: value, "name": "value"
ASSIGNED = re.compile(rf"{_NAMES}{_CLOSE}(?:=|:){_QUOTES}(?:{_VALUE}|-)")
# set NAME value, --token value
FOLLOWED = re.compile(
    rf"(?:(?:^|[^a-z0-9_])(?:set|setenv|set-env|setx|put|add)[ \t][^;|&\n]*"
    rf"|(?:^|[^a-z0-9_])-{_TAIL}){_NAMES}[\"']?[ \t]{_QUOTES}{_VALUE}"
)
# Authorization: ..., Bearer ...
HEADER = re.compile(r"authorization|bearer[ \t]|cookie:")
# scheme://user:password@host, scheme://token@host
URL = re.compile(r"://[^/ \t\n\"'<>]*@")
# mysql -p..., docker login -p ..., curl -u user:password, vault kv put path name=value
PROGRAM = re.compile(
    rf"(?:^|[^a-z0-9_.-])(?:(?:{_any(PROGRAMS)})[a-z0-9_.-]*[ \t]"
    rf"|(?:{_any(LOGINS)})[ \t][^;|&\n]*(?:login|upload)"
    rf"|(?:{_any(CLIENTS)})[ \t](?:[^;|&\n]*[ \t])?-(?:-[a-z-]*user|-auth|[a-z]*[ua])"
    rf"|(?:{_any(KEEPERS)})[ \t][^;|&\n]*(?:secret|=))"
)
# ... | devkeys set NAME, devkeys set NAME <<< ..., ... --password-stdin
POURED = re.compile(
    rf"[|]&?[ \t\n]*(?:{_any(SINKS)})(?:[^a-z0-9_-]|$)|(?:{_any(SINKS)})[ \t][^\n]*<<"
    r"|-(?:stdin|fd|with-token)(?:[^a-z0-9-]|$)"
)
# A key of a known format; here case counts.
FORMAT = re.compile(
    r"(?:^|[^A-Za-z0-9]|\\[nrt]|%[0-9A-Fa-f][0-9A-Fa-f])"
    rf"(?:{_any(map(re.escape, rules.PREFIXES))})[A-Za-z0-9_./+=-]{{10}}"
)
# A declared name is looked at where it may be given a value.
_GIVEN = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)[\"'`\\]*[])}]*[ \t]*[=:]")
_GIVING = re.compile(r"(?:^|[^a-z0-9_])(?:set|setenv|set-env|setx|put|add)[ \t]")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def suspicious(text: str, declared: Collection[str] = ()) -> bool:
    """Say whether *text* may hold a secret; *declared* is as in `judge`."""
    if len(text) > LONGEST:
        return True
    lower = text.lower()
    patterns = (ASSIGNED, FOLLOWED, HEADER, URL, PROGRAM, POURED)
    if any(pattern.search(lower) for pattern in patterns):
        return True
    if FORMAT.search(text) or any(keyword in text for keyword in rules.INFIXES):
        return True
    if not declared:
        return False
    names = (_NAME if _GIVING.search(lower) else _GIVEN).findall(text)
    return not set(declared).isdisjoint(names)
