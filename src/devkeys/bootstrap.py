"""What opens providers and the store, by name; on the way of `run`, so it imports nothing."""

# What leads to the passphrase of devkeys' own store; no command that we start is to find it.
PASSPHRASE_FILE = "DEVKEYS_PASSPHRASE_FILE"  # noqa: S105  # a name
PASSPHRASE_FD = "DEVKEYS_PASSPHRASE_FD"  # noqa: S105  # a name
OWN = (PASSPHRASE_FILE, PASSPHRASE_FD)

# Credentials that unlock other secrets: taken out of the child's environment unless declared.
BOOTSTRAP = {
    "OP_SERVICE_ACCOUNT_TOKEN": "op",
    "OP_CONNECT_TOKEN": "op",
    "BW_SESSION": "bw",
    "BW_PASSWORD": "bw",
    "BW_CLIENTID": "bw",
    "BW_CLIENTSECRET": "bw",
    "BWS_ACCESS_TOKEN": "bw",
    "VAULT_TOKEN": "vault",
    "VAULT_SECRET_ID": "vault",
    "BAO_TOKEN": "vault",
    "AWS_ACCESS_KEY_ID": "aws",
    "AWS_SECRET_ACCESS_KEY": "aws",
    "AWS_SESSION_TOKEN": "aws",
    "AWS_SECURITY_TOKEN": "aws",
    "SOPS_AGE_KEY": "sops",
    "KEEPASSXC_PASSWORD": "keepassxc",
    "DOPPLER_TOKEN": "doppler",
    "INFISICAL_TOKEN": "infisical",
    "INFISICAL_CLIENT_SECRET": "infisical",
    "INFISICAL_UNIVERSAL_AUTH_CLIENT_SECRET": "infisical",
    "AKEYLESS_ACCESS_KEY": "akeyless",
    "AKEYLESS_TOKEN": "akeyless",
    "PHASE_SERVICE_TOKEN": "phase",
    "KSM_TOKEN": "keeper",
    "KSM_CONFIG": "keeper",
    "CONJUR_AUTHN_API_KEY": "conjur",
    "CONJUR_AUTHN_TOKEN": "conjur",
    "DASHLANE_SERVICE_DEVICE_KEYS": "dashlane",
    "GOPASS_AGE_PASSWORD": "gopass",
    "FNOX_AGE_KEY": "fnox",
    "DOTENV_KEY": "dotenv",
}
BOOTSTRAP_PREFIXES = ("OP_SESSION_", "DOTENV_PRIVATE_KEY")


def is_withheld(name: str) -> bool:
    """Say whether the child gets the variable *name* only where it is asked for."""
    return name in OWN or is_bootstrap(name)


def is_bootstrap(name: str) -> bool:
    """Say whether *name* is a credential that unlocks a provider."""
    return name in BOOTSTRAP or name.startswith(BOOTSTRAP_PREFIXES)
