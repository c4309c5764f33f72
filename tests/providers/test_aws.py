"""AWS Secrets Manager and Parameter Store: real botocore, against moto's server on loopback."""

import http.client
import json
import os
import secrets
import sys
import uuid
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from aws_server import Front, front
from real import absent

from devkeys.providers import Provider, WritableProvider, open_provider
from devkeys.providers.aws.parameterstore import ParameterStore
from devkeys.providers.aws.secretsmanager import SecretsManager
from devkeys.providers.caller import Caller
from devkeys.providers.errors import (
    DeniedError,
    LockedError,
    ProviderError,
    RevokedError,
    UnreachableError,
)
from devkeys.references import MalformedError, Reference, parse, parse_source
from devkeys.secret import Secret
from devkeys.testing import Subject, Unable, WritableProviderContract

REGION = "eu-central-1"


@pytest.fixture(scope="module")
def moto() -> Iterator[str]:
    """Serve AWS; return the address."""
    try:
        from moto.server import ThreadedMotoServer
    except ImportError:
        absent("needs moto[server]")
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def server(moto: str) -> Iterator[Front]:
    """Stand before an empty one, and count."""
    host = moto.rpartition("//")[2]
    connection = http.client.HTTPConnection(host)
    connection.request("POST", "/moto-api/reset")
    connection.getresponse().read()
    connection.close()
    with front(moto) as running:
        yield running


@pytest.fixture
def caller(server: Front, tmp_path: Path) -> Caller:
    """Return a caller with credentials in the environment."""
    environ = {
        "HOME": str(tmp_path),
        "PATH": os.defpath,
        "AWS_ENDPOINT_URL": server.address,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ACCESS_KEY_ID": "made-up",
        "AWS_SECRET_ACCESS_KEY": "made-up",
        "AWS_MAX_ATTEMPTS": "1",
    }
    return Caller(environ, str(tmp_path), str(tmp_path), limit=30)


class AwsSubject(Subject):
    """One service behind the front."""

    end = ""

    def __init__(
        self, scheme: str, server: Front, caller: Caller, patch: pytest.MonkeyPatch
    ) -> None:
        super().__init__(open_provider(scheme, caller))
        self.patch = patch
        self.scheme, self.server, self.caller = scheme, server, caller
        self.unique = uuid.uuid4().hex

    def again(self, **changes: Any) -> Provider:
        """Return the provider for another caller."""
        return open_provider(self.scheme, self.caller._replace(**changes))

    def absent(self) -> Reference:
        """Return a name that nobody has used."""
        return parse(f"{self.scheme}://none-{self.unique}{self.end}")

    def locked(self) -> Provider:
        """Take the credentials away."""
        kept = {n: v for n, v in self.caller.environ.items() if "KEY" not in n}
        return self.again(environ=kept)

    def denied(self) -> Provider:
        """Deny everything."""
        for name in ("GetSecretValue", "BatchGetSecretValue", "GetParameters"):
            self.server.refuse(name, "AccessDeniedException")
        return self.provider

    def slow(self) -> Provider:
        """Let every answer take its time."""
        from time import sleep

        def late(_operation: str, _given: Any) -> tuple[int, bytes]:
            sleep(3)
            return 400, b"{}"

        self.server.handle = late
        return self.again(limit=1)

    def without_program(self) -> Provider:
        """Take the library away."""
        self.patch.setitem(sys.modules, "botocore.session", None)
        return self.provider

    def garbage(self) -> Provider:
        """Answer with a page of something else."""
        self.server.handle = lambda _operation, _given: (200, b"<html>it works!")
        return self.provider

    def cut_off(self) -> Provider:
        """Answer with half of an answer."""
        self.server.handle = lambda _operation, _given: (299, b'{"SecretString": "half')
        return self.provider


class SecretSubject(AwsSubject):
    """Whole secrets."""

    def put(self, value: bytes) -> Reference:
        """Put it with the service's own client."""
        name = f"team/{uuid.uuid4().hex}"
        _VENDOR["secretsmanager"].create_secret(Name=name, SecretString=value.decode())
        return parse(f"aws-sm://{name}")


