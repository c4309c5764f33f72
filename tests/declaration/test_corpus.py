"""Real templates: all are understood or refused with a line, and ten are looked at by name."""

import io
import os
import re
from pathlib import Path

import pytest
from dotenv import dotenv_values

from devkeys.declaration.classify import Variable, classify
from devkeys.declaration.syntax import parse
from devkeys.errors import DeclarationError

# Test files of other tools' syntax: triple quotes, and a value in backticks over several lines.
REFUSED = {
    "dmno-dev__varlock__FIXTURE-syntax": 44,
    "dotenvx__dotenvx__FIXTURE-multiline": 34,
}


def names(text: str) -> set[str]:
    """Split a table."""
    return set(text.split())


def files(shared: Path) -> list[Path]:
    """Find all real templates."""
    found = sorted((shared / "env-examples").glob("*.env.example"))
    assert len(found) > 90
    return found


def read(shared: Path, name: str) -> dict[str, Variable]:
    """Classify one of them."""
    path = os.fspath(shared / "env-examples" / f"{name}.env.example")
    return {v.name: v for v in classify(parse(Path(path).read_bytes(), path=path))}


def test_every_file_is_understood_or_refused_with_its_line(shared: Path) -> None:
    """Only test files of other tools' own syntax are refused, each with line and hint."""
    refused = {}
    for path in files(shared):
        name = path.name.removesuffix(".env.example")
        try:
            classify(parse(path.read_bytes(), path=path.name))
        except DeclarationError as error:
            line = re.match(rf"{re.escape(path.name)}:(\d+): ", str(error))
            assert line is not None, error  # noqa: PT017 - files that raise nothing are right
            assert error.hint, error  # noqa: PT017 - the same
            refused[name] = int(line[1])
    assert refused == REFUSED


def test_every_value_is_python_dotenvs(shared: Path) -> None:
    """On real files, names and values are what python-dotenv reads."""
    for path in files(shared):
        name = path.name.removesuffix(".env.example")
        if name in REFUSED or "utf16" in name:
            continue
        text = path.read_bytes().decode("utf-8-sig")
        theirs = dotenv_values(stream=io.StringIO(text, newline=""), interpolate=False)
        ours = {
            d.name: d.default
            for d in parse(path.read_bytes(), path=name).declarations
            if not d.commented
        }
        assert ours == {key: value for key, value in theirs.items() if value is not None}


