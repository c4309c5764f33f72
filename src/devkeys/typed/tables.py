"""The words that the shells' hooks and the judge look for, in lower case.

Each of them stands in each file of `shell/`; a test ties them.
"""


def _table(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# Parts of names that are secret, wherever they stand in the name ...
PARTS = _table(
    """key token secret pass pwd cred dsn salt pepper psk hmac cookie webhook bearer jwt mnemonic
    bindpw connection_string connection-string conn_string conn-string connectionstring
    service_account_json service-account-json recovery_codes recovery-codes seed_phrase seed-phrase
    basic_auth basic-auth browser_auth browser-auth session ksm_config"""
)
# ... and words that are so as a whole.
WORDS = _table("pw iv pat sas")
# The names of databases, before URL or URI.
DATABASES = _table(
    """database db redis mongo mongodb postgres postgresql pg mysql mariadb sqlalchemy amqp rabbitmq
    cloudamqp broker jdbc cloudinary smtp email mail mailer valkey"""
)
# Programs of which every call is looked at, whatever follows their name ...
PROGRAMS = _table(
    """mysql mariadb mycli sshpass redis-cli valkey-cli mongo ldap smbclient rpcclient smbget 7z rar
    unrar zip unzip mosquitto_ sqlcmd bcp htpasswd openssl xfreerdp wlfreerdp security rclone nmcli
    wpa_passphrase lftp sqlplus ssh-keygen rabbitmqctl mkpasswd ansible-vault cmdkey"""
)
# ... those that log in, those that speak HTTP, and those that keep secrets elsewhere.
LOGINS = _table(
    """docker podman nerdctl buildah skopeo helm oras crane az twine vault bao bw cargo wandb snyk
    ngrok doctl glab"""
)
CLIENTS = _table("curl http https xh xhs")
KEEPERS = _table("gh vault bao doppler infisical fly flyctl aws az eas pulumi")
# What takes a secret from its input.
SINKS = _table(
    """devkeys sudo gh wrangler vercel docker podman chpasswd passwd pass gopass passage secret-tool
    gcloud"""
)