class KeySubject(AwsSubject):
    """Keys of secrets that are JSON objects."""

    end = "#key"

    def put(self, value: bytes) -> Reference:
        """Put it with the service's own client, beside another key."""
        name = f"/team/{uuid.uuid4().hex}"
        text = json.dumps({"a": 1, "key": value.decode()})
        _VENDOR["secretsmanager"].create_secret(Name=name, SecretString=text)
        return parse(f"aws-sm://{name}#key")


class ParameterSubject(AwsSubject):
    """Parameters."""

    def put(self, value: bytes) -> Reference:
        """Put it with the service's own client."""
        if len(value) > 8192:
            raise Unable("a parameter has 8 KiB at most")
        name = f"/team/{uuid.uuid4().hex}"
        _VENDOR["ssm"].put_parameter(Name=name, Value=value.decode(), Type="SecureString")
        return parse(f"aws-ssm://{name}")


_VENDOR: dict[str, Any] = {}  # the vendor's own clients, of this module's server


@pytest.fixture(scope="module", autouse=True)
def _clients(moto: str) -> Iterator[None]:
    from botocore.session import Session

    for service in ("secretsmanager", "ssm"):
        _VENDOR[service] = Session().create_client(
            service,
            region_name=REGION,
            endpoint_url=moto,
            aws_access_key_id="made-up",
            aws_secret_access_key="made-up",
        )
    yield
    for client in _VENDOR.values():
        client.close()


class TestSecrets(WritableProviderContract):
    """The contract, for whole secrets."""

    @pytest.fixture
    def subject(self, server: Front, caller: Caller, monkeypatch: pytest.MonkeyPatch) -> Subject:
        """Return Secrets Manager."""
        return SecretSubject("aws-sm", server, caller, monkeypatch)


class TestKeys(WritableProviderContract):
    """The contract, for keys of JSON objects."""

    @pytest.fixture
    def subject(self, server: Front, caller: Caller, monkeypatch: pytest.MonkeyPatch) -> Subject:
        """Return Secrets Manager."""
        return KeySubject("aws-sm", server, caller, monkeypatch)


class TestParameters(WritableProviderContract):
    """The contract, for parameters."""

    @pytest.fixture
    def subject(self, server: Front, caller: Caller, monkeypatch: pytest.MonkeyPatch) -> Subject:
        """Return Parameter Store."""
        return ParameterSubject("aws-ssm", server, caller, monkeypatch)


def revealed(found: object) -> bytes | None:
    """Return the value of an answer that is one, or None."""
    assert found is None or isinstance(found, Secret), found
    return None if found is None else found.reveal()


def read(provider: Provider, text: str) -> bytes | None:
    """Return the value of one reference."""
    return revealed(provider.get_many([parse(text)])[parse(text)])


def failure(provider: Provider, text: str) -> ProviderError:
    """Return the error that *text* ends in, raised or as its answer."""
    try:
        answer = provider.get_many([parse(text)])[parse(text)]
    except ProviderError as error:
        return error
    assert isinstance(answer, ProviderError), answer
    return answer


@pytest.fixture(params=["aws-sm", "aws-ssm"])
def provider(request: pytest.FixtureRequest, caller: Caller) -> Provider:
    """Return each of both in turn."""
    return open_provider(request.param, caller)


def scheme_of(provider: Provider) -> str:
    """Return the scheme of *provider*."""
    return "aws-sm" if isinstance(provider, SecretsManager) else "aws-ssm"


def test_batches(server: Front, caller: Caller) -> None:
    """Secrets are asked twenty a request and parameters ten, whatever number of keys."""
    vendor = _VENDOR["secretsmanager"]
    for number in range(25):
        vendor.create_secret(Name=f"s{number}", SecretString=json.dumps({"a": number, "b": "x"}))
        _VENDOR["ssm"].put_parameter(Name=f"p{number}", Value=f"v{number}", Type="String")
    server.asked.clear()
    asked = [parse(f"aws-sm://s{number}#{key}") for number in range(25) for key in "ab"]
    found = SecretsManager(caller).get_many([*asked, parse("aws-sm://none")])
    assert revealed(found[asked[48]]) == b"24"
    assert found[parse("aws-sm://none")] is None
    names = [parse(f"aws-ssm://p{number}") for number in range(25)]
    assert revealed(ParameterStore(caller).get_many(names)[names[24]]) == b"v24"
    assert server.asked == ["BatchGetSecretValue"] * 2 + ["GetParameters"] * 3


