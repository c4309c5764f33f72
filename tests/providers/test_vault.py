"""Vault and OpenBao: against a server on loopback that answers as their documentation says."""

import json
import secrets
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest
from real import need
from vault_server import VaultServer, make_certificate, vault_server

from devkeys.providers import open_provider
from devkeys.providers.caller import Caller
from devkeys.providers.errors import DeniedError, LockedError, ProviderError, UnreachableError
from devkeys.providers.vault import Vault
from devkeys.references import MalformedError, Reference, parse, parse_source
from devkeys.secret import Secret
from devkeys.testing import Subject, Unable, WritableProviderContract


def caller_of(server: VaultServer, home: Path, **more: str) -> Caller:
    """Return a caller who is signed in to *server*."""
    environ = {"VAULT_ADDR": server.address, "VAULT_TOKEN": server.token, "PATH": "", **more}
    return Caller(environ, str(home), str(home), limit=20)


@pytest.fixture
def server() -> Iterator[VaultServer]:
    """Serve."""
    with vault_server() as running:
        yield running


@pytest.fixture
def vault(server: VaultServer, tmp_path: Path) -> Vault:
    """Return the provider, signed in."""
    return Vault(caller_of(server, tmp_path))


def revealed(found: object) -> bytes | None:
    """Return the value of an answer that is one, or None."""
    assert found is None or isinstance(found, Secret), found
    return None if found is None else found.reveal()


def read(provider: Vault, text: str) -> bytes | None:
    """Return the value of one reference."""
    return revealed(provider.get_many([parse(text)])[parse(text)])


class VaultSubject(Subject):
    """A server with one KV engine in use, and a caller."""

    def __init__(self, server: VaultServer, home: Path, mount: str) -> None:
        self.caller = caller_of(server, home)
        super().__init__(open_provider("vault", self.caller))
        self.server, self.mount = server, mount
        self.count = 0

    def put(self, value: bytes) -> Reference:
        """Put it on the server itself."""
        self.count += 1
        self.server.put(f"{self.mount}/team/item {self.count}", {"a": "b", "key": value.decode()})
        return parse(f"vault://{self.mount}/team/item {self.count}#key")

    def absent(self) -> Reference:
        """Return a path that is not there."""
        return parse(f"vault://{self.mount}/team/none#key")

    def locked(self) -> Vault:
        """Take the token away."""
        environ = {"VAULT_ADDR": self.server.address}
        return Vault(self.caller._replace(environ=environ))

    def denied(self) -> Vault:
        """Deny every path that was put."""
        for kind in ("", "data/"):
            for number in range(self.count + 1):
                self.server.denied.add(f"{self.mount}/{kind}team/item {number}")
        return Vault(self.caller)

    def slow(self) -> Vault:
        """Let the server think."""
        self.server.delay = 3
        return Vault(self.caller._replace(limit=1))

    def without_program(self) -> Vault:
        """Say that there is none."""
        raise Unable("Vault is asked over HTTP; there is no program to lack")

    def garbage(self) -> Vault:
        """Answer with a page of something else."""
        self.server.fault = b"HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n<html>it works!"
        return Vault(self.caller)

    def cut_off(self) -> Vault:
        """Answer with half of an answer."""
        self.server.fault = b'HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{"data": {"data": {"key"'
        return Vault(self.caller)


class TestVersion2(WritableProviderContract):
    """The contract, in a KV engine of version 2."""

    @pytest.fixture
    def subject(self, server: VaultServer, tmp_path: Path) -> VaultSubject:
        """Return Vault."""
        return VaultSubject(server, tmp_path, "secret")


class TestVersion1(WritableProviderContract):
    """The contract, in a KV engine of version 1."""

    @pytest.fixture
    def subject(self, server: VaultServer, tmp_path: Path) -> VaultSubject:
        """Return Vault."""
        return VaultSubject(server, tmp_path, "kv1")


