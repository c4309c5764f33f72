"""What a variable's name tells: a secret, public, an address.

Plain tables and small functions. The names that steer are in steering.py, those of
providers' own credentials in bootstrap.py.
Words are the parts of a name between underscores, in upper case.
"""

from devkeys.bootstrap import is_bootstrap


def _table(text: str) -> frozenset[str]:
    return frozenset(text.split())


# A name that holds one of these words is secret, unless a stop word comes after it.
SECRET_WORDS = _table(
    """SECRET SECRETS TOKEN PASSWORD PASSWD PASSPHRASE PASS PWD CREDENTIAL CREDENTIALS CREDS
    APIKEY APITOKEN AUTHTOKEN MNEMONIC BINDPW SECRETKEY"""
)
# These are secret only as the last word, past qualifiers such as V2, BASE64 or PROD.
SECRET_LAST_WORDS = _table(
    """KEY KEYS DSN SALT PEPPER PAT PSK SAS HMAC IV COOKIE COOKIES WEBHOOK PW BEARER JWT
    APIKEYS PASSWORDS PASSPHRASES"""
)
SECRET_ENDINGS = ("PASSWORD", "PASSWD", "PASSPHRASE", "SECRET", "TOKEN", "APIKEY", "KEY", "PASS")
SECRET_PHRASES = (
    *("CONNECTION_STRING", "CONN_STRING", "CONNECTIONSTRING", "WEBHOOK_URL", "WEBHOOK_URLS"),
    *("SERVICE_ACCOUNT_JSON", "RECOVERY_CODES", "SEED_PHRASE", "BASIC_AUTH", "BROWSER_AUTH"),
    *("ACCESS_KEY_ID", "API_TOKENS", "ACCESS_TOKENS", "AUTH_TOKENS"),
)
_PHRASE_ENDINGS = tuple("_" + phrase for phrase in SECRET_PHRASES)
DATABASE_WORDS = _table(
    """DATABASE DB REDIS MONGO MONGODB POSTGRES POSTGRESQL PG MYSQL MARIADB SQLALCHEMY AMQP
    RABBITMQ CLOUDAMQP BROKER JDBC CLOUDINARY SMTP EMAIL MAIL MAILER VALKEY"""
)
QUALIFIERS = _table(
    """BASE BASE64 B64 PEM HEX JSON RAW DEV DEVELOPMENT PROD PRODUCTION STAGING TEST LOCAL OLD NEW
    PRIMARY SECONDARY CURRENT PREVIOUS NEXT BACKUP LIVE SANDBOX OVERRIDE OVERWRITE ONE TWO"""
)
STOP_WORDS = _table(
    """PREFIX PREFIXES SUFFIX PATH PATHS DOMAIN LIFETIME EXPIRY EXPIRES EXPIRE EXPIRATION EXP TTL
    AGE VERSION LIMIT LIMITS LENGTH LEN SIZE MIN MAX COUNT TIMEOUT INTERVAL ROUNDS ITERATIONS
    ENABLED ENABLE DISABLED DISABLE REQUIRED NAME NAMES ID IDS TYPE KIND FILE FILENAME DIR FOLDER
    LOCATION URL URLS URI ENDPOINT HOST PORT ISSUER AUDIENCE ALGORITHM ALG HEADER FIELD COLUMN
    FORMAT POLICY SCHEME MODE MINUTES SECONDS SECOND HOURS DAYS MS BUDGET COST ROTATION STRATEGY
    METHOD PROVIDER STORE MANAGER SERVICE RATE RATELIMIT HINT RESET LABEL PATTERN REGEX CLAIM SCOPE
    DOMAINS PARAM PARAMETER REGION ALIAS CACHE SECURE TAG TITLE TEXT DESCRIPTION USAGE LOGIN CHANGE
    PUBLIC USER USERS USERNAME EMAIL"""
)
# What stands before KEY or TOKEN and makes it no secret.
TAME_BEFORE = _table(
    """PUBLIC PUBLISHABLE SITE PRIMARY SORT PARTITION FOREIGN CACHE IDEMPOTENCY ROUTING MAX MIN NUM
    COUNT AUTHORIZED SHORTCUT SECURE"""
)
TAME_WORDS = _table(
    """PASSPORT PASSTHROUGH PASSTHRU PASSIVE PASSED PASSING PASSENGER PASSWORDLESS PASSKEY PASSES
    BYPASS COMPASS ASKPASS MONKEY TURKEY DONKEY HOTKEY HOCKEY PUBKEY PUBLICKEY SITEKEY"""
)
TAME_NAMES = _table("PWD OLDPWD GOOGLE_APPLICATION_CREDENTIALS AWS_WEB_IDENTITY_TOKEN_FILE")
# What else would be taken for a switch: the token that a webhook's caller has to know.
SECRET_NAMES = _table("VERIFY_TOKEN")
# A word after one of these is what is allowed, not its value: CORS_ALLOW_CREDENTIALS.
SWITCH_VERBS = _table("ENABLE DISABLE ALLOW REQUIRE SKIP SHOW HIDE FORCE")
# A name that begins so is a switch: ALLOW_PASSWORD_RESET, DISABLE_TOKEN.
FLAG_VERBS = _table(
    """ENABLE DISABLE ALLOW REQUIRE USE SKIP SHOW HIDE HAS IS FORCE GENERATE VERIFY CHECK VALIDATE
    NO WITH"""
)

