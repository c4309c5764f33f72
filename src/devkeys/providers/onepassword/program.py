"""Starting `op`: never two at a time, for each would ask for a fingerprint of its own.

More than about six side by side break the connection to the desktop app (secretspec#384).
"""

from collections.abc import Mapping

from devkeys.providers import child
from devkeys.providers.caller import Caller
from devkeys.providers.child import Call, Done
from devkeys.providers.errors import DeniedError, ProviderError
from devkeys.providers.onepassword import complaints
from devkeys.providers.onepassword.items import Item, Summary, parse, parse_list, same
from devkeys.references import Reference

INSTALL = "the 1Password CLI, https://developer.1password.com/docs/cli/get-started"


class Op:
    """The program `op` as *caller* has it; a value goes to it over a pipe only."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        self._environ: Mapping[str, str] | None = None

    @property
    def environ(self) -> Mapping[str, str]:
        """The environment that it is started with."""
        if self._environ is None:
            self._environ = self._caller.environment("op")
        return self._environ

    @property
    def connect(self) -> bool:
        """Whether a Connect server is asked instead of 1Password; there op can only read."""
        return all(self.environ.get(f"OP_CONNECT_{name}") for name in ("HOST", "TOKEN"))

    def run(self, *words: str, account: str | None = None, data: bytes | None = None) -> Done:
        """Run it and return how it ended."""
        program = self._caller.need("op", title="1Password", install=INSTALL)
        command = [program, *([f"--account={account}"] if account else []), *words]
        return child.run(Call(command, self.environ, data), self._caller)

    def ask(self, *words: str, account: str | None = None, data: bytes | None = None) -> bytes:
        """Run it and return what it prints; raise ProviderError if it fails."""
        done = self.run(*words, account=account, data=data)
        if done.code != 0:
            raise complaints.failure(done, self.environ)
        return done.output

    def items(self, vault: str, account: str | None) -> list[Summary]:
        """Return the items of a vault, without their values."""
        done = self.run("item", "list", f"--vault={vault}", "--format=json", account=account)
        if done.code != 0:
            raise self._failure(done, vault)
        return parse_list(done.output)

    def item(self, source: Reference) -> Item | None:
        """Return the item that *source* leads to or through, with its values; None without any.

        op looks for it by its website as well; one found so is refused.
        """
        vault, name = source.path[:2]
        if name.startswith("-"):
            raise DeniedError(
                f"{source}: op takes {name} for an option",
                hint=f"write the item's id: op item list --vault='{vault}' shows it",
            )
        words = ("item", "get", name, f"--vault={vault}", "--format=json", "--reveal")
        done = self.run(*words, account=source.option("account"))
        if done.code != 0:
            about = complaints.subject(done)
            if about is not None and about.kind == complaints.ITEM and same(about.name, name):
                return None
            raise self._failure(done, vault)
        item = Item(parse(done.output))
        if not item.is_called(name):
            raise DeniedError(
                f"{source}: op finds another item by that name, {item.title}",
                hint="write the item's name or id into the reference",
            )
        return item

    def _failure(self, done: Done, vault: str) -> ProviderError:
        about = complaints.subject(done)
        if about is not None and about.kind == complaints.VAULT:
            return no_vault(vault)
        if about is not None and about.kind == complaints.AMBIGUOUS:
            return ambiguous(about.name)
        return complaints.failure(done, self.environ)


def no_vault(vault: str) -> DeniedError:
    """Return the error for a vault that is not there, or not for this account: op tells no more."""
    return DeniedError(
        f"1Password has no vault {vault} for this account",
        hint="op vault list shows those it may use; ?account= in the reference names another",
    )


def ambiguous(item: str) -> DeniedError:
    """Return the error for several items of one name."""
    return DeniedError(
        f"1Password has several items called {item}",
        hint="write the item's id into the reference: op item list shows it",
    )