def test_one_request_a_mount_and_one_a_path(server: VaultServer, vault: Vault) -> None:
    """Twenty fields of two secrets are one question for the mount and two reads, on one line."""
    for path in ("a", "b"):
        server.put(f"secret/{path}", {f"F{n}": f"{path}{n}" for n in range(10)})
    asked = [parse(f"vault://secret/{path}#F{n}") for path in "ab" for n in range(10)]
    found = vault.get_many(asked)
    assert revealed(found[asked[13]]) == b"b3"
    assert server.asked == [
        "GET /v1/sys/internal/ui/mounts/secret/a",
        "GET /v1/secret/data/a",
        "GET /v1/secret/data/b",
    ]
    assert server.connections == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("{}", b"{}"),
        (
            '{"b":[1.10,1e400,true,null],"a":"\u00fc"}',
            '{"b":[1.10,1e400,true,null],"a":"ü"}'.encode(),
        ),
        ("12345678901234567890", b"12345678901234567890"),
        ("false", b"false"),
        ('""', b""),
        ("null", None),
    ],
)
def test_other_kinds_of_json_are_compact_text(
    server: VaultServer, vault: Vault, field: str, value: bytes | None
) -> None:
    """What is no string comes as JSON with its numbers as they were written; null is none."""
    body = f'{{"data": {{"data": {{"f": {field}}}, "metadata": {{"version": 1}}}}}}'
    server.canned["/data/"] = (200, body)
    assert read(vault, "vault://secret/a#f") == value


def test_mount_of_several_parts_and_odd_names(server: VaultServer, vault: Vault) -> None:
    """A mount may have several parts, and a path what has to be quoted in a URL."""
    server.put("team/kv/a b/ü%?#", {"x y": "v"})
    assert read(vault, "vault://team/kv/a b/ü%25%3F%23#x y") == b"v"
    with pytest.raises(ProviderError, match="is an engine"):
        raise_answer(vault, "vault://team/kv#x")


def raise_answer(provider: Vault, text: str) -> None:
    """Raise the error that is the answer to *text*."""
    answer = provider.get_many([parse(text)])[parse(text)]
    assert isinstance(answer, ProviderError), answer
    raise answer


def test_namespaces(server: VaultServer, tmp_path: Path) -> None:
    """A reference's namespace goes before the environment's; the same path is two secrets."""
    server.put("secret/a", {"k": "root"})
    server.put("secret/a", {"k": "eng"}, namespace="eng")
    vault = Vault(caller_of(server, tmp_path))
    asked = [parse("vault://secret/a#k"), parse("vault://secret/a?namespace=eng#k")]
    found = vault.get_many(asked)
    assert [revealed(found[one]) for one in asked] == [b"root", b"eng"]
    inside = Vault(caller_of(server, tmp_path, VAULT_NAMESPACE="eng/"))
    assert read(inside, "vault://secret/a#k") == b"eng"


def test_versions_and_deleted_versions(server: VaultServer, vault: Vault) -> None:
    """An old version can be read; a deleted one is absent, and so is one that never was."""
    server.put("secret/a", {"k": "old"})
    server.put("secret/a", {"k": "new"})
    server.versions["", "secret/a"][1].deleted = True
    assert read(vault, "vault://secret/a?version=1#k") == b"old"
    assert read(vault, "vault://secret/a#k") is None
    assert read(vault, "vault://secret/a?version=9#k") is None
    assert read(vault, "vault://secret/a?version=1#other") is None
    for text in ("vault://secret/a?version=x#k", "vault://kv1/a?version=1#k"):
        with pytest.raises(DeniedError):
            raise_answer(vault, text)
    with pytest.raises(DeniedError, match="nobody can change"):
        vault.set(parse("vault://secret/a?version=1#k"), Secret(b"x"))


def test_denied_is_of_one_path(server: VaultServer, vault: Vault) -> None:
    """A path without a right to it does not keep the others from being read."""
    for path in ("a", "b"):
        server.put(f"secret/{path}", {"k": "v"})
    server.denied.add("secret/data/a")
    asked = [parse("vault://secret/a#k"), parse("vault://secret/b#k")]
    found = vault.get_many(asked)
    assert isinstance(found[asked[0]], DeniedError)
    assert revealed(found[asked[1]]) == b"v"