def test_one_secret_needs_no_right_to_batches(server: Front, caller: Caller) -> None:
    """One secret is read by GetSecretValue; without the batch right all are, one by one."""
    vendor = _VENDOR["secretsmanager"]
    vendor.create_secret(Name="one", SecretString="1")
    vendor.create_secret(Name="two", SecretString="2")
    server.asked.clear()
    server.refuse("BatchGetSecretValue", "AccessDeniedException")
    secrets_manager = SecretsManager(caller)
    assert read(secrets_manager, "aws-sm://one") == b"1"
    assert server.asked == ["GetSecretValue"]
    asked = [parse(f"aws-sm://{name}") for name in ("one", "two", "none")]
    found = secrets_manager.get_many(asked)
    assert [revealed(found[one]) for one in asked] == [b"1", b"2", None]


def test_errors_within_a_batch_are_of_one_secret(server: Front, caller: Caller) -> None:
    """In a batch each secret has its own error; one without any answer is not absent."""
    body = {
        "SecretValues": [{"ARN": "arn:x", "Name": "a", "SecretString": "v"}],
        "Errors": [
            {"SecretId": "b", "ErrorCode": "AccessDeniedException", "Message": "no"},
            {"SecretId": "c", "ErrorCode": "DecryptionFailure", "Message": "no"},
            {"SecretId": "d", "ErrorCode": "ResourceNotFoundException", "Message": "no"},
        ],
    }
    server.handle = lambda _operation, _given: (200, json.dumps(body).encode())
    asked = [parse(f"aws-sm://{name}") for name in "abcde"]
    found = SecretsManager(caller).get_many(asked)
    kinds = [type(found[one]) for one in asked]
    assert kinds == [Secret, DeniedError, DeniedError, type(None), UnreachableError]


def test_pages_of_a_batch(server: Front, caller: Caller) -> None:
    """An answer in several pages is read to its end."""

    def handle(_operation: str, given: dict[str, Any]) -> tuple[int, bytes]:
        first = "NextToken" not in given
        entry = {"ARN": "arn:x", "Name": "a" if first else "b", "SecretString": "v"}
        page = {"SecretValues": [entry], **({"NextToken": "t"} if first else {})}
        return 200, json.dumps(page).encode()

    server.handle = handle
    asked = [parse("aws-sm://a"), parse("aws-sm://b")]
    found = SecretsManager(caller).get_many(asked)
    assert [revealed(found[one]) for one in asked] == [b"v", b"v"]


def test_arn_and_region(caller: Caller) -> None:
    """A secret is found by its ARN, in the ARN's region, and by one without its random end."""
    away = caller._replace(environ={**caller.environ, "AWS_DEFAULT_REGION": "us-east-1"})
    arn = _VENDOR["secretsmanager"].create_secret(Name="a/b", SecretString="v")["ARN"]
    manager = SecretsManager(away)
    assert read(manager, f"aws-sm://{arn}") == b"v"
    asked = [parse(f"aws-sm://{one}") for one in (arn, f"{arn}?region={REGION}", arn[:-7])]
    found = manager.get_many(asked)
    assert [revealed(found[one]) for one in asked] == [b"v"] * 3
    assert read(manager, "aws-sm://a/b") is None
    assert read(manager, f"aws-sm://a/b?region={REGION}") == b"v"


