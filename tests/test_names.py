"""What names tell; the names are real ones from templates."""

import subprocess
import sys

import pytest

from devkeys.bootstrap import BOOTSTRAP, is_bootstrap
from devkeys.names import (
    holds_address,
    is_address_name,
    is_public_name,
    is_secret_name,
    sends_somewhere,
)

SECRET = """
    OPENAI_API_KEY SECRET_KEY SECRET_KEY_BASE JWT_SECRET JWT_REFRESH_SECRET DB_PASSWORD DB_PASS
    PG_PASS ES_PASS SENTRY_DSN SQL_DSN ACCESS_TOKEN_SALT DATABASE_URL HASURA_GRAPHQL_DATABASE_URL
    REDIS_URL MONGO_URI MONGODB_URI CONNECTION_STRING AZURE_STORAGE_CONNECTION_STRING WEBHOOK_URL
    DISCORD_WEBHOOK_URL CREDS_KEY CREDS_IV TELEGRAM_BOT_TOKEN CLIENT_SECRET_GITHUB DUO_SKEY
    AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY CLOUDFLARE_R2_ACCESS_KEY_ID _APP_OPENSSL_KEY_V1
    GOOGLE_STORAGE_SERVICE_ACCOUNT_JSON_BASE64 LDAP_BINDPW LDAP_BIND_CREDENTIALS GITHUB_PAT
    PRIVATE_KEY VAPID_PRIVATE_KEY POSTGRES_PASSWORD_PROD N8N_USER_MANAGEMENT_JWT_SECRET
    BLOB_READ_WRITE_TOKEN BW_SESSION OP_SESSION_work SOPS_AGE_KEY api_key BRIGHT_DATA_BROWSER_AUTH
    VERIFY_TOKEN WHATSAPP_VERIFY_TOKEN SECURE_COOKIE_KEY FORWARD_PUBLIC_CREDENTIALS
""".split()  # noqa: SIM905 - a table of names is read more easily without its quotes
PLAIN = """
    JWT_AUTH_LIFETIME JWT_REFRESH_LIFETIME REDIS_KEY_PREFIX REFRESH_TOKEN_EXPIRY TOKEN_LIMIT
    FAST_TOKEN_LIMIT BROWSE_SUMMARY_MAX_TOKEN AI_MAX_TOKENS MAX_TOKENS BCRYPT_SALT_ROUNDS
    JWT_EXPIRES_SECOND API_KEY_RATE_LIMIT ALLOW_PASSWORD_RESET PASSWORD_MIN_LENGTH
    AUTH_PASSWORD_HIBP_ENABLED AUTH_EMAIL_PASSWORDLESS_ENABLED GENERATE_DEFAULT_TOKEN
    OAUTH_JWT_KEY_ID OAUTH_JWT_PRIVATE_KEY_PATH GEARMAN_MYSQL_PASSWORD_FILE SECRETKEY_PATH
    GOOGLE_APPLICATION_CREDENTIALS SSH_ASKPASS GIT_ASKPASS BYPASS COMPASS MONKEY PRIMARY_KEY
    VAPID_PUBLIC_KEY STRIPE_PUBLISHABLE_KEY NEXT_PUBLIC_SUPABASE_ANON_KEY VITE_API_KEY
    REACT_APP_TOKEN EXPO_PUBLIC_KEY LINUX_DO_TOKEN_ENDPOINT SESSION_COOKIE_SECURE PWD KEYCLOAK_HOST
    CORS_ALLOW_CREDENTIALS SECURE_COOKIES POSTHOG_PUBLIC_API_KEY OAUTH2_ALLOWED_TOKEN_DOMAINS
    PORT HOST DEBUG MODEL BASE_URL LIVEKIT_URL
""".split()  # noqa: SIM905 - the same


@pytest.mark.parametrize("name", SECRET)
def test_secret_names(name: str) -> None:
    """The name of a key, token or password tells that its value is to be kept."""
    assert is_secret_name(name)


@pytest.mark.parametrize("name", PLAIN)
def test_plain_names(name: str) -> None:
    """Lifetimes, limits, paths, switches and published keys are no secrets."""
    assert not is_secret_name(name)


@pytest.mark.parametrize("name", ["", "_", "__", "a", "KEY", "V2", "1"])
def test_odd_names_do_not_crash(name: str) -> None:
    """Any text may be asked about."""
    assert isinstance(is_secret_name(name), bool)
    assert not is_public_name(name)


def test_bootstrap_credentials_are_secret() -> None:
    """What unlocks other secrets is a secret itself."""
    assert all(is_secret_name(name) for name in BOOTSTRAP)
    assert is_bootstrap("OP_SESSION_team")
    assert is_bootstrap("DOTENV_PRIVATE_KEY_PRODUCTION")
    assert not is_bootstrap("OP_SESSION")
    assert not is_bootstrap("OPENAI_API_KEY")


@pytest.mark.parametrize(
    "value",
    [
        *("https://api.example.com", "postgres://u@db/x", "//cdn.example.com", "evil.example"),
        *("localhost", "localhost:5432", "db:5432", "10.0.0.1", "::1", "fe80::1%eth0", "[::1]:80"),
        *("a.example,b.example", "user@mail.example", "user:pw@tcp(127.0.0.1:3306)/db"),
        *("unix:/run/x", "http://xn--e1afmkfd.example", "mail.example/path"),
    ],
)
def test_addresses(value: str) -> None:
    """URLs, hosts, hosts with ports and IP addresses are seen wherever they stand."""
    assert holds_address(value)


@pytest.mark.parametrize(
    "value", ["", "true", "3080", "gpt-4", "1.5", "0.7", "gpt-3.5", "1000 * 60", "a b", "./data"]
)
def test_no_addresses(value: str) -> None:
    """Numbers, switches and model names are no addresses."""
    assert not holds_address(value)


def test_a_bare_host_name_is_told_by_the_variable() -> None:
    """`SMTP_HOST=evil` is no URL, and decides where mail goes all the same."""
    assert not holds_address("evil")
    assert is_address_name("SMTP_HOST")
    assert sends_somewhere("SMTP_HOST", "evil")
    assert sends_somewhere("REDIS_SERVER", "evil")
    assert not sends_somewhere("SMTP_HOST", "")
    assert not sends_somewhere("LOG_LEVEL", "evil")


@pytest.mark.parametrize("value", ["true", "false", "1", "40", "999"])
def test_a_switch_or_a_small_number_is_no_place(value: str) -> None:
    """`LIMIT_MESSAGE_IP=true` is not worth a question."""
    assert not sends_somewhere("MESSAGE_IP", value)


@pytest.mark.parametrize(
    "value", ["0", "000", "0001", "8080", "2130706433", "00000002130706433", "True", "on"]
)
def test_what_may_be_a_host_or_a_port_is_a_place(value: str) -> None:
    """A number of several digits can be an IP address, and a word a host of the own network."""
    assert sends_somewhere("SMTP_HOST", value)


@pytest.mark.parametrize("module", ["devkeys.names", "devkeys.steering"])
def test_the_tables_import_nothing(module: str) -> None:
    """The way of `run` uses them: they bring in neither `re` nor `typing`."""
    code = f"import sys; import {module}; print({{'re', 'typing', 'enum'}} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-S", "-E", "-c", f"import sys; sys.path[:0] = {sys.path!r}; {code}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "set()\n"