def test_revoked_token_is_locked(server: VaultServer, vault: Vault) -> None:
    """A token that the server knows no more is to be had anew by `vault login`."""
    server.token = "another"
    with pytest.raises(LockedError) as caught:
        raise_answer(vault, "vault://secret/a#k")
    assert caught.value.hint == "vault login"


@pytest.mark.parametrize("mount", ["secret", "kv1"])
def test_check_of_the_mount_is_refused(server: VaultServer, vault: Vault, mount: str) -> None:
    """Where only the secret itself may be read, it is; what is not found there is no absence."""
    server.preflight = False
    server.put(f"{mount}/a", {"k": "v"})
    assert read(vault, f"vault://{mount}/a#k") == b"v"
    with pytest.raises(DeniedError):
        raise_answer(vault, f"vault://{mount}/b#k")
    with pytest.raises(DeniedError):
        vault.set(parse(f"vault://{mount}/a#k"), Secret(b"x"))


def test_engine_that_is_no_kv_is_not_read(server: VaultServer, vault: Vault) -> None:
    """Reading from another engine would make credentials: it is not tried."""
    with pytest.raises(DeniedError, match="no KV engine"):
        raise_answer(vault, "vault://database/creds/x#password")
    assert len(server.asked) == 1
    with pytest.raises(DeniedError):
        raise_answer(vault, "vault://nothere/a#k")


@pytest.mark.parametrize(("above", "status"), [("", 403), ("team/", 403), ("", 404)])
def test_own_token_is_no_value(server: VaultServer, vault: Vault, above: str, status: int) -> None:
    """The server shows a token to itself, where it says to nobody what is mounted there."""
    server.canned["/sys/internal/"] = (status, '{"errors": []}')
    server.canned["auth/token/lookup-self"] = (200, json.dumps({"data": {"id": server.token}}))
    with pytest.raises(ProviderError):
        raise_answer(vault, f"vault://{above}auth/token/lookup-self#id")


def test_server_before_version_2(server: VaultServer, vault: Vault) -> None:
    """A server that knows no check of mounts has engines of version 1 only."""
    server.canned["/sys/internal/"] = (404, '{"errors": []}')
    server.put("kv1/a", {"k": "v"})
    assert read(vault, "vault://kv1/a#k") == b"v"


def test_page_that_is_not_found_is_no_absence(server: VaultServer, vault: Vault) -> None:
    """A 404 of some web server, or for a wrong kind of path, says nothing about a secret."""
    server.fault = b"HTTP/1.1 404 Not Found\r\nContent-Length: 9\r\n\r\nnot found"
    with pytest.raises(UnreachableError):
        raise_answer(vault, "vault://secret/a#k")
    server.fault = None
    known = '{"data": {"type": "kv", "path": "secret/", "options": {"version": "1"}}}'
    server.canned["/sys/internal/"] = (200, known)  # the engine was upgraded meanwhile
    with pytest.raises(DeniedError):
        raise_answer(vault, "vault://secret/a#k")


@pytest.mark.parametrize("body", ["{}", '{"message": "no Route matched with those values"}'])
@pytest.mark.parametrize("where", ["/sys/internal/", "/data/", "/subkeys/"])
def test_gateway_that_knows_no_route_is_no_absence(
    server: VaultServer, vault: Vault, where: str, body: str
) -> None:
    """A proxy says 404 in JSON too; only Vault's own words mean that nothing is there."""
    server.canned[where] = (404, body)
    reference = parse("vault://secret/a#k")
    if where == "/subkeys/":
        assert vault.diagnose([reference]).readable == {reference: None}
    else:
        with pytest.raises(DeniedError, match="404"):
            raise_answer(vault, str(reference))


def test_sealed(server: VaultServer, vault: Vault) -> None:
    """A sealed server is unreachable, with the command that unseals it."""
    server.sealed = True
    with pytest.raises(UnreachableError, match="sealed") as caught:
        vault.get_many([parse("vault://secret/a#k")])
    assert caught.value.hint == "vault operator unseal"
    assert isinstance(vault.diagnose([]).error, UnreachableError)