def test_versions_of_a_parameter(caller: Caller) -> None:
    """A version is a value of its own, and cannot be written."""
    vendor = _VENDOR["ssm"]
    for value in ("old", "new"):
        vendor.put_parameter(Name="/a/b", Value=value, Type="SecureString", Overwrite=True)
    store = ParameterStore(caller)
    texts = ["aws-ssm:///a/b", "aws-ssm:///a/b:1", "aws-ssm:///a/b:2", "aws-ssm:///a/b:9"]
    found = store.get_many([parse(text) for text in texts])
    values = [revealed(found[parse(text)]) for text in texts]
    assert values == [b"new", b"old", b"new", None]
    with pytest.raises(DeniedError, match="nobody can write"):
        store.check_writable(parse("aws-ssm:///a/b:1"))


def test_denied_parameter_does_not_fail_its_batch(server: Front, caller: Caller) -> None:
    """AWS fails all ten for one; the others are asked alone then."""
    _VENDOR["ssm"].put_parameter(Name="/ok", Value="v", Type="SecureString")

    def handle(_operation: str, given: dict[str, Any]) -> tuple[int, bytes] | None:
        body = {"__type": "AccessDeniedException", "message": "no"}
        return (400, json.dumps(body).encode()) if "/no" in given.get("Names", ()) else None

    server.handle = handle
    asked = [parse("aws-ssm:///no"), parse("aws-ssm:///ok")]
    found = ParameterStore(caller).get_many(asked)
    assert isinstance(found[asked[0]], DeniedError)
    assert revealed(found[asked[1]]) == b"v"


def test_binary_secret(caller: Caller) -> None:
    """Bytes that are no text are kept as SecretBinary and come back."""
    manager, reference = SecretsManager(caller), parse("aws-sm://binary")
    manager.set(reference, Secret(b"\x00\xff\n"))
    assert revealed(manager.get_many([reference])[reference]) == b"\x00\xff\n"
    with pytest.raises(DeniedError, match="1 to 65536"):
        manager.set(reference, Secret(b""))
    with pytest.raises(DeniedError, match="no JSON object") as caught:
        manager.check_writable(parse("aws-sm://binary#key"))
    assert caught.value.hint == "write the reference as aws-sm://binary, for all of it"


def test_keys_of_json(caller: Caller) -> None:
    """Strings come exactly, other kinds as JSON, null not at all; neighbours stay as they were."""
    text = '{"n": 1.10, "o": {"x": [1e2]}, "z": null, "s": " a\\n"}'
    vendor = _VENDOR["secretsmanager"]
    vendor.create_secret(Name="j", SecretString=text)
    manager = SecretsManager(caller)
    asked = [parse(f"aws-sm://j#{key}") for key in "nozsx"]
    found = manager.get_many(asked)
    assert [revealed(found[one]) for one in asked] == [b"1.10", b'{"x":[1e2]}', None, b" a\n", None]
    manager.set(parse("aws-sm://j#new"), Secret(b"v"))
    assert manager.delete(parse("aws-sm://j#s")) is True
    now = vendor.get_secret_value(SecretId="j")["SecretString"]
    assert now == '{"n":1.10,"o":{"x":[1e2]},"z":null,"new":"v"}'
    fields = manager.get_all(parse_source("aws-sm://j"))
    assert fields is not None
    assert {name: one.reveal() for name, one in fields.items()}["new"] == b"v"
    assert manager.get_all(parse_source("aws-sm://none")) is None


@pytest.mark.parametrize("text", ["plain", "[1]", '{"a":1,"a":2}', '"a"'])
def test_key_of_no_object_is_an_error(caller: Caller, text: str) -> None:
    """A key of something else than one unambiguous object is refused, and nothing of it shown."""
    _VENDOR["secretsmanager"].create_secret(Name="p", SecretString=text)
    error = failure(SecretsManager(caller), "aws-sm://p#a")
    assert isinstance(error, DeniedError)
    assert "plain" not in str(error)