PUBLIC_PREFIXES = (
    *("NEXT_PUBLIC_", "VITE_", "REACT_APP_", "EXPO_PUBLIC_", "NUXT_PUBLIC_", "GATSBY_"),
    *("VUE_APP_", "NG_APP_", "PUBLIC_"),
)

ADDRESS_WORDS = _table(
    """HOST HOSTS HOSTNAME HOSTNAMES URL URLS URI URIS ENDPOINT ENDPOINTS SERVER SERVERS ADDR ADDRS
    ADDRESS ADDRESSES DOMAIN DOMAINS ORIGIN ORIGINS WEBHOOK WEBHOOKS IP IPS PROXY GATEWAY BROKER
    BROKERS DSN FQDN RELAY RELAYHOST BASE BASEURL BACKEND UPSTREAM REGISTRY MIRROR CALLBACK REDIRECT
    ISSUER TARGET PEER PEERS NODE NODES SITE LINK"""
)


def words(name: str) -> list[str]:
    """Split *name* into its words, in upper case; empty ones are left out."""
    return [word for word in name.upper().split("_") if word]


def is_public_name(name: str) -> bool:
    """Say whether *name* marks its value as one that is shipped to browsers or published."""
    upper = name.upper()
    return (
        upper.startswith(PUBLIC_PREFIXES)
        or "PUBLISHABLE" in upper
        or any(phrase in upper for phrase in ("PUBLIC_KEY", "PUBLIC_API_KEY", "PUBLIC_TOKEN"))
    )


def is_secret_name(name: str) -> bool:
    """Say whether a value of this *name* is to be kept; public names are not."""
    if is_bootstrap(name) or name.upper() in SECRET_NAMES:
        return True
    parts = words(name)
    if not parts or name.upper() in TAME_NAMES or is_public_name(name):
        return False
    if parts[0] in FLAG_VERBS and len(parts) > 1:
        return False
    return _is_phrase(parts) or _has_secret_word(parts) or _ends_secret(parts)


def _is_phrase(parts: list[str]) -> bool:
    end = len(parts)
    while not ("_" + "_".join(parts[:end])).endswith(_PHRASE_ENDINGS):
        if end == 1 or not _qualifies(parts[end - 1]):
            break
        end -= 1
    else:
        return True
    return end > 1 and parts[end - 1] in ("URL", "URI", "URLS") and parts[end - 2] in DATABASE_WORDS


def _has_secret_word(parts: list[str]) -> bool:
    for place, word in enumerate(parts):
        if word not in SECRET_WORDS or STOP_WORDS.intersection(parts[place + 1 :]):
            continue
        before = parts[place - 1] if place else ""
        if before not in SWITCH_VERBS and (word != "TOKEN" or before not in TAME_BEFORE):
            return True
    return False


def _ends_secret(parts: list[str]) -> bool:
    last = _unqualified(parts)
    if not last or last[-1] in TAME_WORDS:
        return False
    if len(last) > 1 and (last[-2] in TAME_BEFORE or last[-2] in FLAG_VERBS):
        return False
    return last[-1] in SECRET_LAST_WORDS or last[-1].endswith(SECRET_ENDINGS)


def _unqualified(parts: list[str]) -> list[str]:
    end = len(parts)
    while end > 1 and _qualifies(parts[end - 1]):
        end -= 1
    return parts[:end]


def _qualifies(word: str) -> bool:
    return word in QUALIFIERS or word.isdigit() or (word[0] == "V" and word[1:].isdigit())


def is_address_name(name: str) -> bool:
    """Say whether values of this *name* are places that data is sent to."""
    return not ADDRESS_WORDS.isdisjoint(words(name))


def holds_address(value: str) -> bool:
    """Say whether *value* holds a URL, a host, a host with a port, or an IP address.

    `localhost` and loopback addresses count: what listens there is not always the user's own.
    """
    if "://" in value or value.startswith(("//", "unix:", "[")):
        return True
    for char in ",;()":
        value = value.replace(char, " ")
    return any(_is_host(part) for part in value.split())


def _is_host(text: str) -> bool:
    host = text.rsplit("@", 1)[-1].strip("\"'").partition("/")[0].partition("%")[0]
    name, _, port = host.rpartition(":")
    if name and port.isdigit():
        return True
    if host.count(":") > 1 and all(char in "0123456789abcdefABCDEF:." for char in host):
        return True
    if host.lower() == "localhost":
        return True
    labels = host.split(".")
    if len(labels) < 2 or not all(label.replace("-", "").isalnum() for label in labels):
        return False
    return len(labels) == 4 if host.replace(".", "").isdigit() else labels[-1].isalpha()


def sends_somewhere(name: str, value: str) -> bool:
    """Say whether the default *value* of *name* decides where data goes.

    `LIMIT_MESSAGE_IP=true` and `MESSAGE_IP_MAX=40` do not. A larger number may be a port or an
    address (2130706433 is 127.0.0.1), and 0 is this machine.
    """
    if value in ("true", "false") or (value.isdecimal() and len(value) < 4 and int(value)):
        return False
    return bool(value) and (is_address_name(name) or holds_address(value))
