"""The store as export and import read it: each profile with the identity that opens it."""

from devkeys import opening
from devkeys.errors import DevkeysError, StoreError
from devkeys.session import Session
from devkeys.store import layout, ledger, merging, previous, tightening, values
from devkeys.store.identity import Identity
from devkeys.store.merging import Here
from devkeys.store.record import read_record


class Opened:
    """The store's identities, each asked for once; *own* is None if there is no store.

    Raise what opening the store's own identity raises.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self.own = opening.open_store(session)
        record = read_record(session.data_dir)
        self._has_confirmed = record is not None and record.confirmed is not None
        self._confirmed: Identity | DevkeysError | None = None

    def identity(self, project: str, profile: str) -> tuple[Identity, bool]:
        """Return what opens the values of one profile, and whether that is the confirmed one."""
        if self.own is None:
            raise StoreError(
                f"there is no store in {self.session.data_dir}", hint="devkeys init makes one"
            )
        where = (self.session.data_dir, project, profile)
        if not self._has_confirmed or tightening.opens(*where, self.own):
            return self.own, False
        if self._confirmed is None:
            self._confirmed = self._open_confirmed()
        if isinstance(self._confirmed, DevkeysError):
            raise self._confirmed
        return self._confirmed, True

    def _open_confirmed(self) -> Identity | DevkeysError:
        try:
            found = opening.open_store(self.session, confirm=True)
        except DevkeysError as error:
            return error
        return found or StoreError("the identity of confirmed profiles is gone")


def before_a_store(session: Session, project: str, profile: str) -> Here:
    """Return what is known of a profile where there is no store: what a lost one counted up to."""
    path = layout.counter_path(session.state_dir, project, profile)
    return merging.NOTHING._replace(seen=values.read_counter(path))


def read(session: Session, project: str, profile: str, identity: Identity) -> Here:
    """Return what the store has of one profile; raise if any of it cannot be understood."""
    where = (session.data_dir, session.state_dir, project, profile)
    seen = values.read_counter(layout.counter_path(session.state_dir, project, profile))
    return Here(
        values.read(*where, identity, seen=seen),
        ledger.read(session.data_dir, project, profile),
        previous.read(session.data_dir, project, profile, identity),
        seen,
    )