EXPECTED = {
    # user_provided works; random-looking development keys work; empty ones are wanted.
    "danny-avila__LibreChat": (
        """MONGO_URI ANTHROPIC_API_KEY BINGAI_TOKEN CHATGPT_TOKEN GOOGLE_KEY OPENAI_API_KEY
        CREDS_KEY CREDS_IV AZURE_AI_SEARCH_API_KEY GOOGLE_API_KEY SERPAPI_API_KEY ZAPIER_NLA_API_KEY
        MEILI_MASTER_KEY OPENAI_MODERATION_API_KEY JWT_SECRET JWT_REFRESH_SECRET
        DISCORD_CLIENT_SECRET FACEBOOK_CLIENT_SECRET GITHUB_CLIENT_SECRET GOOGLE_CLIENT_SECRET
        OPENID_CLIENT_SECRET OPENID_SESSION_SECRET EMAIL_PASSWORD FIREBASE_API_KEY""",
        """CHATGPT_TOKEN AZURE_AI_SEARCH_API_KEY GOOGLE_API_KEY SERPAPI_API_KEY ZAPIER_NLA_API_KEY
        OPENAI_MODERATION_API_KEY DISCORD_CLIENT_SECRET FACEBOOK_CLIENT_SECRET
        GITHUB_CLIENT_SECRET GOOGLE_CLIENT_SECRET OPENID_CLIENT_SECRET OPENID_SESSION_SECRET
        EMAIL_PASSWORD FIREBASE_API_KEY""",
        """AZURE_AI_SEARCH_SERVICE_ENDPOINT AZURE_AI_SEARCH_INDEX_NAME AZURE_AI_SEARCH_API_VERSION
        AZURE_AI_SEARCH_SEARCH_OPTION_QUERY_TYPE AZURE_AI_SEARCH_SEARCH_OPTION_TOP
        AZURE_AI_SEARCH_SEARCH_OPTION_SELECT GOOGLE_CSE_ID GOOGLE_CLIENT_ID DISCORD_CLIENT_ID
        FACEBOOK_CLIENT_ID GITHUB_CLIENT_ID OPENID_CLIENT_ID OPENID_ISSUER OPENID_BUTTON_LABEL
        OPENID_IMAGE_URL EMAIL_SERVICE EMAIL_HOST EMAIL_ENCRYPTION EMAIL_ENCRYPTION_HOSTNAME
        EMAIL_ALLOW_SELFSIGNED EMAIL_USERNAME EMAIL_FROM_NAME FIREBASE_AUTH_DOMAIN
        FIREBASE_PROJECT_ID FIREBASE_STORAGE_BUCKET FIREBASE_MESSAGING_SENDER_ID FIREBASE_APP_ID""",
    ),
    # What stands under "Optional" is not wanted.
    "mckaywrigley__chatbot-ui": (
        """SUPABASE_SERVICE_ROLE_KEY OPENAI_API_KEY ANTHROPIC_API_KEY GOOGLE_GEMINI_API_KEY
        MISTRAL_API_KEY GROQ_API_KEY PERPLEXITY_API_KEY OPENROUTER_API_KEY AZURE_OPENAI_API_KEY""",
        "SUPABASE_SERVICE_ROLE_KEY AZURE_OPENAI_API_KEY",
        """NEXT_PUBLIC_SUPABASE_URL NEXT_PUBLIC_SUPABASE_ANON_KEY AZURE_OPENAI_ENDPOINT
        AZURE_GPT_35_TURBO_NAME AZURE_GPT_45_VISION_NAME AZURE_GPT_45_TURBO_NAME
        AZURE_EMBEDDINGS_NAME""",
    ),
    # The empty DB_HOST and its like are offered beside DB_PASSWORD.
    "021076__DZ_7_DRF": (
        "SECRET_KEY DB_PASSWORD STRIPE_API_KEY HOST_PASSWORD",
        "SECRET_KEY DB_PASSWORD STRIPE_API_KEY HOST_PASSWORD",
        "DB_HOST DB_PORT DB_NAME DB_USER HOST HOST_PORT HOST_TLS HOST_SSL HOST_USER",
    ),
    # LIVEKIT_URL is wanted though it is no secret.
    "vercel__examples__voice-agent": (
        "VERCEL_OIDC_TOKEN LIVEKIT_API_KEY LIVEKIT_API_SECRET",
        "VERCEL_OIDC_TOKEN LIVEKIT_API_KEY LIVEKIT_API_SECRET LIVEKIT_URL",
        "",
    ),
    # JWT_AUTH_LIFETIME and its like, and publishable keys, are no secrets.
    "Infisical__infisical": (
        """ENCRYPTION_KEY JWT_SIGNUP_SECRET JWT_REFRESH_SECRET JWT_AUTH_SECRET JWT_SERVICE_SECRET
        JWT_PROVIDER_AUTH_SECRET MONGO_URL MONGO_PASSWORD SMTP_PASSWORD CLIENT_SECRET_HEROKU
        CLIENT_SECRET_VERCEL CLIENT_SECRET_NETLIFY CLIENT_SECRET_GITHUB CLIENT_SECRET_GITLAB
        SENTRY_DSN POSTHOG_PROJECT_API_KEY STRIPE_SECRET_KEY STRIPE_WEBHOOK_SECRET
        GOOGLE_CLIENT_SECRET SESSION_SECRET""",
        """SMTP_PASSWORD POSTHOG_PROJECT_API_KEY STRIPE_SECRET_KEY STRIPE_WEBHOOK_SECRET
        GOOGLE_CLIENT_SECRET SESSION_SECRET""",
        """SMTP_HOST SMTP_USERNAME SMTP_FROM_ADDRESS POSTHOG_HOST STRIPE_PUBLISHABLE_KEY
        STRIPE_PRODUCT_STARTER STRIPE_PRODUCT_TEAM STRIPE_PRODUCT_PRO
        NEXT_PUBLIC_STRIPE_PUBLISHABLE_KEY GOOGLE_CLIENT_ID""",
    ),
    # A template that a wanted secret fills.
    "fastapi__full-stack-fastapi-template": (
        "SECRET_KEY FIRST_SUPERUSER_PASSWORD POSTGRES_PASSWORD DATABASE_URL",
        "SECRET_KEY FIRST_SUPERUSER_PASSWORD POSTGRES_PASSWORD",
        "",
    ),
    # A byte order mark, no paragraphs.
    "fastapi__full-stack-fastapi-template__bom": (
        "POSTGRES_PASSWORD SECRET_KEY FIRST_SUPERUSER_PASSWORD SMTP_PASSWORD SENTRY_DSN",
        "POSTGRES_PASSWORD SECRET_KEY FIRST_SUPERUSER_PASSWORD SMTP_PASSWORD SENTRY_DSN",
        "SMTP_HOST SMTP_USER",
    ),
    # A placeholder inside a URL.
    "umami-software__umami": (
        "DATABASE_URL APP_SECRET POSTGRES_PASSWORD",
        "DATABASE_URL APP_SECRET POSTGRES_PASSWORD",
        "",
    ),
    # `export`, shell code, and the name PATH.
    "Altoros__concourse-deploy-common": (
        "CONCOURSE_PASSWORD VAULT_TOKEN",
        """PRODUCT_NAME PIPELINE_REPO CONCOURSE_URI CONCOURSE_TARGET CONCOURSE_USER
        CONCOURSE_PASSWORD VAULT_ADDR VAULT_TOKEN""",
        "",
    ),
    # French placeholders.
    "AbdelmalekBenchergui__chatbot_rag_project": (
        "OPENAI_API_KEY DJANGO_SECRET_KEY DATABASE_URL",
        "OPENAI_API_KEY DJANGO_SECRET_KEY",
        "",
    ),
    # Blanks round `=`, quotes, empty keys of many providers.
    "BerriAI__litellm": (
        """OPENAI_API_KEY COHERE_API_KEY OR_API_KEY AZURE_API_KEY REPLICATE_API_KEY
        REPLICATE_API_TOKEN ANTHROPIC_API_KEY INFISICAL_TOKEN NOVITA_API_KEY INFINITY_API_KEY
        BURNCLOUD_API_KEY LITELLM_MASTER_KEY DATABASE_URL""",
        """OPENAI_API_KEY COHERE_API_KEY OR_API_KEY AZURE_API_KEY REPLICATE_API_KEY
        REPLICATE_API_TOKEN ANTHROPIC_API_KEY INFISICAL_TOKEN NOVITA_API_KEY INFINITY_API_KEY
        BURNCLOUD_API_KEY""",
        "OPENAI_BASE_URL OR_SITE_URL AZURE_API_BASE AZURE_API_VERSION BURNCLOUD_API_BASE",
    ),
    # `# REQUIRED` and `# OPTIONAL` as headings of paragraphs.
    "vercel__examples__cms-payload": (
        """MONGODB_URI PAYLOAD_SECRET S3_ACCESS_KEY_ID S3_SECRET_ACCESS_KEY
        PAYLOAD_PRIVATE_REGENERATION_SECRET NEXT_PRIVATE_REGENERATION_SECRET""",
        "PAYLOAD_SECRET",
        "",
    ),
}


