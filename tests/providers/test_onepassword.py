"""1Password: against a copy of `op` that was made from documents and reports."""

import secrets
from pathlib import Path

import pytest
from op_vaults import ITEM, VAULT, Vaults, asked, in_sections, plain

from devkeys.providers import child, get_many, open_provider
from devkeys.providers.caller import Caller
from devkeys.providers.errors import DeniedError, LockedError, ProviderError, UnreachableError
from devkeys.providers.onepassword import OnePassword
from devkeys.references import MalformedError, Reference, parse
from devkeys.secret import Secret
from devkeys.testing import Subject, WritableProviderContract


@pytest.fixture
def vaults(tmp_path: Path) -> Vaults:
    """Make 1Password, with one empty vault."""
    return Vaults(tmp_path)


def error_of(vaults: Vaults, text: str, caller: Caller | None = None) -> ProviderError:
    """Return the error that one reference ends in."""
    [answer] = asked(vaults, text, caller=caller)
    assert isinstance(answer, ProviderError), answer
    return answer


class OnePasswordSubject(Subject):
    """Vaults, and what can be done to them."""

    def __init__(self, vaults: Vaults) -> None:
        super().__init__(open_provider("op", vaults.caller))
        self.vaults = vaults

    def put(self, value: bytes) -> Reference:
        """Add an item of its own."""
        return self.vaults.put(value)

    def absent(self) -> Reference:
        """Name an item that is not there."""
        return parse(f"op://{VAULT}/none/key")

    def locked(self) -> OnePassword:
        """End the session."""
        self.vaults.expire_after(0)
        return OnePassword(self.vaults.caller)

    def denied(self) -> OnePassword:
        """Give the account no right to the vault."""
        self.vaults.add_vault(VAULT, readable=False)
        return OnePassword(self.vaults.caller)

    def slow(self) -> OnePassword:
        """Let op think."""
        self.vaults.change(delay=5)
        return OnePassword(self.vaults.caller._replace(limit=1))

    def without_program(self) -> OnePassword:
        """Take op from PATH."""
        return OnePassword(self.vaults.asker(PATH=str(self.vaults.folder)))

    def garbage(self) -> OnePassword:
        """Print a greeting."""
        return OnePassword(self.vaults.instead("/bin/cat >/dev/null; echo welcome to 1Password"))

    def cut_off(self) -> OnePassword:
        """Print half of what op prints."""
        script = f'{self.vaults.bin}/op "$@" | /usr/bin/head -c 60'
        return OnePassword(self.vaults.instead(script))


class TestContract(WritableProviderContract):
    """The contract."""

    @pytest.fixture
    def subject(self, vaults: Vaults) -> OnePasswordSubject:
        """Return 1Password."""
        return OnePasswordSubject(vaults)


def test_one_call_answers_all(vaults: Vaults) -> None:
    """Any number of references that lead somewhere takes one op, from HOME, with a pipe."""
    values = [secrets.token_hex(8) for _ in range(30)]
    references = [str(vaults.put(value.encode())) for value in values]
    assert plain(asked(vaults, *references)) == values
    [call] = vaults.calls
    assert call["words"] == ["inject"]
    assert call["cwd"] == str(vaults.home)
    assert all(reference in call["data"] for reference in references)


def test_prompt_shows_once(vaults: Vaults) -> None:
    """However much has to be found out, op runs alone and one finger is asked for."""
    vaults.change(app=True, accounts=["one", "two"])
    vaults.add("chat", {"key": "a value"})
    asked(vaults, f"{ITEM}/key?account=one", f"{ITEM}/none?account=two", f"op://{VAULT}/x/key")
    assert vaults.prompts == 1
    assert {call["running"] for call in vaults.calls} == {1}


