"""The project that a command is about: around the current directory, or of the file named."""

import os
from typing import NamedTuple

from devkeys.consent import record as records
from devkeys.consent.record import Record
from devkeys.plan import Plan, cache
from devkeys.plan.compile import Project, compile_plan, read_project
from devkeys.project import find
from devkeys.project.find import Checkout
from devkeys.session import Session

DEFAULT_PROFILE = "dev"


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
    directory = find.working_directory()
    profile = profile or DEFAULT_PROFILE
    if file is not None:
        named = os.path.join(directory, file)
        around = os.path.realpath(os.path.dirname(named))
        return Here(session, find.checkout_of(around, session.home), profile, named)
    checkout = find.locate(directory, session.home)
    if checkout is None:
        raise find.not_found(directory)
    return Here(session, checkout, profile, None)


def option(profile: str) -> str:
    """Return what a suggested command needs for *profile*: nothing for the default one."""
    return "" if profile == DEFAULT_PROFILE else f" -p {profile}"
