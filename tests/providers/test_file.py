"""`file://path`: the contract on real files, and what is no value."""

import itertools
import os
from pathlib import Path

import pytest

from devkeys.providers import Provider
from devkeys.providers.caller import Caller
from devkeys.providers.errors import DeniedError
from devkeys.providers.file import File
from devkeys.references import Reference, parse
from devkeys.secret import Secret
from devkeys.testing import ProviderContract, Subject


class FileSubject(Subject):
    """Files in a directory."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._numbers = itertools.count()
        super().__init__(File(Caller({}, str(directory), str(directory))))

    def write(self, data: bytes) -> Reference:
        """Write a file of exactly *data*."""
        path = self.directory / f"key {next(self._numbers)}"
        path.write_bytes(data)
        return parse(f"file://{path}")

    def put(self, value: bytes) -> Reference:
        """Write it as an editor does: a single line has its end."""
        return self.write(value if b"\n" in value else value + b"\n")

    def absent(self) -> Reference:
        """Name none."""
        return parse(f"file://{self.directory}/absent")

    def denied(self) -> Provider:
        """Take the right to read from every file."""
        if os.geteuid() == 0:
            self._unable("be denied: root may read everything")
        for path in self.directory.iterdir():
            path.chmod(0)
        return self.provider


class TestFile(ProviderContract):
    """The contract; a file is neither locked nor slow, and no program is asked for it."""

    @pytest.fixture
    def subject(self, tmp_path: Path) -> Subject:
        """Give a directory of its own."""
        return FileSubject(tmp_path)


@pytest.fixture
def files(tmp_path: Path) -> FileSubject:
    """Give files."""
    return FileSubject(tmp_path)


def read(subject: FileSubject, reference: Reference) -> object:
    """Return what the provider answers."""
    return subject.provider.get_many([reference])[reference]


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (b"key", b"key"),
        (b"key\n", b"key"),
        (b"key\r\n", b"key"),
        (b"\n", b""),
        (b"", b""),
        (b" key \n", b" key "),
        (b"key\n\n", b"key\n\n"),
        (b"one\ntwo\n", b"one\ntwo\n"),
        (b"one\ntwo", b"one\ntwo"),
        (b"\xff\0", b"\xff\0"),
    ],
)
def test_a_single_line_is_taken_without_its_end(
    files: FileSubject, data: bytes, value: bytes
) -> None:
    """A text of several lines, such as a PEM key, stays as it is."""
    assert read(files, files.write(data)) == Secret(value)


def test_what_is_no_file_is_denied(files: FileSubject) -> None:
    """A FIFO is not waited for; a directory and a device are no values, and not absent."""
    os.mkfifo(files.directory / "fifo")
    for path in (files.directory / "fifo", files.directory, "/dev/zero"):
        answer = read(files, parse(f"file://{path}"))
        assert isinstance(answer, DeniedError)
        assert answer.hint


def test_a_huge_file_is_denied(files: FileSubject) -> None:
    """More than a value can be is not read."""
    reference = files.write(b"x" * (1 << 21))
    assert isinstance(read(files, reference), DeniedError)


def test_relative_files_are_the_projects(files: FileSubject) -> None:
    """A path without a slash before it begins at the project, and stays there."""
    files.write(b"key")
    assert read(files, parse("file://key 0")) == Secret(b"key")
    (files.directory / "link").symlink_to("/etc/hostname")
    assert isinstance(read(files, parse("file://link")), DeniedError)


def test_a_way_through_a_file_is_absent(files: FileSubject) -> None:
    """What lies below something that is no directory is not there."""
    assert read(files, parse(f"{files.write(b'x')}/below")) is None


def test_it_is_diagnosed_unread(files: FileSubject) -> None:
    """Which files are there is told; a FIFO is none."""
    there, absent = files.write(b"VALUE"), files.absent()
    os.mkfifo(files.directory / "fifo")
    fifo = parse(f"file://{files.directory}/fifo")
    provider = files.provider
    assert isinstance(provider, File)
    found = provider.diagnose([there, absent, fifo])
    assert found.readable == {there: True, absent: False, fifo: False}
