"""What a comment says about leaving a variable empty, in the languages that templates are in."""

import re
from functools import lru_cache

_OPTIONAL = re.compile(
    r"""
    (?<![\w./-])(?<!not[ ])(?:optional(?:ly|s)?|optionnel(?:le)?s?|facultati(?:f|ve)s?
        |opciona(?:l|is|les)|opzional[ei]|facoltativ[oaei]|optioneel|opcjonaln[eya]|valfri(?:tt|a)?
        |freiwillig|isteğe\ bağl\u0131|опциональн\w*|необязательн\w*|необов.язков\w*)(?![\w/-]|\.\w)
    | default(?:s[ ]to|:|[ ]is)?[ ](?:""|''|empty|blank|none)(?!\w)
    | (?:not|n't)[ ](?:required|needed|mandatory)
    | only[ ](?:required|needed|necessary)[ ](?:if|when)
    | (?:required|needed)[ ]only[ ](?:if|when)
    | (?:laisser|laissez)[ ](?:\w+[ ])?vide | lasciar?e?[ ](?:\w+[ ])?vuot[oae]
    | (?:dejar|deja|deje)[ ](?:\w+[ ])?(?:en[ ]blanco|vac[ií][oa])
    | (?:deixe|deixar)[ ](?:\w+[ ])?(?:em[ ]branco|vazi[oa])
    | leer[ ](?:lassen|gelassen|bleiben) | leeg[ ]laten | boş[ ]b\u0131rak | остав\w*[ ]пуст
    | 可选 | 可選 | 选填 | 選填 | 非必填 | 非必须 | 可不填 | 留空 | 可空 | 可为空 | 可以为空
    | 省略可 | 空欄 | 空のまま | 선택[ ]?사항 | 비워
    | [(\uff08\[【](?:任意|オプション|선택)[)\uff09\]】]
    | ^\s*(?:任意|オプション|선택)\s*(?:$|[:\uff1a])
    """,
    re.VERBOSE | re.IGNORECASE,
)
# `leave X empty` speaks of X where X is a name.
_LEAVE_EMPTY = re.compile(
    r"(?:leave|leaving|keep|left|can be|may be)((?: [\w`'\"]+){0,3}?)"
    r" (?:blank|empty|unset|omitted)",
    re.IGNORECASE,
)
_REQUIRED = re.compile(
    r"(?<![\w/-])(?<!not )(?<!n't )(?<!only )"
    r"(?:required|mandatory|obligatoire|obligatori[oa]|erforderlich|verplicht|обязательн\w*)"
    r"(?! only)(?! (?:if|when|for)\b)(?![\w/-])|必填|必须|必須|필수",
    re.IGNORECASE,
)
_URL = re.compile(r"[a-z]+://\S+", re.IGNORECASE)
_NAME = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+")


# A heading is asked once for each of its variables.
_LONGEST = 4000


def says_optional(text: str, name: str = "") -> bool:
    """Say whether *text*, a comment, lets the variable *name* stay empty."""
    optional, left_empty = _read(text)
    return optional or any(not named or name in named for named in left_empty)


@lru_cache(maxsize=64)
def _read(text: str) -> tuple[bool, tuple[tuple[str, ...], ...]]:
    text = _URL.sub(" ", text[:_LONGEST])
    left_empty = (tuple(_NAME.findall(found[1])) for found in _LEAVE_EMPTY.finditer(text))
    return bool(_OPTIONAL.search(text)), tuple(left_empty)


def says_required(text: str) -> bool:
    """Say whether *text*, a comment, demands a value."""
    return bool(_REQUIRED.search(_URL.sub(" ", text[:_LONGEST])))
