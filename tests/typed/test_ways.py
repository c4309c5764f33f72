"""Ways of typing a secret, and of typing none, that the tables of commands do not have."""

import os
import secrets
from pathlib import Path

import pytest

from devkeys.typed import judge
from devkeys.typed.suspicion import suspicious

TELEGRAM = "1234567890:" + "AA" + secrets.token_hex(17)[:33]
TOKEN = "kQ9" + secrets.token_hex(12) + "Zw7"


@pytest.mark.parametrize(
    "command",
    [
        "curl https://api.telegram.org/botTELEGRAM/getMe",
        "curl -H 'Authorization: Bot VALUE' https://discord.example",
        'curl -H "Authorization: SSWS VALUE" https://okta.example',
        "curl -H Authorization:VALUE --compressed https://x.example",
        "curl -H 'Authorization: PVEAPIToken=root@pam!ci=VALUE' https://x.example",
        "streamlink --twitch-api-header 'Authorization=OAuth VALUE' x",
        "xh -A bearer -a VALUE x.example",
        "http --auth-type=bearer --auth=VALUE x.example",
        "gh secret set API_KEY -bVALUE",
        "echo VALUE | sudo --stdin ls",
        "rar a -hpVALUE a b",
        "security unlock-keychain -p VALUE x.keychain",
        "security import x.p12 -k login.keychain -P VALUE -A",
        "security set-key-partition-list -S apple-tool: -s -k VALUE x.keychain",
        "aws configure set profile.x.aws_secret_access_key VALUE",
        "aws configure set --profile x aws_secret_access_key VALUE",
        "crudini --set f.ini s api_key VALUE",
        ": ${API_KEY:=VALUE}",
        "export API_KEY=${API_KEY:-VALUE}",
        'curl -H "X-Key: ${API_KEY:-VALUE}" https://x.example',
    ],
)
def test_a_secret_is_found(command: str) -> None:
    """The command is kept out, and suspected before."""
    command = command.replace("TELEGRAM", TELEGRAM).replace("VALUE", TOKEN)
    assert judge(command, "bash", ()) is not None
    assert suspicious(command)


@pytest.mark.parametrize(
    "command",
    [
        "sed -i '/PASSWORD=/d' .env",
        "sed -n '/API_KEY=/p' .env",
        "openssl enc -d -aes-256-cbc -in a -pass file:pw",
        "openssl enc -d -aes-256-cbc -in a -pass env:PW",
        "openssl rsa -in k -passin stdin",
        "pulumi config set --secret dbPassword",
        """aws dynamodb get-item --table-name t --key '{"id":{"S":"a1"}}'""",
        "meson setup b -Dsecret=enabled",
        "cat <<EOF > README\nSet API_KEY to your key.\nEOF",
        "export DATABASE_URL=postgres://localhost/dev",
        "export DATABASE_URL=sqlite:///dev.db",
        "REDIS_URL=redis://localhost:6379/0 ./worker",
        "git commit -m 'Authorization: handle a missing header'",
        "git commit -m 'set cookie key handling in request2'",
        "curl -H 'Authorization: Bearer '$TOKEN https://x.example",
        'curl -H "Authorization: Bot $TOKEN" https://x.example',
        "echo ${API_KEY:-none} ${TOKEN:-$OTHER} ${PASSWORD:?is missing} ${API_KEY:+is set}",
        "security find-generic-password -a ana -s x -w",
        "http -A bearer -a $TOKEN x.example",
    ],
)
def test_what_is_none_is_not_found(command: str) -> None:
    """The command is recorded."""
    assert judge(command, "bash", ()) is None


def test_a_database_is_named_with_its_password() -> None:
    """A URL without a password is no secret; one with it is, wherever it stands."""
    for url in (f"postgres://ana:{TOKEN}@h/d", f"redis://h:6379/0?password={TOKEN}"):
        assert judge(f"export DATABASE_URL={url}", "bash", ()) is not None
    assert judge(f"export WEBHOOK_URL=https://h.example/{TOKEN}", "bash", ()) is not None


def test_nobody_is_asked_for_a_file_of_a_secrets_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What may be a password never gets into a path: a file server would be told it."""
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf" / "master.bin").touch()
    monkeypatch.chdir(tmp_path)
    asked: list[str] = []
    stat = os.stat

    def noted(path: str) -> os.stat_result:
        asked.append(path)
        return stat(path)

    monkeypatch.setattr(os, "stat", noted)
    value = f"{TOKEN}.{TOKEN}/a"
    assert judge(f"export API_KEY={value}", "bash", ()) is not None
    assert not any(TOKEN in str(path) for path in asked)
    assert judge("export API_KEY=conf/master.bin", "bash", ()) is None
    assert judge("export API_KEY=conf/gone.bin", "bash", ()) is not None
