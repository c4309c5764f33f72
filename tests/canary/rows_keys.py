"""Rows of the table: set, add, get, unset, list, status."""

from canary.playing import Scenario
from canary.situations import (
    damaged,
    fresh,
    locked,
    lost,
    new_keychain,
    open_to_all,
    read_only,
    refusing,
    typed_value,
)
from canary.ways import (
    BROKEN,
    FULL,
    PROVIDER,
    REVEALED,
    WRITTEN,
)


def _set(name: str, *words: str, **more: object) -> Scenario:
    given = {"given": typed_value, **more}
    return Scenario(f"set-{name}", ("set", "SPARE_KEY", *words), **given)  # type: ignore[arg-type]


SET = (
    _set("stdin", says="stored SPARE_KEY", keychain=True),
    _set("prompt", given=None, typed=(("SPARE_KEY:", "{canary}\r"),), says="stored SPARE_KEY"),
    _set("interrupted", given=None, typed=(("SPARE_KEY:", "{canary}\x03"),), code=130),
    _set("generate", "--generate", says="generated", given=None),
    _set("provider", "--to", "fake://NEW", says="wrote", allowed=WRITTEN, others=PROVIDER),
    _set(
        "provider-prompt",
        "--to",
        "fake://NEW",
        given=None,
        typed=(("SPARE_KEY", "{canary}\r"),),
        says="wrote",
        allowed=WRITTEN,
        others=PROVIDER,
    ),
    _set("provider-missing", "--to", "nobody://NEW", code=3, says="nobody"),
    _set("full-disk", strace=(FULL,), code=3, says="no space"),
    _set("broken-disk", strace=(BROKEN,), code=3, says="input/output"),
    _set("no-descriptors", strace=("--inject=openat:error=EMFILE:when=300+",), code=None),
    _set("no-lock", strace=("--inject=flock:error=ENOLCK",), code=3),
    _set("no-rename", strace=("--inject=rename:error=EXDEV:when=2+",), code=3),
    _set("no-mode", strace=("--inject=fchmod:error=EPERM",), code=3),
    _set("no-memory", strace=("--inject=mmap:error=ENOMEM:when=150+",), code=None),
    _set("killed", strace=("--inject=fsync:signal=SIGTERM",), code=None),
    _set("damaged", before=damaged, code=3, says="damaged"),
    _set("read-only", before=read_only, code=None),  # root writes all the same
    _set("open-to-all", before=open_to_all, code=3),
    _set("fresh", before=fresh, says="stored SPARE_KEY", keychain=True),
    _set("locked", before=locked, code=3, says="locked", only="keychain"),
    _set("key-lost", before=lost, code=3, only="headless"),
    _set("first", before=new_keychain, says="stored SPARE_KEY", only="keychain"),
    Scenario("set-argument", ("set", "SPARE_KEY={canary}"), 2, "not taken from the command line"),
    Scenario("set-argument-after", ("set", "SPARE_KEY", "{canary}"), 2),
    Scenario("set-unknown", ("set", "{canary}"), 2),
    Scenario("set-unknown-with", ("set", "UNKNOWN_KEY={canary}"), 2),
    Scenario("set-generate-wrong", ("set", "SPARE_KEY", "--generate={canary}"), 2),
)
KEYS = (
    Scenario("add", ("add", "NEW_KEY"), says="stored NEW_KEY", given=typed_value),
    Scenario(
        "add-prompt", ("add", "NEW_KEY"), says="stored NEW_KEY", typed=(("NEW_KEY:", "{canary}\r"),)
    ),
    Scenario("add-default", ("add", "NEW_KEY", "--default", "{canary}"), 2, "default"),
    Scenario("add-wrong", ("add", "{canary}"), 2),
    Scenario("add-broken-disk", ("add", "NEW_KEY"), 3, given=typed_value, strace=(BROKEN,)),
    Scenario("get", ("get", "PEM_KEY"), keychain=True),
    Scenario("get-json", ("get", "PEM_KEY", "--json")),
    Scenario("get-wrong", ("get", "{canary}"), 2),
    Scenario("reveal", ("get", "QUOTED_KEY", "--reveal"), allowed=REVEALED, keychain=True),
    Scenario("reveal-binary", ("get", "BINARY_KEY", "--reveal"), allowed=REVEALED),
    Scenario("reveal-provider", ("get", "TEAM_KEY", "--reveal"), allowed=REVEALED, others=PROVIDER),
    Scenario(
        "reveal-refused", ("get", "TEAM_KEY", "--reveal"), 3, before=refusing, others=PROVIDER
    ),
    Scenario("reveal-damaged", ("get", "PEM_KEY", "--reveal"), 3, before=damaged),
    Scenario("unset", ("unset", "PLAIN_KEY"), keychain=True),
    Scenario("unset-wrong", ("unset", "{canary}"), None),
    Scenario("unset-full-disk", ("unset", "PLAIN_KEY"), 3, strace=(FULL,)),
    Scenario("list", ("list", "--all")),
    Scenario("list-json", ("list", "--json")),
    Scenario("list-wrong", ("list", "{canary}"), 2),
)
STATUS = (
    Scenario("status", ("status",), keychain=True),
    Scenario("status-json", ("status", "--json")),
    Scenario("status-providers", ("status", "--providers"), others=PROVIDER),
    Scenario("status-damaged", ("status",), 0, before=damaged),
    Scenario("status-wrong", ("status", "-p", "{canary}"), 2),
)
