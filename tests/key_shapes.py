"""What providers' keys look like, after their documentation; made anew at run time.

`{alnum:36}` stands for 36 random letters and digits. These are not taken from the patterns of
the rules, which they check.
"""

import re
import secrets
import string

_ALPHABETS = {
    "alnum": string.ascii_letters + string.digits,
    "lower": string.ascii_lowercase + string.digits,
    "upper": string.ascii_uppercase + string.digits,
    "base32": string.ascii_uppercase + "234567",
    "hex": "0123456789abcdef",
    "digit": string.digits,
    "url": string.ascii_letters + string.digits + "_-",
    "base64": string.ascii_letters + string.digits + "+/",
}
SHAPES = {
    "openai": (
        "sk-{alnum:48}",
        "sk-proj-{url:120}",
        "sk-svcacct-{url:120}",
        "sk-ant-api03-{url:93}AA",
        "sk-or-v1-{hex:64}",
        "sk-{hex:32}",
    ),
    "groq": ("gsk_{alnum:52}",),
    "hugging-face": ("hf_{alnum:34}",),
    "replicate": ("r8_{alnum:37}",),
    "xai": ("xai-{alnum:80}",),
    "perplexity": ("pplx-{alnum:48}",),
    "nvidia": ("nvapi-{url:64}",),
    "cerebras": ("csk-{lower:48}",),
    "fireworks": ("fw_{alnum:24}",),
    "tavily": ("tvly-{alnum:32}", "tvly-dev-{alnum:32}"),
    "pinecone": ("pcsk_{alnum:5}_{alnum:64}",),
    "langsmith": ("lsv2_pt_{hex:32}_{hex:10}", "lsv2_sk_{hex:32}_{hex:10}"),
    "e2b": ("e2b_{hex:40}",),
    "google-api": ("AIza{url:35}",),
    "google-oauth": ("ya29.{url:120}",),
    "google-client": ("GOCSPX-{url:28}",),
    "aws-key-id": ("AKIA{base32:16}", "ASIA{base32:16}"),
    "github": tuple(f"gh{kind}_{{alnum:36}}" for kind in "pousr"),
    "github-pat": ("github_pat_{alnum:22}_{alnum:59}",),
    "gitlab": ("glpat-{url:20}", "glrt-{url:20}", "glptt-{hex:40}", "glagent-{url:50}"),
    "bitbucket": ("ATBB{alnum:32}", "ATATT3xFfGF0{url:100}={hex:8}", "ATCTT3xFfGN0{url:100}"),
    "slack": (
        "xoxb-{digit:12}-{digit:12}-{alnum:24}",
        "xoxp-{digit:12}-{digit:12}-{digit:12}-{hex:32}",
        "xapp-1-{upper:11}-{digit:13}-{hex:64}",
        "xoxe.xoxp-1-{alnum:120}",
    ),
    "slack-webhook": ("hooks.slack.com/services/T{upper:10}/B{upper:10}/{alnum:24}",),
    "discord-webhook": ("discord.com/api/webhooks/{digit:18}/{url:68}",),
    "telegram": ("{digit:10}:AA{url:33}",),
    "stripe": ("sk_live_{alnum:24}", "sk_test_{alnum:99}", "rk_live_{alnum:24}"),
    "webhook-secret": ("whsec_{base64:32}",),
    "square": ("sq0csp-{url:43}", "sq0atp-{url:22}"),
    "sendgrid": ("SG.{url:22}.{url:43}",),
    "mailgun": ("key-{hex:32}",),
    "brevo": ("xkeysib-{hex:64}-{alnum:16}", "xsmtpsib-{hex:64}-{alnum:16}"),
    "resend": ("re_{alnum:8}_{alnum:24}",),
    "npm": ("npm_{alnum:36}",),
    "pypi": ("pypi-AgEIcHlwaS5vcmc{url:100}",),
    "rubygems": ("rubygems_{hex:48}",),
    "docker": ("dckr_pat_{url:27}", "dckr_oat_{url:32}"),
    "digitalocean": ("dop_v1_{hex:64}", "doo_v1_{hex:64}", "dor_v1_{hex:64}"),
    "shopify": ("shpat_{hex:32}", "shpss_{hex:32}"),
    "vault": ("hvs.{url:90}", "hvb.{url:140}"),
    "doppler": ("dp.pt.{alnum:43}", "dp.st.prd.{alnum:43}"),
    "onepassword": ("ops_eyJ{base64:200}",),
    "linear": ("lin_api_{alnum:40}",),
    "notion": ("ntn_{alnum:46}", "secret_{alnum:43}"),
    "figma": ("figd_{url:40}",),
    "postman": ("PMAK-{hex:24}-{hex:34}",),
    "newrelic": ("NRAK-{upper:27}",),
    "grafana": ("glsa_{alnum:32}_{hex:8}", "glc_{base64:60}"),
    "sentry": ("sntrys_{base64:80}_{alnum:43}", "sntryu_{hex:64}"),
    "databricks": ("dapi{hex:32}", "dapi{hex:32}-2"),
    "terraform": ("{alnum:14}.atlasv1.{url:67}",),
    "pulumi": ("pul-{hex:40}",),
    "supabase": ("sbp_{hex:40}", "sb_secret_{url:31}"),
    "planetscale": ("pscale_tkn_{url:43}", "pscale_pw_{url:43}"),
    "fly": ("fo1_{url:43}", "fm2_{base64:200}"),
    "netlify": ("nfp_{alnum:36}",),
    "tailscale": ("tskey-auth-{alnum:17}-{alnum:32}", "tskey-api-{alnum:17}-{alnum:32}"),
    "hubspot": ("pat-na1-{hex:8}-{hex:4}-{hex:4}-{hex:4}-{hex:12}",),
    "mapbox": ("sk.eyJ{alnum:60}.{url:22}",),
    "contentful": ("CFPAT-{url:43}",),
    "circleci": ("CCIPAT_{alnum:22}_{hex:40}",),
    "buildkite": ("bkua_{hex:40}",),
    "sourcegraph": ("sgp_{hex:40}", "sgp_{hex:16}_{hex:40}"),
    "heroku": ("HRKU-AA{url:58}", "HRKU-{hex:8}-{hex:4}-{hex:4}-{hex:4}-{hex:12}"),
    "age": ("AGE-SECRET-KEY-1{upper:58}",),
    "private-key": (
        "-----BEGIN{blank} PRIVATE KEY-----",
        "-----BEGIN{blank} OPENSSH PRIVATE KEY-----",
        "-----BEGIN{blank} RSA PRIVATE KEY-----",
    ),
    "jwt": ("eyJ{url:33}.eyJ{url:80}.{url:43}",),
    "azure-storage": ("AccountKey={base64:86}==",),
    "azure-client": ("{alnum:3}8Q~{url:34}",),
}


def make(shape: str) -> str:
    """Return a new key of *shape*."""
    return re.sub(r"\{(\w+):(\d+)\}", _random, shape.replace("{blank}", ""))


def _random(match: re.Match[str]) -> str:
    alphabet = _ALPHABETS[match[1]]
    return "".join(secrets.choice(alphabet) for _ in range(int(match[2])))
