"""The providers in examples/: each passes the kit over a fake of its vendor's program."""

import base64
import itertools
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from cloud_programs import Cloud

from devkeys.providers import BulkProvider, DiagnosableProvider, Provider
from devkeys.providers.caller import Caller
from devkeys.providers.errors import DeniedError, LockedError, UnreachableError
from devkeys.providers.program import Program
from devkeys.references import parse
from devkeys.secret import Secret
from devkeys.testing import ProgramContract, ProgramSubject, Unable

EXAMPLES = Path(__file__).parents[1] / "examples" / "providers"
VENDORS = {"gcp-sm": "gcloud", "azure-kv": "az", "doppler": "doppler", "infisical": "infisical"}
ITEMS = {"doppler": "team/dev", "infisical": "0a1b-2c/dev/chat"}


def encoded(value: bytes) -> str:
    """Return *value* as the fakes keep it."""
    return base64.b64encode(value).decode()


class CloudSubject(ProgramSubject):
    """An example over a fake of its vendor's program."""

    def __init__(self, scheme: str, folder: Path) -> None:
        self.cloud = Cloud(VENDORS[scheme], folder / "vendor")
        self._numbers = itertools.count()
        self._kept: dict[str, str] = {}
        path = f"{self.cloud.folder}{os.pathsep}{os.environ['PATH']}"
        super().__init__(
            str(EXAMPLES / f"devkeys-provider-{scheme}"),
            str(folder / "faults"),
            put=lambda value: self.kept(f"KEY_{next(self._numbers)}", value),
            absent=lambda: self.kept("PRESENT", b"x").replace("PRESENT", "ABSENT"),
            vendor=VENDORS[scheme],
            environ={"PATH": path, "HOME": str(folder)},
            locked={"CLOUD": "locked"},
            denied={"CLOUD": "denied"},
        )

    def kept(self, name: str, value: bytes) -> str:
        """Keep *value* under *name*, return its reference."""
        if self.scheme == "azure-kv" and len(value) > 25 << 10:
            raise Unable("Key Vault keeps at most 25 KB")
        self._kept[name] = encoded(value)
        if self.scheme in ITEMS:
            self.cloud.keep({ITEMS[self.scheme]: self._kept})
            return f"{self.scheme}://{ITEMS[self.scheme]}/{name}"
        version = "/latest" if self.scheme == "gcp-sm" else ""
        name_of = (lambda one: one.replace("_", "-")) if self.scheme == "azure-kv" else str
        self.cloud.keep({f"team/{name_of(one)}{version}": it for one, it in self._kept.items()})
        return f"{self.scheme}://team/{name_of(name)}"

    def with_state(self, state: str) -> Provider:
        """Return the provider over the vendor's program in *state*."""
        return self._opened({"CLOUD": state})


@pytest.mark.parametrize("scheme", VENDORS)
class TestExamples(ProgramContract):
    """The contract, for each."""

    @pytest.fixture
    def subject(self, scheme: str, tmp_path: Path) -> CloudSubject:
        """Give one over a fake of its own."""
        return CloudSubject(scheme, tmp_path)


Make = Callable[[str], CloudSubject]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Give what makes the subject of a scheme."""
    return lambda scheme: CloudSubject(scheme, tmp_path)


@pytest.mark.parametrize("scheme", ITEMS)
def test_an_item_is_one_call(make: Make, scheme: str) -> None:
    """All secrets of a config or folder come with one call of the vendor's program."""
    subject = make(scheme)
    asked = [parse(subject.kept(f"KEY_{number}", b"%d" % number)) for number in range(20)]
    found = subject.provider.get_many(asked)
    assert [found[one] for one in asked] == [Secret(b"%d" % number) for number in range(20)]
    assert len(subject.cloud.calls()) == 1