def test_nobody_listens(tmp_path: Path) -> None:
    """A refused connection is no absence, and says where it was tried."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{closed.getsockname()[1]}"
        caller = Caller({"VAULT_ADDR": address, "VAULT_TOKEN": "t"}, str(tmp_path), str(tmp_path))
        with pytest.raises(UnreachableError, match="refused") as caught:
            Vault(caller).get_many([parse("vault://secret/a#k")])
        assert address in str(caught.value)


def test_redirect_is_not_followed(server: VaultServer, vault: Vault) -> None:
    """The token goes nowhere but to VAULT_ADDR."""
    with vault_server() as other:
        server.location = f"{other.address}/v1/secret/data/a?x=y"
        with pytest.raises(UnreachableError, match="sends elsewhere, to http://127") as caught:
            vault.get_many([parse("vault://secret/a#k")])
        assert other.asked == []
    assert "x=y" not in str(caught.value)


def test_server_that_dribbles_is_ended(tmp_path: Path) -> None:
    """A server that sends a byte now and then cannot stretch the limit."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        Thread(target=dribble, args=(listening,), daemon=True).start()
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        environ = {"VAULT_ADDR": address, "VAULT_TOKEN": "t"}
        caller = Caller(environ, str(tmp_path), str(tmp_path), limit=0.6)
        with pytest.raises(UnreachableError, match="did not answer within"):
            Vault(caller).get_many([parse("vault://secret/a#k")])


def dribble(listening: socket.socket) -> None:
    """Send an answer's head, a byte at a time, for two seconds."""
    connection, _ = listening.accept()
    with connection:
        for _ in range(20):
            connection.sendall(b"H")
            time.sleep(0.1)


def test_connection_closed_between_two_requests(server: VaultServer, vault: Vault) -> None:
    """A server that keeps no connection is asked over new ones."""
    server.hang_up = True
    server.put("secret/a", {"k": "v"})
    assert read(vault, "vault://secret/a#k") == b"v"
    assert server.connections == 2


def test_chunked_answers(server: VaultServer, vault: Vault) -> None:
    """An answer in chunks is read whole."""
    server.chunked = True
    server.put("secret/a", {"k": "v" * 1000})
    assert read(vault, "vault://secret/a#k") == b"v" * 1000


def test_tls(tmp_path: Path) -> None:
    """A certificate is checked against VAULT_CACERT and the name it has to be for."""
    need("openssl")
    certificate = make_certificate(tmp_path, "vault.example")
    with vault_server(certificate) as server:
        server.put("secret/a", {"k": "v"})
        address = server.address.replace("http:", "https:")
        trusted = {"VAULT_ADDR": address, "VAULT_CACERT": str(certificate)}

        def ask(**more: str) -> bytes | None:
            return read(Vault(caller_of(server, tmp_path, **more)), "vault://secret/a#k")

        assert ask(**trusted, VAULT_TLS_SERVER_NAME="vault.example") == b"v"
        assert ask(VAULT_ADDR=address, VAULT_SKIP_VERIFY="true") == b"v"
        with pytest.raises(UnreachableError, match="not trusted"):
            ask(**trusted)
        with pytest.raises(UnreachableError, match="not trusted"):
            ask(VAULT_ADDR=address, VAULT_TLS_SERVER_NAME="vault.example")
        with pytest.raises(UnreachableError, match="cannot be read"):
            ask(VAULT_ADDR=address, VAULT_CACERT=str(tmp_path / "none"))


def test_proxy(server: VaultServer, tmp_path: Path) -> None:
    """A proxy is asked for the whole address, unless NO_PROXY names the host."""
    with vault_server() as proxy:
        caller = caller_of(
            server,
            tmp_path,
            VAULT_ADDR="http://vault.invalid:8200",
            http_proxy=proxy.address.replace("//", "//user:word@"),
        )
        with pytest.raises(LockedError):  # the proxy here knows another token
            raise_answer(Vault(caller), "vault://secret/a#k")
        assert proxy.asked[0].startswith("GET http://vault.invalid:8200/v1/sys/")
        assert proxy.headers_seen[0]["Proxy-Authorization"].startswith("Basic ")
        asked = len(proxy.asked)
        caller = caller._replace(environ={**caller.environ, "NO_PROXY": ".invalid"})
        with pytest.raises(UnreachableError):
            read(Vault(caller), "vault://secret/a#k")
        assert len(proxy.asked) == asked