def test_parameters_below_a_path(caller: Caller) -> None:
    """All parameters of a path come by the last part of their names, page by page."""
    vendor = _VENDOR["ssm"]
    for number in range(12):
        vendor.put_parameter(Name=f"/t/c/N{number}", Value=f"v{number}", Type="SecureString")
    vendor.put_parameter(Name="/t/c/deep/er", Value="v", Type="SecureString")
    store = ParameterStore(caller)
    found = store.get_all(parse_source("aws-ssm:///t/c"))
    assert found is not None
    assert len(found) == 12
    assert found["N11"].reveal() == b"v11"
    assert store.get_all(parse_source("aws-ssm:///none")) is None
    with pytest.raises(DeniedError, match="begins with /"):
        store.get_all(parse_source("aws-ssm://t/c"))


def test_parameter_keeps_its_key(server: Front, caller: Caller) -> None:
    """An overwritten parameter is encrypted with the key it had, or is not overwritten."""
    vendor = _VENDOR["ssm"]
    vendor.put_parameter(Name="/k", Value="v", Type="SecureString", KeyId="alias/own")
    vendor.put_parameter(Name="/open", Value="v", Type="String")
    store = ParameterStore(caller)
    store.set(parse("aws-ssm:///k"), Secret(b"new"))
    described = vendor.describe_parameters(ParameterFilters=[{"Key": "Name", "Values": ["/k"]}])
    assert described["Parameters"][0]["KeyId"] == "alias/own"
    with pytest.raises(DeniedError, match="no SecureString"):
        store.check_writable(parse("aws-ssm:///open"))
    server.refuse("DescribeParameters", "AccessDeniedException")
    store.check_writable(parse("aws-ssm:///k"))
    with pytest.raises(DeniedError) as caught:
        store.set(parse("aws-ssm:///k"), Secret(b"newer"))
    assert "ssm:DescribeParameters" in (caught.value.hint or "")
    assert read(store, "aws-ssm:///k") == b"new"


def test_secret_that_waits_for_deletion_is_absent(caller: Caller) -> None:
    """A deleted secret can be restored for 30 days, is absent, and is restored by `set`."""
    manager, reference = SecretsManager(caller), parse("aws-sm://gone")
    manager.set(reference, Secret(b"one"))
    assert manager.delete(reference) is True
    both = [reference, parse("aws-sm://none")]
    assert list(manager.get_many(both).values()) == [None, None]
    assert "DeletedDate" in _VENDOR["secretsmanager"].describe_secret(SecretId="gone")
    manager.set(reference, Secret(b"two"))
    assert read(manager, "aws-sm://gone") == b"two"


def answer_always(body: bytes, _operation: str, _given: dict[str, Any]) -> tuple[int, bytes]:
    """Answer anything with *body*."""
    return 200, body


def test_writable_is_checked_before(server: Front, caller: Caller) -> None:
    """What belongs to a service of AWS, another region or an unknown ARN is refused."""
    manager = SecretsManager(caller)
    for found in ({"OwningService": "rds"}, {"PrimaryRegion": "us-east-1"}):
        body = json.dumps({"Name": "x", **found}).encode()
        server.handle = partial(answer_always, body)
        with pytest.raises(DeniedError):
            manager.check_writable(parse("aws-sm://x"))
    server.handle = lambda _operation, _given: None
    with pytest.raises(DeniedError, match="no such secret"):
        manager.check_writable(parse(f"aws-sm://arn:aws:secretsmanager:{REGION}:1:secret:x"))
    server.refuse("DescribeSecret", "AccessDeniedException")
    manager.check_writable(parse("aws-sm://x"))
    manager.set(parse("aws-sm://x"), Secret(b"v"))
    assert read(manager, "aws-sm://x") == b"v"


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        ("ExpiredTokenException", 400, RevokedError),
        ("UnrecognizedClientException", 400, RevokedError),
        ("AccessDeniedException", 400, DeniedError),
        ("ThrottlingException", 400, UnreachableError),
        ("InternalServiceError", 500, UnreachableError),
        ("ValidationException", 400, DeniedError),
        ("<b>odd</b>", 418, DeniedError),
    ],
)
def test_errors_of_the_service(
    server: Front, provider: Provider, code: str, status: int, kind: type[ProviderError]
) -> None:
    """Each error is of one of our kinds, and only a code of AWS's own form is shown."""
    message = secrets.token_hex(8)
    for operation in ("GetSecretValue", "GetParameters"):
        server.refuse(operation, code, status, message)
    error = failure(provider, f"{scheme_of(provider)}://x")
    assert type(error) is kind
    assert message not in f"{error}{error.hint}"
    assert "<b>" not in str(error)