def test_account_is_chosen_by_its_option(vaults: Vaults) -> None:
    """`?account=` goes to op as --account and is no part of what it resolves."""
    vaults.change(accounts=["other.example.com"])
    vaults.add("chat", {"key": "a value"})
    assert plain(asked(vaults, f"{ITEM}/key?account=other.example.com")) == ["a value"]
    [call] = vaults.calls
    assert call["words"] == ["--account=other.example.com", "inject"]
    assert "account" not in call["data"]


def test_unknown_account_is_no_absence(vaults: Vaults) -> None:
    """An account that op does not know is an error of its references only."""
    vaults.add("chat", {"key": "a value"})
    assert plain(asked(vaults, f"{ITEM}/key?account=x", f"{ITEM}/key")) == ["locked", "a value"]


def test_service_account_works_through_the_environment(vaults: Vaults) -> None:
    """A service account's token opens the vaults without a prompt."""
    vaults.change(app=True)
    vaults.add("chat", {"key": "a value"})
    caller = vaults.asker(OP_SERVICE_ACCOUNT_TOKEN="a token")
    assert plain(asked(vaults, f"{ITEM}/key", caller=caller)) == ["a value"]
    assert vaults.prompts == 0


def test_token_comes_from_the_keychain_if_configured(vaults: Vaults) -> None:
    """The user's configuration can say which keychain item has the token."""
    vaults.add("chat", {"key": "a value"})
    vaults.expire_after(0)
    caller = vaults.caller._replace(
        credentials={"OP_SERVICE_ACCOUNT_TOKEN": ("1password", "me")},
        read_keychain=lambda _service, _account: Secret(b"a token"),
    )
    assert plain(asked(vaults, f"{ITEM}/key", caller=caller)) == ["a value"]


def test_revoked_token_is_denied(vaults: Vaults) -> None:
    """A token that 1Password no longer takes is named in the hint, and never shown."""
    token = secrets.token_hex(8)
    error = error_of(vaults, f"{ITEM}/key", vaults.asker(OP_SERVICE_ACCOUNT_TOKEN=token))
    assert isinstance(error, DeniedError)
    assert "OP_SERVICE_ACCOUNT_TOKEN" in (error.hint or "")
    assert token not in f"{error} {error.hint}"


def test_connect_server_is_read_from(vaults: Vaults) -> None:
    """Through a Connect server, which lists nothing, values and absence are told as well."""
    vaults.add("chat", {"key": "a value"})
    caller = vaults.asker(OP_CONNECT_HOST="http://connect", OP_CONNECT_TOKEN="t")
    texts = (f"{ITEM}/key", f"{ITEM}/none", f"op://{VAULT}/none/key")
    assert plain(asked(vaults, *texts, caller=caller)) == ["a value", None, None]
    assert "item list" not in vaults.commands


@pytest.mark.parametrize("older", [False, True])
def test_missing_items_take_one_list(vaults: Vaults, *, older: bool) -> None:
    """However many items are missing, one list of their vault tells, and one more inject."""
    vaults.change(older=older)
    vaults.add("chat", {"key": "a value"})
    missing = [f"op://{VAULT}/none {number}/key" for number in range(12)]
    assert plain(asked(vaults, *missing, f"{ITEM}/key")) == [None] * 12 + ["a value"]
    assert vaults.commands == ["inject", "item list", "inject"]


def test_missing_fields_take_one_look_at_their_item(vaults: Vaults) -> None:
    """However many fields an item lacks, one look at it answers all of its references."""
    vaults.add("chat", {"key": "a value", "url": "an address"})
    vaults.add("mail", {"key": "another"})
    texts = [*(f"{ITEM}/NAME_{number}" for number in range(12)), f"{ITEM}/url"]
    answers = plain(asked(vaults, *texts, f"op://{VAULT}/mail/key"))
    assert answers == [None] * 12 + ["an address", "another"]
    assert vaults.commands == ["inject", "item get", "inject"]