@pytest.mark.parametrize("scheme", ITEMS)
def test_an_item_is_listed(make: Make, scheme: str) -> None:
    """All that an item has is read at once, without what the vendor adds of its own."""
    subject = make(scheme)
    subject.kept("A", b"1\n")
    subject.kept("B", "ż<&>".encode())
    assert isinstance(subject.provider, BulkProvider)
    found = subject.provider.get_all(parse(f"{scheme}://{ITEMS[scheme]}"))
    assert found == {"A": Secret(b"1\n"), "B": Secret("ż<&>".encode())}
    absent = "doppler://team/other" if scheme == "doppler" else "infisical://0a1b-2c/dev/other"
    assert subject.provider.get_all(parse(absent)) is None


@pytest.mark.parametrize("scheme", ["gcp-sm", "azure-kv"])
def test_who_is_signed_out_is_asked_once(make: Make, scheme: str) -> None:
    """The first secret is asked for alone: nobody is told twenty times to sign in."""
    subject = make(scheme)
    asked = [parse(subject.kept(f"KEY-{number}", b"x")) for number in range(20)]
    with pytest.raises(LockedError) as caught:
        subject.with_state("locked").get_many(asked)
    assert caught.value.hint in ("gcloud auth login", "az login")
    assert len(subject.cloud.calls()) == 1


@pytest.mark.parametrize("scheme", ["gcp-sm", "azure-kv"])
def test_who_is_signed_in_is_told(make: Make, scheme: str) -> None:
    """The account is named, and nothing is read for it."""
    subject = make(scheme)
    reference = parse(subject.kept("KEY", b"x"))
    assert isinstance(subject.provider, DiagnosableProvider)
    found = subject.provider.diagnose([reference])
    assert (found.account, found.readable) == ("me@example.com", {reference: None})
    signed_out = subject.with_state("locked")
    assert isinstance(signed_out, DiagnosableProvider)
    assert isinstance(signed_out.diagnose([reference]).error, LockedError)


MALFORMED = [
    "gcp-sm://team",
    "gcp-sm://team/key/1/2",
    "gcp-sm://team/key%2Fversions",
    "gcp-sm://team/key#part",
    "azure-kv://evil.example%2Fx/key",
    "azure-kv://evil.example/key",
    "azure-kv://team/key/latest",
    "doppler://team/KEY",
    "doppler://team/dev/KEY#part",
    "doppler://team/dev/more/KEY",
    "infisical://0a1b-2c/KEY",
    "infisical://0a1b-2c/dev/chat/KEY?option=1",
]


@pytest.mark.parametrize("text", MALFORMED)
def test_a_malformed_reference_asks_nobody(make: Make, text: str) -> None:
    """A reference of another form is refused, before it becomes a path or a host's name."""
    reference = parse(text)
    subject = make(reference.scheme)
    answer = subject.provider.get_many([reference])[reference]
    assert isinstance(answer, DeniedError)
    assert f"it is no {reference.scheme}://" in str(answer)
    assert subject.cloud.calls() == []


def test_gcloud_reads_bytes(make: Make) -> None:
    """A value that is no text comes as it is, and a version is the one that was named."""
    subject = make("gcp-sm")
    value = bytes(range(256)) + b"\xfb\xff\xfe"
    subject.cloud.keep({"team/key/2": encoded(value), "team/key/latest": encoded(b"")})
    asked = [parse("gcp-sm://team/key/2"), parse("gcp-sm://team/key")]
    found = subject.provider.get_many(asked)
    assert [found[one] for one in asked] == [Secret(value), Secret(b"")]


def test_a_disabled_version_is_denied(make: Make) -> None:
    """What is there and may not be read is not absent."""
    subject = make("gcp-sm")
    subject.cloud.keep({"team/key/latest": "DISABLED"})
    reference = parse("gcp-sm://team/key")
    assert isinstance(subject.provider.get_many([reference])[reference], DeniedError)


def test_az_that_says_nothing_is_an_error(make: Make) -> None:
    """An az that ends well without an answer has not said that the secret is absent."""
    subject = make("azure-kv")
    reference = parse(subject.kept("KEY", b"x"))
    answer = subject.with_state("silent").get_many([reference])[reference]
    assert isinstance(answer, UnreachableError)