@pytest.mark.parametrize("scheme", ["aws-sm", "aws-ssm"])
def test_an_empty_region_is_none(caller: Caller, scheme: str) -> None:
    """A pipeline that sets the variable to nothing is told what is missing."""
    provider = open_provider(
        scheme, caller._replace(environ={**caller.environ, "AWS_DEFAULT_REGION": ""})
    )
    error = failure(provider, f"{scheme}://x")
    assert isinstance(error, LockedError)
    assert "no region is set" in str(error)


def test_credentials_of_a_profile(server: Front, caller: Caller, tmp_path: Path) -> None:
    """A reference's profile goes before the environment; one that is not there is said."""
    aws = tmp_path / ".aws"
    aws.mkdir()
    (aws / "config").write_text(f"[profile team]\nregion = {REGION}\n")
    lines = [f"{name.lower()} = {caller.environ[name]}" for name in caller.environ if "KEY" in name]
    (aws / "credentials").write_text("\n".join(["[team]", *lines]))
    _VENDOR["secretsmanager"].create_secret(Name="mine", SecretString="v")
    kept = {n: v for n, v in caller.environ.items() if "KEY" not in n and "REGION" not in n}
    manager = SecretsManager(caller._replace(environ=kept))
    assert read(manager, "aws-sm://mine?profile=team") == b"v"
    error = failure(manager, "aws-sm://mine?profile=none")
    assert isinstance(error, LockedError)
    assert "none" in str(error)
    server.refuse("GetSecretValue", "ExpiredTokenException")
    error = failure(manager, "aws-sm://mine?profile=team")
    assert "aws sso login --profile team" in (error.hint or "")


def test_expired_sign_in_of_sso(caller: Caller, tmp_path: Path) -> None:
    """A profile of SSO without a live token says how to sign in."""
    aws = tmp_path / ".aws"
    aws.mkdir()
    (aws / "config").write_text(
        "[sso-session s]\nsso_region = eu-central-1\nsso_start_url = https://x.invalid/start\n"
        "[profile team]\nsso_session = s\nsso_account_id = 123456789012\n"
        f"sso_role_name = dev\nregion = {REGION}\n"
    )
    error = failure(SecretsManager(caller), "aws-sm://x?profile=team")
    assert isinstance(error, LockedError)
    assert "aws sso login --profile team" in (error.hint or "")


def test_code_of_a_device_is_not_asked_of_nobody(caller: Caller, tmp_path: Path) -> None:
    """A role with MFA does not prompt where nobody is, and takes the CLI's session if it lives."""
    aws = tmp_path / ".aws"
    aws.mkdir()
    (aws / "config").write_text(
        f"[profile team]\nregion = {REGION}\nrole_arn = arn:aws:iam::123456789012:role/dev\n"
        "mfa_serial = arn:aws:iam::123456789012:mfa/me\nsource_profile = base\n"
    )
    (aws / "credentials").write_text("[base]\naws_access_key_id=a\naws_secret_access_key=b\n")
    error = failure(SecretsManager(caller), "aws-sm://x?profile=team")
    assert isinstance(error, LockedError)
    assert "MFA" in str(error)
    assert not (aws / "cli").exists()


def test_no_region(caller: Caller) -> None:
    """Without a region the hint says where one goes."""
    bare = {name: value for name, value in caller.environ.items() if "REGION" not in name}
    error = failure(SecretsManager(caller._replace(environ=bare)), "aws-sm://x")
    assert isinstance(error, LockedError)
    assert "?region=" in (error.hint or "")


def test_nobody_listens(caller: Caller) -> None:
    """An endpoint that is not there is unreachable."""
    environ = {**caller.environ, "AWS_ENDPOINT_URL": "http://127.0.0.1:9"}
    manager = SecretsManager(caller._replace(environ=environ))
    assert isinstance(failure(manager, "aws-sm://x"), UnreachableError)


