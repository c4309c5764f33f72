"""Programs that take a secret in a way of their own: a short option, or a place among words."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from devkeys.typed import literal, values
from devkeys.typed.values import Value

# Up to the end of the command, past what stands in quotes; without going back.
_REST = r"""(?:[^;|&\n\\"']++|\\.|"(?:[^"\\]++|\\.)*+"|'[^']*+'|["'])*+"""


class _Way(NamedTuple):
    """How *programs* take a secret: right behind *before*, if *where* is said too.

    `mysql*` stands for all that begin so. A *random* one only counts if it looks like a key. A
    group `quote` of *before* is what the whole word is in, as in `-u 'user:password'`.
    """

    programs: str
    before: str
    where: str = ""
    random: bool = False


_LOGIN = r"\blogin\b|\bupload\b"
_WAYS = (
    _Way("mysql* mariadb* mycli*", r"\s-p(?=\S)"),
    _Way("mysql*", r"\spassword\s+(?=[^\s-])"),
    _Way("sshpass*", r"\s-p\s*(?=\S)"),
    _Way(
        "docker podman nerdctl buildah skopeo helm oras crane az twine",
        r"\s-p[ \t=]*(?=\S)",
        _LOGIN,
    ),
    _Way(
        "curl",
        r"""\s(?:-[A-Za-z]{0,9}[uU]|--(?:proxy-)?user)[ \t=]*(?P<quote>["'])?[^\s:"']{0,200}:""",
    ),
    _Way("http https xh xhs", r"""\s(?:-a|--auth)[ \t=]*(?P<quote>["'])?[^\s:"']{0,200}:"""),
    _Way(
        "http https xh xhs", r"\s(?:-a|--auth)[ \t=]*(?=\S)", r"\s(?:-A|--auth-type)[ \t=]*bearer"
    ),
    _Way("redis-cli* valkey-cli*", r"\s(?:-a|(?i:auth)(?=\s))\s*(?=\S)"),
    _Way("mongo*", r"\s-p[ \t]*(?=[^\s-])"),
    _Way("ldap*", r"\s-w[ \t]*(?=\S)"),
    _Way("smbclient* rpcclient* smbget*", r"""\s-U[ \t]*(?P<quote>["'])?[^\s%"']{0,200}%"""),
    _Way("7z* rar* unrar*", r"\s-h?p(?=[^\s-])"),
    _Way("zip* unzip* mosquitto_* sqlcmd* bcp*", r"\s-P[ \t]*(?=\S)"),
    _Way("htpasswd*", r"\s-\w{0,6}b\w{0,6}(?:\s+[^\s-]\S{0,200}){1,2}\s+(?=\S)"),
    _Way("openssl*", r"\bpass:|\s-k\s+"),
    _Way("openssl*", r"\spasswd(?:\s+-(?:[156]|apr1|crypt|salt\s+\S+))*\s+(?=[^\s-])"),
    _Way("mkpasswd*", r"\smkpasswd(?:\s+-(?:[mSRP]\s*|-\w+=)\S+|\s+-s)*\s+(?=[^\s-])"),
    _Way("xfreerdp* wlfreerdp*", r"\s/p:"),
    _Way("cmdkey*", r"\s/pass:"),
    _Way("ssh-keygen*", r"\s-[NP][ \t]*(?=\S)"),
    _Way("rabbitmqctl*", r"\s(?:add_user|change_password)\s+\S+\s+"),
    _Way("ansible-vault*", r"\sencrypt_string\s+(?:--[\w-]+[ =]\S+\s+){0,4}(?=[^\s-])"),
    _Way("gh", r"\s(?:-b[ \t=]*|--body[ \t=]+)(?=[^\s-])", r"\bsecret\s+set\b"),
    _Way("az eas", r"\s--value[ \t=]+", r"\bsecret[ :](?:set|create)\b"),
    _Way("aws", r"\s--value[ \t=]+", r"SecureString"),
    _Way("pulumi", r"\sset\s+(?:--[\w-]+\s+)*+[\w:.-]+\s+(?=[^\s-])", r"--secret\b"),
    _Way("vault bao", r"\s[\w.-]{1,200}=", r"\bkv\s+(?:put|patch)\b|\swrite\b"),
    _Way("vault bao", r"\sunseal\s+(?=[^\s-])"),
    _Way("doppler infisical fly flyctl", r"\b[A-Za-z_]\w{0,200}+=", r"\bsecrets\s+set\b"),
    _Way("vault bao cargo wandb", r"\slogin\s+(?=[^\s-])", random=True),
    _Way("ngrok", r"\s(?:add-)?authtoken\s+", random=True),
    _Way("snyk", r"\sauth\s+", random=True),
    _Way("doctl glab", r"\s-t[ \t=]*", r"\bauth\b", random=True),
    _Way("bw", r"\sunlock\s+(?=[^\s-])|\slogin\s+\S+@\S+\s+(?=[^\s-])"),
    _Way("security*", r"\s-w\s+", r"\badd-\w+-password\b"),
    _Way("security*", r"\s-[pP]\s*(?=[^\s-])", r"\s(?:(?:create|unlock)-keychain|import)\b"),
    _Way("security*", r"\s-k\s*(?=[^\s-])", r"\sset-key-partition-list\b"),
    _Way("rclone*", r"\sobscure\s+"),
    _Way("nmcli*", r"\spassword\s+"),
    _Way("wpa_passphrase*", r"\swpa_passphrase\s+\S+\s+"),
    _Way("lftp*", r"\s-u[ \t]*[^\s,]{1,200},"),
    _Way("sqlplus*", r"\s[\w$]{1,60}/"),
)


def secret_for_a_program(text: str) -> str | None:
    """Return, as a person would say it, the secret that a program is given, or None."""
    for program, value in values.each(_given(text)):
        if literal.is_literal("PASSWORD", value):
            return f"a password for {program}"
    return None


def _given(text: str) -> Iterator[tuple[str, Value]]:
    for way in _WAYS:
        for head in way.programs.split():
            bare = head.rstrip("*")
            if bare not in text:
                continue
            for call in _calls(text, head):
                yield from ((bare.rstrip("_"), value) for value in _taken(call, way))


def _calls(text: str, head: str) -> Iterator[str]:
    """Yield each call of *head*, up to the end of that command, with a blank before it."""
    suffix = r"[\w.-]*+" if head.endswith("*") else r"(?:\.exe)?"
    called = rf"(?<![\w.-]){re.escape(head.rstrip('*'))}{suffix}(?=[ \t])"
    end = 0
    for match in re.finditer(called, text):
        if match.start() >= end:
            rest = re.compile(_REST, re.DOTALL).match(text, match.end())
            end = rest.end() if rest else match.end()
            yield " " + text[match.start() : end]


def _taken(call: str, way: _Way) -> Iterator[Value]:
    if way.where and not re.search(way.where, call):
        return
    for match in re.finditer(way.before, call):
        quote = match.groupdict().get("quote")
        if quote:
            value = Value(call[match.end() :].partition(quote)[0], quote)
        else:
            value = values.read(call, match.end())
        if not way.random or values.looks_random(value.text):
            yield value
