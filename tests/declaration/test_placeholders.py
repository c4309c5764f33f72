"""Placeholders and working values, as real templates have them."""

import secrets

import pytest

from devkeys.declaration.placeholders import is_placeholder

PLACEHOLDERS = """your-api-key-here|YOUR_SECRET_HERE|your_r2_access_key_id|xai-your-api-key-here
sk-...|sk-xxxxxxxx|gsk_xxxxxxxxxxxx|xxx|XXXX|xx-xxxx-x|xxxxx/xxxxxxx=|****|************|...|AIza...
changethis|CHANGEME|change-me|ChangeMeChangeMe|ChangeMe123!|replace-me|__REPLACE_ME__
replace_me_with_a_random_string|REPLACE_ME_WITH_A_RANDOM_UUID|replace_with_secret_key_base
generate-with-openssl|generate_a_new_key|my-random-string-for-seeding|random_string|<your key>
<JWT_SECRET>|<mongodb-connection-string>|{{ cookiecutter.secret }}|!!!SET DJANGO_SECRET_KEY!!!
[your-key]|votre cle ici|ta-vraie-secret-key-ici|tu-clave-secreta|sua_chave|dein-schlüssel
你的密钥|请填写|あなたのキー|add some secret here|your key|Your API key here|e2b_your-key-here
123456789:AAAAAAAAAAAAAAAAAAAAAAAAA|myopenaikey|MY_SECURE_KEY|sk-|you-client-secret|TODO
postgresql://umami:replace-me-with-a-random-string@db:5432/umami|mongodb://<user>:<pw>@h/db
postgres://user:password@host:5432/db|https://xxx@xxx.ingest.sentry.io/xxx|A_KEY|a-key|${A_KEY}
https://example.com/webhooks/xxxxxxx""".replace("\n", "|").split("|")
WORKING = """user_provided|null|None|EMPTY|postgres|minioadmin|secret|password|root|123456|111
sk-1234|0000000000000000000000000000000000000000|super-secret-key|a-very-secret-secret|changeit
an encryption key of 32 letters|example|mysecretpassword|stub|dummy|fake_mail_password|hello456
p@ss<word|a>b<c|{"type":"HS256", "key":"development"}|redis://:devpass@redis:6379/1
postgresql://postgres:postgres@localhost:5432/db|mongodb://root:example@mongo:27017/?a=admin
sms://username:password@mock""".replace("\n", "|").split("|")


@pytest.mark.parametrize("value", PLACEHOLDERS)
def test_placeholders_of_secrets(value: str) -> None:
    """None of these would work as a key, in any language."""
    assert is_placeholder("A_KEY", value, secret=True)


@pytest.mark.parametrize("value", WORKING)
def test_weak_values_work(value: str) -> None:
    """Weak values for development are values."""
    assert not is_placeholder("A_KEY", value, secret=True)


@pytest.mark.parametrize(
    "value",
    [
        *("wss://<project-subdomain>.livekit.cloud", "wss://YOUR-PROJECT.livekit.cloud"),
        *("your-bucket-name", "/your_database_path/.flowise", "contact@yourdomain.com"),
        *("https://xxx-vector.upstash.io", "xxx.eu-central-1.xxx.aws.tidbcloud.com", "smtp_user"),
        *("http://...:8080", "https://your-domain.auth0.com", "<db name>", "{{ cookiecutter.x }}"),
        *("http://your.searxng.server", "us-east-1_xxxxxxxxx", "Ov23xxxxxxxxxxxxx"),
    ],
)
def test_placeholders_of_settings(value: str) -> None:
    """A setting's default that cannot work is wanted too."""
    assert is_placeholder("SMTP_USER", value, secret=False)


@pytest.mark.parametrize(
    "value",
    [
        *(
            "http://localhost/e/{hook_id}",
            "no-reply <no-reply@dify.ai>",
            "Your code is {{ .Code }}",
        ),
        *("Welcome to your account, if you read this", "./...", "30 * * * * *"),
        *(
            "<green>{time}</green> <level>{message}</level>",
            "<b>Hello",
            "My App",
            "The App",
            "todo",
        ),
        *("https://via.placeholder.com/150", "s7-knx:*", "http://yourls.example", "Set the timer"),
        *("%Y-%m-%d %H:%M:%S", "(&(a<5)(b>3))", "admin@example.com", "example.com", "gpt-4"),
        *("openAI,assistants,anthropic", "1000 * 60 * 15", "~/.laradock/data", "INBOUND_X", "+"),
    ],
)
def test_settings_that_work(value: str) -> None:
    """Texts, patterns and example domains of settings are values."""
    assert not is_placeholder("A_SETTING", value, secret=False)


def test_random_looking_defaults_work() -> None:
    """A development key in a template works, whatever it is worth."""
    assert not is_placeholder("A_KEY", secrets.token_hex(32), secret=True)


def test_the_documented_example_of_a_key_is_none() -> None:
    """Vendors end the examples in their documentation in EXAMPLE."""
    assert is_placeholder("A_KEY", secrets.token_hex(8) + "EXAMPLE", secret=True)
    assert not is_placeholder("A_NAME", secrets.token_hex(8) + "EXAMPLE", secret=False)