def test_missing_vault_is_no_absence(vaults: Vaults) -> None:
    """A vault that is not there, or not for us, is denied; the others are answered."""
    vaults.add_vault("Secret", readable=False)
    vaults.add("chat", {"key": "a value"})
    texts = ("op://Secret/chat/key", f"{ITEM}/key", "op://Secret/mail/key", "op://No/x/y")
    assert plain(asked(vaults, *texts)) == ["denied", "a value", "denied", "denied"]


def test_same_name_in_two_vaults_is_told_apart(vaults: Vaults) -> None:
    """An item that is missing in one vault is not missing in another where it is."""
    vaults.change(older=True)
    vaults.add_vault("Other")
    vaults.add("chat", {"key": "a value"}, vault="Other")
    assert plain(asked(vaults, f"{ITEM}/key", "op://Other/chat/key")) == [None, "a value"]


def test_two_items_of_one_name_are_an_error(vaults: Vaults) -> None:
    """The program does not choose between two items of one name, and nor do we; an id is exact."""
    vaults.add("mail", {"key": "another"})
    number = vaults.add("chat", {"key": "one"})
    vaults.add("Chat", {"key": "two"})
    texts = (f"{ITEM}/key", f"op://{VAULT}/mail/key", f"op://{VAULT}/{number}/key")
    assert plain(asked(vaults, *texts)) == ["denied", "another", "one"]
    assert "id" in (error_of(vaults, f"{ITEM}/key").hint or "")


def test_case_is_nothing_to_1password(vaults: Vaults) -> None:
    """References that differ in case only lead to one field, and each is answered."""
    vaults.add("Chat", {"Key": "a value"})
    texts = (f"{ITEM}/key", f"op://{VAULT.upper()}/CHAT/KEY", f"{ITEM}/NONE")
    assert plain(asked(vaults, *texts)) == ["a value", "a value", None]


def test_section_tells_fields_apart(vaults: Vaults) -> None:
    """A reference with a section leads to that one's field; no section, no value."""
    vaults.add("chat", in_sections(("dev", "key", "one"), ("prod", "key", "two")))
    texts = [f"{ITEM}/{part}" for part in ("dev/key", "PROD/key", "test/key")]
    assert plain(asked(vaults, *texts)) == ["one", "two", None]


def test_empty_field_has_no_value(vaults: Vaults) -> None:
    """A built-in field that nobody filled holds nothing, asked either way."""
    vaults.add("chat", [{"id": "credential", "type": "CONCEALED", "label": "credential"}])
    assert plain(asked(vaults, f"{ITEM}/credential")) == [None]
    assert plain(asked(vaults, f"{ITEM}/credential", f"{ITEM}/none")) == [None, None]


def test_one_time_password_and_file_are_ops_to_make(vaults: Vaults) -> None:
    """What op makes of a field or has in a file comes from inject, also beside a missing field."""
    vaults.add(
        "chat",
        [{"id": "f", "type": "OTP", "label": "code", "value": "otpauth://x"}],
        files=[{"id": "g", "name": "key.pem", "content": "the file"}],
    )
    texts = (f"{ITEM}/code?attribute=otp", f"{ITEM}/key.pem", f"{ITEM}/none")
    assert plain(asked(vaults, *texts)) == ["123456", "the file", None]


def test_option_cannot_end_a_reference(vaults: Vaults) -> None:
    """An option's value that would put another reference into the template is refused."""
    vaults.add("chat", {"key": "a value"})
    text = f"{ITEM}/key?attribute=x }}}} {{{{ op://Private/mine/key"
    error = error_of(vaults, text)
    assert isinstance(error, DeniedError)
    assert vaults.calls == []


def test_environment_is_not_expanded_into_the_template() -> None:
    """The program replaces $NAME in a template; no reference can hold one."""
    with pytest.raises(MalformedError):
        parse(f"op://{VAULT}/$HOME/key")


def test_blank_at_an_end_wants_an_id() -> None:
    """The program takes blanks at the ends away, which would lead to another field."""
    with pytest.raises(MalformedError):
        parse(f"{ITEM}/key%20")


