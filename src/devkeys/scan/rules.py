"""The formats of providers' keys: by these a value is recognised wherever it stands.

One row per format. *keywords* are the texts of which every match holds one, letter for letter:
a search for them comes first, here and in the files of `shell/`, which a test ties to this
table. *pattern* is one token of the format, without what surrounds it; `LEADING` is the border
before it, and behind it there is none: it goes on to the last character of its own alphabet.

The formats are the providers' own, as their documentation and their keys show them.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

# No letter and no digit stands before a token, but those of `\n`, `%3D`, `\u0026` and of a colour
# (`ESC[32m`) may.
LEADING = (
    r"(?:(?<![A-Za-z0-9])|(?<=\\[nrt])|(?<=%[0-9A-Fa-f]{2})"
    r"|(?<=[0-9]m)|(?<=\\u[0-9A-Fa-f]{4})|(?<=\\x[0-9A-Fa-f]{2}))"
)


class Rule(NamedTuple):
    """One format: *id* for machines, *title* for people, as in `a GitHub token`.

    A match begins with one of the *keywords*, unless they stand *inside* it.
    """

    id: str
    title: str
    keywords: tuple[str, ...]
    pattern: str
    inside: bool = False


def _rule(name: str, title: str, keywords: str, pattern: str) -> Rule:
    return Rule(name, title, tuple(keywords.split()), pattern)


def _around(name: str, title: str, keyword: str, pattern: str) -> Rule:
    return Rule(name, title, (keyword,), pattern, inside=True)


RULES = (
    # Names of branches and classes begin so too: one part of it is long and has a digit.
    _rule(
        "openai",
        "an OpenAI-style key",
        "sk-",
        r"sk-(?=(?:[A-Za-z0-9]{0,60}[_-]){0,9}(?=[A-Za-z0-9]{8})[A-Za-z]{0,60}\d)[A-Za-z0-9_-]{20,}",
    ),
    _rule("groq", "a Groq key", "gsk_", r"gsk_[A-Za-z0-9]{32,}"),
    _rule("hugging-face", "a Hugging Face token", "hf_", r"hf_[A-Za-z0-9]{30,}"),
    _rule("replicate", "a Replicate token", "r8_", r"r8_[A-Za-z0-9]{30,}"),
    _rule("xai", "an xAI key", "xai-", r"xai-[A-Za-z0-9]{40,}"),
    _rule("perplexity", "a Perplexity key", "pplx-", r"pplx-[A-Za-z0-9]{32,}"),
    _rule("nvidia", "an NVIDIA key", "nvapi-", r"nvapi-[A-Za-z0-9_-]{40,}"),
    _rule("cerebras", "a Cerebras key", "csk-", r"csk-[a-z0-9]{32,}"),
    _rule("fireworks", "a Fireworks key", "fw_", r"fw_[A-Za-z0-9]{20,}"),
    _rule("tavily", "a Tavily key", "tvly-", r"tvly-[A-Za-z0-9_-]{20,}"),
    _rule("pinecone", "a Pinecone key", "pcsk_", r"pcsk_[A-Za-z0-9_]{40,}"),
    _rule("langsmith", "a LangSmith key", "lsv2_", r"lsv2_(?:pt|sk)_[0-9a-f]{32}_[0-9a-f]{10}"),
    _rule("e2b", "an E2B key", "e2b_", r"e2b_[0-9a-f]{40}"),
    _rule("google-api", "a Google API key", "AIza", r"AIza[A-Za-z0-9_-]{35}"),
    _rule("google-oauth", "a Google access token", "ya29.", r"ya29\.[A-Za-z0-9_-]{30,}"),
    _rule("google-client", "a Google client secret", "GOCSPX-", r"GOCSPX-[A-Za-z0-9_-]{24,}"),
    _rule("aws-key-id", "an AWS access key id", "AKIA ASIA", r"(?:AKIA|ASIA)[A-Z2-7]{16}"),
    _rule(
        "github",
        "a GitHub token",
        "ghp_ gho_ ghu_ ghs_ ghr_",
        r"gh[pousr]_[A-Za-z0-9]{36,}",
    ),
    _rule("github-pat", "a GitHub token", "github_pat_", r"github_pat_[A-Za-z0-9_]{60,}"),
    _rule(
        "gitlab",
        "a GitLab token",
        "glpat- gldt- glrt- glptt- glcbt- glft- glimt- glagent- gloas-",
        r"gl(?:pat|dt|rt|ptt|cbt|ft|imt|agent|oas)-[A-Za-z0-9_.=-]{20,}",
    ),
    _rule("bitbucket", "an Atlassian token", "ATBB ATATT3 ATCTT3", r"AT(?:BB|[AC]TT3)[\w=-]{24,}"),
    _rule(
        "slack",
        "a Slack token",
        "xoxb- xoxp- xoxa- xoxs- xoxr- xoxe- xoxe. xapp-",
        r"(?:xox[bpasre][-.]|xapp-)[A-Za-z0-9-]{10,}",
    ),
    _rule(
        "slack-webhook",
        "a Slack webhook",
        "hooks.slack.com/",
        r"hooks\.slack\.com/(?:services|workflows|triggers)/[A-Za-z0-9/_]{30,}",
    ),
    _around(
        "discord-webhook",
        "a Discord webhook",
        "/api/webhooks/",
        r"discord(?:app)?\.com/api/webhooks/\d{15,}/[A-Za-z0-9_-]{50,}",
    ),
    _around("telegram", "a Telegram bot token", ":AA", r"(?:bot)?\d{8,10}:AA[A-Za-z0-9_-]{33}"),
    _rule(
        "stripe",
        "a Stripe key",
        "sk_live_ sk_test_ rk_live_ rk_test_",
        r"[sr]k_(?:live|test)_[A-Za-z0-9]{16,}",
    ),
    _rule("webhook-secret", "a webhook secret", "whsec_", r"whsec_[A-Za-z0-9+/=]{20,}"),
    _rule("square", "a Square token", "sq0csp- sq0atp-", r"sq0(?:csp|atp)-[A-Za-z0-9_-]{22,}"),
    _rule("sendgrid", "a SendGrid key", "SG.", r"SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{30,}"),
    _rule("mailgun", "a Mailgun key", "key-", r"key-[0-9a-f]{32}"),
    _rule("brevo", "a Brevo key", "xkeysib- xsmtpsib-", r"x(?:key|smtp)sib-[0-9a-f]{64}-\w{16}"),
    _rule("resend", "a Resend key", "re_", r"re_[A-Za-z0-9]{6,}_[A-Za-z0-9]{20,}"),
    _rule("npm", "an npm token", "npm_", r"npm_[A-Za-z0-9]{36}"),
    _rule("pypi", "a PyPI token", "pypi-", r"pypi-[A-Za-z0-9_-]{50,}"),
    _rule("rubygems", "a RubyGems key", "rubygems_", r"rubygems_[0-9a-f]{48}"),
    _rule("docker", "a Docker token", "dckr_pat_ dckr_oat_", r"dckr_[po]at_[A-Za-z0-9_-]{20,}"),
    _rule(
        "digitalocean",
        "a DigitalOcean token",
        "dop_v1_ doo_v1_ dor_v1_",
        r"do[por]_v1_[0-9a-f]{64}",
    ),
    _rule(
        "shopify",
        "a Shopify token",
        "shpat_ shpss_ shpca_ shppa_",
        r"shp(?:at|ss|ca|pa)_[0-9a-fA-F]{32}",
    ),
    _rule("vault", "a Vault token", "hvs. hvb. hvr.", r"hv[sbr]\.[A-Za-z0-9_-]{20,}"),
    _rule(
        "doppler",
        "a Doppler token",
        "dp.pt. dp.st. dp.ct. dp.sa. dp.scim.",
        r"dp\.(?:pt|st|ct|sa|scim)\.(?:[a-z0-9_-]{1,40}\.)?[A-Za-z0-9]{40,}",
    ),
    _rule("onepassword", "a 1Password token", "ops_eyJ", r"ops_eyJ[A-Za-z0-9+/=_-]{60,}"),
    _rule("linear", "a Linear key", "lin_api_", r"lin_api_[A-Za-z0-9]{32,}"),
    _rule("notion", "a Notion token", "ntn_ secret_", r"(?:ntn|secret)_[A-Za-z0-9]{40,}"),
    _rule("figma", "a Figma token", "figd_", r"figd_[A-Za-z0-9_-]{30,}"),
    _rule("postman", "a Postman key", "PMAK-", r"PMAK-[0-9a-f]{24}-[0-9a-f]{30,}"),
    _rule("newrelic", "a New Relic key", "NRAK-", r"NRAK-[A-Z0-9]{27}"),
    _rule("grafana", "a Grafana token", "glsa_ glc_", r"gl(?:sa|c)_[A-Za-z0-9_+/=]{30,}"),
    _rule("sentry", "a Sentry token", "sntrys_ sntryu_", r"sntry[su]_[A-Za-z0-9+/=_]{40,}"),
    _rule("databricks", "a Databricks token", "dapi", r"dapi[0-9a-f]{32}(?:-\d)?"),
    _around("terraform", "a Terraform token", ".atlasv1.", r"[A-Za-z0-9]{14}\.atlasv1\.[\w-]{60,}"),
    _rule("pulumi", "a Pulumi token", "pul-", r"pul-[0-9a-f]{40}"),
    _rule("supabase", "a Supabase key", "sbp_ sb_secret_", r"sb(?:p|_secret)_[A-Za-z0-9_-]{20,}"),
    _rule(
        "planetscale",
        "a PlanetScale credential",
        "pscale_tkn_ pscale_pw_ pscale_oauth_",
        r"pscale_(?:tkn|pw|oauth)_[A-Za-z0-9_.-]{32,}",
    ),
    _rule("fly", "a Fly.io token", "fo1_ fm2_", r"(?:fo1|fm2)_[A-Za-z0-9+/=_-]{40,}"),
    _rule("netlify", "a Netlify token", "nfp_", r"nfp_[A-Za-z0-9]{36,}"),
    _rule("tailscale", "a Tailscale key", "tskey-", r"tskey-[a-z]+-[A-Za-z0-9-]{20,}"),
    _rule("hubspot", "a HubSpot token", "pat-na1- pat-eu1-", r"pat-(?:na|eu)1-[0-9a-fA-F-]{30,}"),
    _rule("mapbox", "a Mapbox secret token", "sk.eyJ", r"sk\.eyJ[A-Za-z0-9_-]{20,}\.[\w-]{16,}"),
    _rule("contentful", "a Contentful token", "CFPAT-", r"CFPAT-[A-Za-z0-9_-]{40,}"),
    _rule("circleci", "a CircleCI token", "CCIPAT_", r"CCIPAT_[A-Za-z0-9_-]{40,}"),
    _rule("buildkite", "a Buildkite token", "bkua_", r"bkua_[0-9a-f]{40}"),
    _rule("sourcegraph", "a Sourcegraph token", "sgp_", r"sgp_[0-9A-Za-z_]{40,}"),
    _rule("heroku", "a Heroku key", "HRKU-", r"HRKU-[A-Za-z0-9_-]{30,}"),
    _rule("age", "an age secret key", "AGE-SECRET-KEY-", r"AGE-SECRET-KEY-1[A-Z0-9]{50,}"),
    _around(
        "private-key",
        "a private key",
        "PRIVATE KEY-----",
        r"-----BEGIN[A-Z ]{0,20} PRIVATE KEY-----",
    ),
    _rule(
        "jwt",
        "a signed token (JWT)",
        "eyJ",
        r"eyJ[A-Za-z0-9_-]{10,2000}\.eyJ[A-Za-z0-9_-]{10,4000}\.[\w-]{10,}",
    ),
    _rule("azure-storage", "an Azure account key", "AccountKey=", r"AccountKey=[A-Za-z0-9+/]{60,}"),
    _around("azure-client", "an Azure client secret", "8Q~", r"[A-Za-z0-9_~.-]{3}8Q~[\w~.-]{31,}"),
)
# What a token begins with, and what stands inside of one.
PREFIXES = tuple(keyword for rule in RULES if not rule.inside for keyword in rule.keywords)
INFIXES = tuple(keyword for rule in RULES if rule.inside for keyword in rule.keywords)


@cache
def compiled(rule: Rule) -> re.Pattern[str]:
    """Return the rule's pattern with the border before it."""
    return re.compile(LEADING + rule.pattern, re.ASCII)


def tokens(text: str) -> Iterator[tuple[Rule, re.Match[str]]]:
    """Yield what each rule finds in *text*; placeholders are none (`sk-your-key-goes-in-here`)."""
    for rule in RULES:
        if any(keyword in text for keyword in rule.keywords):
            for match in compiled(rule).finditer(text):
                if rule.id == "private-key" or _is_made(match[0]):
                    yield rule, match


def first(text: str) -> Rule | None:
    """Return the first rule of the table that finds its format in *text*, or None."""
    return next((rule for rule, _ in tokens(text)), None)


def _is_made(token: str) -> bool:
    """Say whether a machine made *token*: by hand are words, `xxxx` and AWS's own EXAMPLE."""
    if len(set(token[-20:])) < 6 or re.search(r"EXAMPLE|[xX*.0]{6}|(?i:your)[-_]", token):
        return False
    return any(char.isdigit() or char.isupper() for char in token[4:])