def test_openbao_variables_go_first(server: VaultServer, tmp_path: Path) -> None:
    """With BAO_ADDR set, BAO_TOKEN is the token, and `bao login` the hint."""
    server.put("secret/a", {"k": "v"})
    environ = {"BAO_ADDR": server.address, "BAO_TOKEN": server.token, "VAULT_TOKEN": "other"}
    caller = Caller(environ, str(tmp_path), str(tmp_path))
    assert read(Vault(caller), "vault://secret/a#k") == b"v"
    signed_out = caller._replace(environ={"BAO_ADDR": server.address})
    with pytest.raises(LockedError) as caught:
        Vault(signed_out).get_many([parse("vault://secret/a#k")])
    assert caught.value.hint == "bao login"


def test_token_of_the_keychain_and_of_the_file(server: VaultServer, tmp_path: Path) -> None:
    """The environment's token goes first, then the keychain's, then what `login` has kept."""
    server.put("secret/a", {"k": "v"})
    bare = Caller({"VAULT_ADDR": server.address}, str(tmp_path), str(tmp_path))
    kept = bare._replace(
        credentials={"VAULT_TOKEN": ("s", "a")},
        read_keychain=lambda _service, _account: Secret(server.token.encode()),
    )
    assert read(Vault(kept), "vault://secret/a#k") == b"v"
    (tmp_path / ".vault-token").write_text(server.token + "\n")
    assert read(Vault(bare), "vault://secret/a#k") == b"v"
    (tmp_path / ".vault-token").write_text("no\ntoken")
    with pytest.raises(LockedError, match="odd characters") as caught:
        Vault(bare).get_many([parse("vault://secret/a#k")])
    assert "no\ntoken" not in str(caught.value)


def test_hint_can_be_copied_into_a_shell(server: VaultServer, vault: Vault) -> None:
    """A path is a repository's word, and a hint a command: it is quoted."""
    server.canned["/data/"] = (400, "{}")
    with pytest.raises(DeniedError) as caught:
        raise_answer(vault, "vault://secret/$(id)#k")
    assert "vault kv get 'secret/$(id)'" in str(caught.value.hint)