def test_value_that_looks_like_ops_output_stays_one(vaults: Vaults) -> None:
    """A value with braces, references and hex digits as markers have them mixes with nothing."""
    tricky = [
        f"{{{{ {ITEM}/other }}}}",
        secrets.token_hex(16),
        f"\n{secrets.token_hex(16)}\n",
        "[ERROR] 2026/10/01 12:00:00 could not find item chat in vault x",
    ]
    references = [str(vaults.put(value.encode())) for value in tricky]
    assert plain(asked(vaults, *references)) == tricky


MIXED = {
    "a marker twice": 'data=$(/bin/cat); printf "%s\\n" "$data" "$data"',
    "markers in disorder": "/usr/bin/tac",
    "something before": "echo welcome; /bin/cat; echo",
    "something after": "/bin/cat; echo; echo update available",
    "something between": "/bin/sed 's/^/ /'",
    "nothing": "/bin/cat >/dev/null",
}


@pytest.mark.parametrize("kind", MIXED)
def test_output_that_mixes_is_no_answer(vaults: Vaults, kind: str) -> None:
    """Each marker occurs once, in order, and nothing stands outside, or nothing is believed."""
    first, second = (str(vaults.put(secrets.token_hex(8).encode())) for _ in range(2))
    caller = vaults.instead(f"[ $1 = inject ] || exit 1\n{MIXED[kind]}")
    for answer in asked(vaults, first, second, caller=caller):
        assert isinstance(answer, UnreachableError)
        assert "no proper answer" in str(answer)


def test_value_with_a_marker_of_another_is_no_answer(vaults: Vaults) -> None:
    """A value that holds another's marker, were it ever guessed, mixes nothing."""
    script = (
        'data=$(/bin/cat)\nmark=$(echo "$data" | /usr/bin/tail -n 1 | /usr/bin/head -c 32)\n'
        'echo "$data" | /bin/sed "s/{{ .*first.* }}/$mark/"'
    )
    vaults.add("chat", {"first": "1", "second": "2"})
    texts = (f"{ITEM}/first", f"{ITEM}/second")
    answers = asked(vaults, *texts, caller=vaults.instead(script))
    assert all(isinstance(one, UnreachableError) for one in answers)


def test_invalid_utf8_comes_back_as_it_is(vaults: Vaults) -> None:
    """Bytes that are no UTF-8, as a file's may be, are bytes."""
    caller = vaults.instead("/bin/sed 's/{{.*}}/\\xff\\xfe/'; echo")
    [answer] = asked(vaults, f"{ITEM}/key", caller=caller)
    assert isinstance(answer, Secret)
    assert answer.reveal() == b"\xff\xfe"


def test_flood_is_ended(vaults: Vaults, monkeypatch: pytest.MonkeyPatch) -> None:
    """An op that does not stop printing is ended."""
    monkeypatch.setattr(child, "LIMIT", 1 << 20)
    caller = vaults.instead("exec /usr/bin/yes")
    assert isinstance(error_of(vaults, f"{ITEM}/key", caller), UnreachableError)


COMPLAINTS = {
    "No accounts configured for use with 1Password CLI.": (LockedError, "account add"),
    "error initializing client: authorization prompt dismissed, please try again": (
        LockedError,
        "approve",
    ),
    "error initializing client: authorization timeout": (LockedError, "approve"),
    "error initializing client: connecting to desktop app: cannot connect to 1Password app, make "
    "sure it is running": (LockedError, "unlock"),
    "error initializing client: RequestDelegatedSession: cannot setup session. Please check the "
    "logs of the 1Password app.": (LockedError, "unlock"),
    "error initializing client: ": (LockedError, "signin"),
    "could not find session token for account my": (LockedError, "signin"),
    "session expired, sign in to create a new session": (LockedError, "signin"),
    "account is not signed in": (LockedError, "signin"),
    "(403) Forbidden: You aren't authorized to access this resource.": (DeniedError, "whoami"),
    "(401) Unauthorized: Invalid session token": (DeniedError, "whoami"),
    "error initializing client: Validation: (failed to session.DecodeSACredentials), Server: "
    "(failed to DecodeSACredentials)": (DeniedError, "whoami"),
    "(429) Too Many Requests: You've reached the maximum number of this type of requests": (
        UnreachableError,
        "wait",
    ),
    'Post "https://my.1password.com/api": dial tcp: lookup my.1password.com: no such host': (
        UnreachableError,
        "network",
    ),
    "error initializing client: read: context deadline exceeded": (UnreachableError, "network"),
    "unknown flag: --reveal": (UnreachableError, "update"),
    "something that nobody has seen yet": (UnreachableError, "whoami"),
}