def test_a_key_vault_version_is_asked_for(make: Make) -> None:
    """A version goes to az by its own flag."""
    subject = make("azure-kv")
    version = "0123456789abcdef" * 2
    subject.cloud.keep({f"team/key/{version}": encoded(b"old"), "team/key": encoded(b"new")})
    asked = [parse(f"azure-kv://team/key/{version}"), parse("azure-kv://team/key")]
    found = subject.provider.get_many(asked)
    assert [found[one] for one in asked] == [Secret(b"old"), Secret(b"new")]


def test_doppler_leaves_no_file(make: Make) -> None:
    """No fallback file is made, for a stale one would be taken for the value when offline."""
    subject = make("doppler")
    subject.provider.get_many([parse(subject.kept("KEY", b"x"))])
    assert "--no-fallback" in subject.cloud.calls()[0]
    assert not (subject.cloud.folder / "fallback").exists()


def test_a_restricted_doppler_secret_is_denied(make: Make) -> None:
    """One that nobody may read is there, and no value."""
    subject = make("doppler")
    reference = parse(subject.kept("RESTRICTED_KEY", b"x"))
    assert isinstance(subject.provider.get_many([reference])[reference], DeniedError)
    assert isinstance(subject.provider, BulkProvider)
    assert subject.provider.get_all(parse("doppler://team/dev")) == {}


@pytest.mark.parametrize("scheme", ITEMS)
def test_a_revoked_token_is_locked(make: Make, scheme: str) -> None:
    """A token that is no longer valid is mended by signing in."""
    subject = make(scheme)
    reference = parse(subject.kept("KEY", b"x"))
    answer = subject.with_state("revoked").get_many([reference])[reference]
    assert isinstance(answer, LockedError)


def test_an_old_value_of_infisical_is_none(make: Make) -> None:
    """What infisical remembers from its last good day is not given for the value."""
    subject = make("infisical")
    reference = parse(subject.kept("KEY", b"x"))
    answer = subject.with_state("offline").get_many([reference])[reference]
    assert isinstance(answer, UnreachableError)
    assert "old values" in str(answer)


def test_several_folders_and_the_top(make: Make) -> None:
    """Each folder is exported by itself; one that fails leaves the others' values."""
    subject = make("infisical")
    subject.cloud.keep({"0a-1/dev": {"A": encoded(b"1")}, "0a-1/dev/x/y": {"A": encoded(b"2")}})
    texts = ["infisical://0a-1/dev/A", "infisical://0a-1/dev/x/y/A", "infisical://0a-1/dev/z/A"]
    found = subject.provider.get_many([parse(text) for text in texts])
    assert [found[parse(text)] for text in texts] == [Secret(b"1"), Secret(b"2"), None]


@pytest.mark.parametrize("scheme", VENDORS)
def test_an_example_is_a_program_by_itself(scheme: str) -> None:
    """It is executable, isolated from a repository's Python, and imports nothing of ours."""
    path = EXAMPLES / f"devkeys-provider-{scheme}"
    text = path.read_text()
    assert os.access(path, os.X_OK)
    assert text.startswith("#!/usr/bin/env -S python3 -I\n")
    assert "import devkeys" not in text
    assert "from devkeys" not in text


@pytest.mark.parametrize("scheme", VENDORS)
def test_a_checkout_brings_no_vendors_program(tmp_path: Path, scheme: str) -> None:
    """Nor does a program that the provider starts come from the checkout."""
    subject = CloudSubject(scheme, tmp_path / "elsewhere")
    reference = parse(subject.kept("KEY", b"right"))
    planted = Cloud(VENDORS[scheme], tmp_path / "checkout" / "bin")
    path = os.pathsep.join([str(planted.folder), str(EXAMPLES), subject.environ["PATH"]])
    outside = str(tmp_path / "checkout")
    caller = Caller({"PATH": path}, str(tmp_path), outside, outside=outside)
    assert Program(scheme, caller).get_many([reference])[reference] == Secret(b"right")
    assert planted.calls() == []