def test_own_files_are_none_of_a_checkout(
    server: VaultServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the user's variables name without its whole path lies in HOME."""
    checkout = tmp_path / "checkout"
    checkout.mkdir()
    (checkout / "vault.hcl").write_text(f'token_helper = "{checkout}/helper"\n')
    (tmp_path / ".vault-token").write_text(server.token)
    monkeypatch.chdir(checkout)
    server.put("secret/a", {"k": "v"})
    environ = {"VAULT_ADDR": server.address, "VAULT_CONFIG_PATH": "vault.hcl"}
    assert read(Vault(Caller(environ, str(tmp_path), str(checkout))), "vault://secret/a#k") == b"v"


def test_token_helper(server: VaultServer, tmp_path: Path) -> None:
    """A token helper of the user's ~/.vault is asked as the CLI does, with `get`."""
    server.put("secret/a", {"k": "v"})
    helper = tmp_path / "helper"
    helper.write_text(
        f'#!/bin/sh\ntest "$1" = get && test -n "$VAULT_ADDR" && printf {server.token}\n'
    )
    helper.chmod(0o755)
    (tmp_path / ".vault").write_text(f'# token_helper = "/none"\ntoken_helper = "{helper}"\n')
    caller = Caller({"VAULT_ADDR": server.address}, str(tmp_path), str(tmp_path))
    assert read(Vault(caller), "vault://secret/a#k") == b"v"
    helper.write_text("#!/bin/sh\necho no >&2\nexit 1\n")
    with pytest.raises(LockedError, match="token helper"):
        Vault(caller).get_many([parse("vault://secret/a#k")])
    (tmp_path / ".vault").write_text('token_helper = "helper"\n')
    with pytest.raises(LockedError, match="absolute"):
        Vault(caller).get_many([parse("vault://secret/a#k")])


@pytest.mark.parametrize("mount", ["secret", "kv1"])
def test_neighbours_stay(server: VaultServer, vault: Vault, mount: str) -> None:
    """Setting or deleting a field leaves its neighbours as they were, numbers to the digit."""
    server.put(f"{mount}/a", {"one": "1", "two": {"x": [1.5, None]}})
    vault.set(parse(f"vault://{mount}/a#three"), Secret(b"3"))
    assert vault.delete(parse(f"vault://{mount}/a#one")) is True
    fields = vault.get_all(parse_source(f"vault://{mount}/a"))
    assert fields is not None
    shown = {name: one.reveal() for name, one in fields.items()}
    assert shown == {"two": b'{"x":[1.5,null]}', "three": b"3"}
    assert vault.get_all(parse_source(f"vault://{mount}/none")) is None


def test_write_that_loses_a_race_is_done_again(server: VaultServer, vault: Vault) -> None:
    """What somebody else wrote meanwhile is read again and kept; endless races end."""
    server.put("secret/a", {"k": "old"})
    server.race = 2
    vault.set(parse("vault://secret/a#k"), Secret(b"new"))
    assert server.versions["", "secret/a"][-1] == {"other": "from somebody else", "k": "new"}
    server.race = 9
    with pytest.raises(UnreachableError, match="keep writing"):
        vault.set(parse("vault://secret/a#k"), Secret(b"newer"))


def test_secret_is_deleted_with_its_last_field(server: VaultServer, vault: Vault) -> None:
    """The version without fields is deleted so that it can be undone, and can be set again."""
    server.put("secret/a", {"k": "v"})
    assert vault.delete(parse("vault://secret/a#k")) is True
    assert server.versions["", "secret/a"][0] == {"k": "v"}
    assert server.versions["", "secret/a"][0].deleted
    vault.set(parse("vault://secret/a#k"), Secret(b"again"))
    assert read(vault, "vault://secret/a#k") == b"again"


def test_writable_is_checked_before(server: VaultServer, vault: Vault) -> None:
    """A token that may only read is refused before a value is asked for."""
    server.allowed = ["read"]
    with pytest.raises(DeniedError) as caught:
        vault.check_writable(parse("vault://secret/a#k"))
    assert "create" in (caught.value.hint or "")
    with pytest.raises(DeniedError, match="text only"):
        vault.set(parse("vault://secret/a#k"), Secret(b"\xff"))
    assert not server.versions


def test_diagnosis_reads_no_value(server: VaultServer, vault: Vault) -> None:
    """Status tells version, account and what can be read, by names alone."""
    value = secrets.token_hex(8)
    for path in ("secret/a", "secret/b", "kv1/a"):
        server.put(path, {"k": value})
    server.denied.add("secret/data/b")
    names = ["secret/a#k", "secret/a#none", "secret/none#k", "secret/b#k", "kv1/a#k"]
    asked = [parse(f"vault://{name}") for name in names]
    found = vault.diagnose(asked)
    assert (found.version, found.error) == ("1.15.2", None)
    assert "token-dev" in (found.account or "")
    assert [found.readable[one] for one in asked] == [True, False, False, False, None]
    assert not [one for one in server.asked if "/data/" in one.partition("capabilities")[0]]
    signed_out = Vault(Caller({"VAULT_ADDR": server.address}, "/none", "/none"))
    assert isinstance(signed_out.diagnose(asked).error, LockedError)


def test_address_that_holds_a_credential_is_not_shown(tmp_path: Path) -> None:
    """An address that cannot be used is refused without showing it."""
    for address in ("https://user:word@host", "unix:///x", "host:8200", "https://[::1"):
        caller = Caller({"VAULT_ADDR": address, "VAULT_TOKEN": "t"}, str(tmp_path), str(tmp_path))
        with pytest.raises(DeniedError) as caught:
            Vault(caller).get_many([parse("vault://secret/a#k")])
        assert "word" not in f"{caught.value}{caught.value.hint}"


def test_encoded_slash_is_no_reference() -> None:
    """Vault would take it for one that parts: two references would lead to one secret."""
    with pytest.raises(MalformedError):
        parse("vault://secret/a%2Fb#k")