def test_callers_environment_counts_and_only_for_the_call(
    caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What an outer run put into this process's environment chooses no server; it stays there."""
    _VENDOR["secretsmanager"].create_secret(Name="mine", SecretString="v")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "of-the-outer-run")
    before = dict(os.environ)
    assert read(SecretsManager(caller), "aws-sm://mine") == b"v"
    broken = caller._replace(environ={**caller.environ, "AWS_PROFILE": "none"})
    assert isinstance(failure(SecretsManager(broken), "aws-sm://mine"), LockedError)
    assert dict(os.environ) == before


def test_credentials_of_the_keychain(caller: Caller) -> None:
    """What the keychain has for AWS is used where the environment has none."""
    _VENDOR["secretsmanager"].create_secret(Name="mine", SecretString="v")
    names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
    values = {name: caller.environ[name] for name in names}
    kept = caller._replace(
        environ={n: v for n, v in caller.environ.items() if n not in names},
        credentials={name: ("service", name) for name in names},
        read_keychain=lambda _service, account: Secret(values[account].encode()),
    )
    assert read(SecretsManager(kept), "aws-sm://mine") == b"v"


def test_diagnosis_reads_no_value(server: Front, caller: Caller) -> None:
    """Status tells who is signed in and what is there, by names alone."""
    _VENDOR["secretsmanager"].create_secret(Name="there", SecretString='{"k": "v"}')
    _VENDOR["ssm"].put_parameter(Name="/there", Value="v", Type="SecureString")
    server.asked.clear()
    for provider, texts in (
        (SecretsManager(caller), ["aws-sm://there", "aws-sm://none", "aws-sm://there#k"]),
        (ParameterStore(caller), ["aws-ssm:///there", "aws-ssm:///none"]),
    ):
        asked = [parse(text) for text in texts]
        found = provider.diagnose(asked)
        assert found.error is None
        assert "botocore" in (found.version or "")
        assert REGION in (found.account or "")
        assert [found.readable[one] for one in asked] == [True, False, None][: len(asked)]
        assert provider.diagnose([]).error is None
    assert not [one for one in server.asked if one.startswith("Get") and "Value" in one]
    assert "GetParameters" not in server.asked
    signed_out = {n: v for n, v in caller.environ.items() if "KEY" not in n}
    manager = SecretsManager(caller._replace(environ=signed_out))
    assert isinstance(manager.diagnose([]).error, LockedError)


def test_nothing_of_boto_is_loaded_with_the_modules() -> None:
    """The library is imported when something is asked, by one module."""
    import subprocess

    code = (
        "import sys, devkeys.providers.aws.secretsmanager, devkeys.providers.aws.parameterstore; "
        "print([name for name in sys.modules if 'boto' in name])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert done.stdout == b"[]\n"


def test_both_are_writable(caller: Caller) -> None:
    """Both can be written to and read in bulk."""
    make: Callable[[Caller], Provider]
    for make in (SecretsManager, ParameterStore):
        assert isinstance(make(caller), WritableProvider)


@pytest.mark.parametrize(
    "text",
    [
        f"aws-sm://arn:aws:secretsmanager:{REGION}:123456789012:secret:team/a@b-AbCdEf#key",
        "aws-sm:///team/chat?profile=dev&region=eu-west-1#a b",
        "aws-sm://rds!db-1",
        f"aws-ssm://arn:aws:ssm:{REGION}:123456789012:parameter/a/b:3",
    ],
)
def test_names_that_aws_knows_are_references(text: str) -> None:
    """ARNs, absolute names and managed secrets have one text each."""
    assert str(parse(text)) == text


@pytest.mark.parametrize("text", ["aws-sm://a%2Fb", "aws-ssm://%20a", "aws-sm://user:word@host/x"])
def test_two_names_of_one_place_are_no_references(text: str) -> None:
    """What AWS would trim or part into another name is refused, as is a credential."""
    with pytest.raises(MalformedError):
        parse(text)
