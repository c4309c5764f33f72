"""Whether a default is a working value, or stands where a value is to come.

A placeholder never reaches a child. A weak value that works in development (`postgres`,
`minioadmin`, `secret`) is no placeholder, nor is `null`, `None`, `EMPTY` or `user_provided`.
The table comes from some hundred real templates.
"""

import re

_LONGEST = 2000
_WORKING = frozenset({"null", "none", "nil", "undefined", "empty", "user_provided"})

# In any value without a blank, at the beginning of a word.
_ANYWHERE = re.compile(
    r"""
    (?<![a-z])your(?!ls) [-_.]? [a-z0-9]
    | change[-_]?(?:me|this)(?![a-z]) | changeme | replace[-_]?(?:me|this|with)
    | (?<![a-z])(?:fill|put|insert|enter|add|set)[-_](?:me|this|your|some|here)(?![a-z])
    | (?<![a-z])insert[-_](?:\w+[-_])?(?:key|token|secret|password)
    | (?:key|token|secret|password|id|url|value|api)[-_]?(?:goes[-_])?here(?![a-z])
    | (?<![a-z])generate[-_](?:a|an|with|me|one|using|new|random)(?![a-z])
    | (?<![a-z])random[-_](?:string|secret|key|value|hex|bytes)
    | (?<![a-z])to[-_]?be[-_]?(?:set|changed|filled|replaced|defined|generated)
    | x{4,} | (?<![a-z0-9])xxx(?![a-z0-9]) | \*{4,} | ://(?:\.{3}|…) | [=@]\.{3}$
    | (?<![a-z])(?:votre|vos|tuo|tua|dein|deine|ihre|jouw|uw|seu|sua)[-_]
    | (?<![a-z])(?:suafaculdade|suaempresa|seudominio|tudominio|midominio|tuclave)
    | ta[-_]vraie
    | (?<![a-z])(?:tu|su|ta|ton)[-_](?:clave|token|api|cle|contrase|secret|mot|password)
    | 你的 | 您的 | 请填写 | 填写 | 替换为 | 改成你
    | あなたの | ここに | 여기에 | 당신의 | ваш | сюда
    """,
    re.VERBOSE | re.IGNORECASE,
)
# The whole value, blanks or not.
_WHOLE = re.compile(
    r"""
    [x*]{3,} | xx[-_x]+ | \.{3,} | … | __[a-z0-9_]+__ | !{3}.{1,80}!{3}
    | %{1,2}[a-z_]{2,60}%{1,2} | @@[a-z_]{2,60}@@ | (?-i:TODO|TBD|FIXME) | placeholder
    | \{\{\s*[a-z_][\w .|-]{0,200}\}\} | \.?\{\{\s*cookiecutter\b.{1,100}
    | (?:your|votre|vos|seu|sua|dein|deine|ihr|ihre)[ ][\w'-]+
        (?:[ ][\w'-]+){0,2}(?:[ ](?:here|ici|hier|aqui|aquí))?
    | (?:change|replace)[ ](?:me|this)\b.{0,80}
    | \[[^\[\]{}"',]{0,40}\b(?:your|insert|enter|replace|key|token|password)\b
        [^\[\]{}"',]{0,40}\]
    | (?:sk|pk|rk|gh[oprsu]|github_pat|xox[abp]|hf|gsk|sg|aiza)[-_.]?
        (?:(?:test|live|proj|ant)[-_]?)?
    """,
    re.VERBOSE | re.IGNORECASE,
)
_ANGLE = re.compile(r"<[^\W\d][\w .:/'-]{0,80}>")
_HTML = re.compile(
    r"<(?:a|b|i|u|p|br|em|strong|span|div|code|pre|h\d|ul|ol|li|img)\b", re.IGNORECASE
)
# Only where the name tells of a secret.
_FOR_SECRETS = re.compile(
    r"""
    .*(?:\.{3}|…).* | my[-_ ]?[\w -]*(?:key|token)s? | you[-_].* | (?:.*[-_:])?a{8,}
    | (?-i:.*EXAMPLE(?:KEY)?) | .*(?<![a-z])(?:here|ici|hier|aqui|aquí)
    | .*(?<![a-z])(?:placeholder|redacted|tbd|todo|fixme)(?![a-z]).*
    | (?:my|the|ta|tu|ton|su)[ ].{1,80}
    | (?:set|add|insert|enter|put|fill|generate|paste)
        [ ](?:me|this|it|your|some|a|an|in|with|the|here)\b.{0,80}
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
# A URL whose parts only name what belongs there.
_NOWHERE = re.compile(
    r"[a-z][\w+.-]{0,30}://(?:(?:user|username|usr):(?:pass|password|pwd|passwd)"
    r"@(?:host|hostname|server|db[-_]?host)(?:[:/]|$)|[^/\s]*:port/)",
    re.IGNORECASE,
)


def is_placeholder(name: str, value: str, *, secret: bool) -> bool:
    """Say whether *value*, the default of *name*, stands where a value is to come."""
    if not value or len(value) > _LONGEST or value.lower() in _WORKING:
        return False
    if _repeats(name, value) or _WHOLE.fullmatch(value):
        return True
    if "</" not in value and any(not _HTML.match(found) for found in _ANGLE.findall(value)):
        return True
    one_word = not any(char.isspace() for char in value)
    if (one_word or secret) and (_ANYWHERE.search(value) or _NOWHERE.match(value)):
        return True
    return secret and bool(_FOR_SECRETS.fullmatch(value))


def _repeats(name: str, value: str) -> bool:
    """`EXA_API_KEY=EXA_API_KEY`, `SMTP_USER=smtp_user`, `API_KEY=${API_KEY}`."""
    bare = value.removeprefix("$").strip("{}") if value.startswith("$") else value
    if bare != value and bare == name:
        return True
    return "_" in name and value.replace("-", "_").lower() == name.lower()
