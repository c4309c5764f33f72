"""A keychain that lives as long as the test: a small implementation of the store's seam."""

from devkeys.secret import Secret


class MemoryKeychain:
    """Items by (service, account); *writes* lists every item that was set."""

    def __init__(self) -> None:
        self.items: dict[tuple[str, str], Secret] = {}
        self.writes: list[tuple[str, str]] = []

    def get(self, service: str, account: str) -> Secret | None:
        """Return the item's value, or None."""
        return self.items.get((service, account))

    def set(self, service: str, account: str, secret: Secret) -> None:
        """Keep the item."""
        self.items[service, account] = secret
        self.writes.append((service, account))
