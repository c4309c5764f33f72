"""The project that a command is about: around the current directory, or of the file named."""

from typing import NamedTuple

from devkeys.consent import record as records
from devkeys.consent.record import Record
from devkeys.plan import DEFAULT_PROFILE, Plan, cache
from devkeys.plan.compile import Project, compile_plan, read_project
from devkeys.project import find
from devkeys.project.find import Checkout
from devkeys.session import Session


class Here(NamedTuple):
    """A checkout, the profile asked for, and the absolute path given with --file, if any."""

    session: Session
    checkout: Checkout
    profile: str
    named: str | None

    @property
    def record(self) -> Record | None:
        """What was agreed for this repository, as it stands now."""
        return records.read(self.session.data_dir, self.checkout.identity)

    @property
    def confirm(self) -> bool:
        """Whether each run with the profile is to be confirmed."""
        return self.project().settings.confirm

    @property
    def location(self) -> str:
        """The name of the plan of all this."""
        return cache.locate(self.checkout.directory, self.profile, self.named or "")

    def project(self) -> Project:
        """Read what the checkout declares; raise DeclarationError if it cannot be understood."""
        return read_project(self.checkout, self.profile, named=self.named, session=self.session)

    def plan(self, project: Project, record: Record | None) -> Plan:
        """Return the plan that `run` would follow."""
        return compile_plan(project, record, self.location)


def here(*, profile: str | None = None, file: str | None = None) -> Here:
    """Return the nearest project upward, or that of *file*; raise if there is none."""
    session = Session()
    checkout, named = find.here(file, session.home)
    return Here(session, checkout, profile or DEFAULT_PROFILE, named or None)