@pytest.mark.parametrize("name", EXPECTED)
def test_real_files_by_name(shared: Path, name: str) -> None:
    """By name: what is secret, what is wanted, what is offered."""
    secret, wanted, offered = map(names, EXPECTED[name])
    found = [variable for variable in read(shared, name).values() if not variable.commented]
    assert {v.name for v in found if v.secret} == secret
    assert {v.name for v in found if v.wanted} == wanted
    assert {v.name for v in found if v.offered} == offered


def test_what_children_get(shared: Path) -> None:
    """Working values reach them, placeholders and what is commented out do not."""
    found = read(shared, "danny-avila__LibreChat")
    assert found["ANTHROPIC_API_KEY"].default == "user_provided"
    assert found["CHATGPT_TOKEN"].default == ""
    assert found["PROXY"].default == ""
    assert found["AZURE_API_KEY"].default is None
    assert read(shared, "vercel__examples__voice-agent")["LIVEKIT_URL"].default is None
    assert read(shared, "makeplane__plane__api")["DATABASE_URL"].template


def test_prefixes_of_keys_are_no_secrets(shared: Path) -> None:
    """REDIS_KEY_PREFIX names keys of a cache."""
    found = [
        variable
        for path in files(shared)
        if (name := path.name.removesuffix(".env.example")) not in REFUSED
        for variable in read(shared, name).values()
        if variable.name.endswith(("KEY_PREFIX", "_LIFETIME", "PUBLISHABLE_KEY"))
    ]
    assert len(found) > 5
    assert not any(variable.secret for variable in found)
