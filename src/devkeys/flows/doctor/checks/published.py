"""Values that everybody knows: defaults that templates, images and tutorials publish.

They are compared in memory, in lower case. They work, which is why they get as far as they do.
"""

import base64
import binascii
import re

from devkeys.declaration.placeholders import is_placeholder
from devkeys.names import is_secret_name

_TABLE = """
    admin admin1 admin123 admin1234 adminadmin adminpassword administrator airflow artemis
    auth_secret authsecret changeit changeme changeme1 changeme123 changethis change_it change-it
    changethissecret cookie-secret d1r3ctu5 default demo dev development difyai123456 django docker
    elastic elasticsearch example flask grafana guest hunter2 insecure jwtsecret jwt-secret
    jwt_secret keycloak laravel letmein local localhost mariadb masterkey metabase minio minio123
    miniopass minioadmin minioroot miniosecret mongo mongodb mypassword mysecret mysecretkey
    my-secret my_secret my-secret-key my_secret_key mysecretpassword mysql n8n nats neo4j nextauth
    nextauth_secret nextauthsecret notsecret not-secret not-so-secret openpgpwd p@ssw0rd p@ssword
    pa55word pass pass123 passw0rd passwd password password! password1 password12 password123
    password1234 pg postgres postgres123 postgresql prisma qwerty qwerty123 rabbitmq redis
    redispassword root root123 rootpassword rootroot s3cr3t s3cret sa secret secret1 secret123
    secret_key secretkey secret-key secretpassword sesame shhhh shhhhh shhhhhh strapi super-secret
    super_secret super-secret-key super_secret_key supersecret supersecretkey supersecretpassword
    superset symfony test test1 test123 test1234 test12345 testing testpass testpassword testtest
    tobemodified tobemodified1 tobemodified2 tomcat toor unsafe user username welcome welcome1
    welcome123 wordpress yourpassword your-256-bit-secret your-384-bit-secret your-512-bit-secret
    a-string-secret-at-least-256-bits-long your-secret your-secret-key your_secret_key yoursecretkey
    your-super-secret-key your_password123 yourstrong(!)password yourstrong!passw0rd
    yourstrong@passw0rd 5ivel!fe !changeme! !changethismercurehubjwtsecretkey!
    thistokenisnotsosecretchangeit thisissecret this-is-a-secret this_is_a_secret thisisasecret
    thisisasecret_1234 test_non_dev_secret super-secret-jwt-token-with-at-least-32-characters-long
    your-super-secret-jwt-token-with-at-least-32-characters-long
    your-super-secret-and-long-postgres-password this_password_is_insecure_and_should_be_updated
    secretkey012345678901234567890123456789012345678901234567890123456789
    0 00000000 000000 1 111111 11111111 123 1234 12345 123123 123456 1234567 12345678 123456789
    1234567890 0123456789 0123456789abcdef 0123456789abcdef0123456789abcdef 654321 abc abc123
    abcd1234 abcdef asdf asdfasdf foo foobar bar baz xxx none
"""
_VALUES = frozenset(_TABLE.split()) | {"keyboard cat", "correct horse battery staple"}
_BEGINNINGS = ("django-insecure-", "insecure-", "unsafe-", "changeme", "change-me", "change_me")
_URL_PASSWORD = re.compile(
    r"(?P<before>[A-Za-z][\w+.-]{0,40}://[^\s/?#@:]*:)(?P<password>[^\s/?#]*)@"
)
# What stands, without blanks, in tokens that are printed in documentation.
_DEMO_TOKENS = ('"iss":"supabase-demo"', '"sub":"1234567890"', '"name":"JohnDoe"')


def is_published(value: str) -> bool:
    """Tell whether *value* is one that everybody knows."""
    text = value.strip().lower()
    return text in _VALUES or text.startswith(_BEGINNINGS) or _is_demo_token(value)


def password_in(value: str) -> str | None:
    """Return the password in *value*, a URL; None if there is none."""
    found = _URL_PASSWORD.search(value)
    return found["password"] if found else None


def is_known(name: str, value: str) -> bool:
    """Tell whether *value*, as the secret *name*, keeps nobody out: published or a placeholder.

    Of a URL it is the password that counts. What is no secret by its name or its form may be
    whatever it likes.
    """
    password = password_in(value)
    if password is not None:
        return is_published(password) or is_placeholder(name, password, secret=True)
    if not value or not is_secret_name(name) or "://" in value:
        return False
    return is_published(value) or is_placeholder(name, value, secret=True)


def _is_demo_token(value: str) -> bool:
    parts = value.strip().split(".")
    if len(parts) != 3 or not parts[1].startswith("e"):
        return False
    try:
        claims = base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4))
    except (binascii.Error, ValueError):
        return False
    text = "".join(claims.decode(errors="replace").split())
    return any(sign in text for sign in _DEMO_TOKENS)