@pytest.mark.parametrize("complaint", COMPLAINTS)
def test_complaint_is_understood(vaults: Vaults, complaint: str) -> None:
    """What op complains of becomes the kind of error with the command that mends it."""
    kind, hint = COMPLAINTS[complaint]
    vaults.change(error=f"could not read secret '{ITEM}/session expired': {complaint}")
    error = error_of(vaults, f"{ITEM}/key")
    assert type(error) is kind
    assert hint in (error.hint or "")


def test_session_variable_is_named(vaults: Vaults) -> None:
    """An old OP_SESSION_ keeps op from asking the app, so the hint speaks of it."""
    vaults.expire_after(0)
    error = error_of(vaults, f"{ITEM}/key", vaults.asker(OP_SESSION_team="old"))
    assert "OP_SESSION_" in (error.hint or "")


def test_stderr_is_never_shown(vaults: Vaults, capfd: pytest.CaptureFixture[str]) -> None:
    """An op that prints a value on stderr, failing or not, does not get it shown."""
    value = secrets.token_hex(8)
    for code in (0, 1):
        error = error_of(vaults, f"{ITEM}/key", vaults.instead(f"echo {value} >&2; exit {code}"))
        assert value not in f"{error} {error.hint} {error!r}"
    assert value not in "".join(capfd.readouterr())


def test_item_whose_name_is_a_complaint_fools_nobody(vaults: Vaults) -> None:
    """An item may be called like one of op's sentences; what is absent is what is not there."""
    vaults.change(error="error initializing client: not signed in")
    text = f"op://{VAULT}/could not find item chat in vault x/key"
    assert isinstance(error_of(vaults, text), LockedError)


def test_absence_is_borne_out_by_the_list(vaults: Vaults) -> None:
    """An item that op misses though its list has it is an error, and no absence."""
    vaults.add("chat", {"key": "a value"})
    vaults.add("mail", {"key": "a value"})
    vaults.change(faults={"inject": f'"chat" isn\'t an item in the "{VAULT}" vault.'})
    answers = plain(asked(vaults, f"{ITEM}/key", f"op://{VAULT}/mail/key"))
    assert answers == ["unreachable", "unreachable"]


def test_session_that_ends_in_the_middle_is_no_absence(vaults: Vaults) -> None:
    """A session that ends while it is found out what is missing leaves errors, not absence."""
    vaults.add("chat", {"key": "a value"})
    vaults.expire_after(1)
    assert plain(asked(vaults, f"op://{VAULT}/none/key", f"{ITEM}/key")) == ["locked", "locked"]


def test_session_that_ends_later_keeps_what_was_told(vaults: Vaults) -> None:
    """What was found absent before the session ended is absent; the rest was not asked."""
    vaults.add("chat", {"key": "a value"})
    vaults.expire_after(2)
    assert plain(asked(vaults, f"op://{VAULT}/none/key", f"{ITEM}/key")) == [None, "locked"]


def test_whole_way(vaults: Vaults) -> None:
    """References are answered through the seam that `run` uses."""
    vaults.add("chat", {"key": "a value"})
    found = get_many([f"{ITEM}/key", f"{ITEM}/none"], vaults.caller)
    assert found == {f"{ITEM}/key": Secret(b"a value"), f"{ITEM}/none": None}
