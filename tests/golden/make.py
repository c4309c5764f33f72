"""Makes golden files, each once: `python tests/golden/make.py` makes those that are missing.

A golden file shows how a format was written when it was in use, and is never made again; with a
name of one that is there, this fails. Whoever gives a format another number adds a maker for its
files, leaves the old files, and may remove a maker whose format nobody can write any more.
"""

import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1]))

import golden_files as golden
import quick_scrypt
from golden_files import PASSPHRASE, PROFILE, PROJECT, identity_of, recipient_of

from devkeys import consent, fingerprint, index, skips
from devkeys.consent import record as records
from devkeys.consent.record import Agreed
from devkeys.flows.doctor import baseline
from devkeys.plan import AGREED, SECRET, WANTED, Plan, Variable, cache
from devkeys.run import marker
from devkeys.secret import Secret
from devkeys.store import bundle, create, envelope, layout, ledger, remote, write
from devkeys.store import record as store_record
from devkeys.store.bundle import Bundle, Part
from devkeys.store.previous import read as read_former
from devkeys.store.record import (
    FILE,
    KEYCHAIN,
    Holder,
    Record,
    encode,
    write_record,
)

DAY = 86_400.0
BEGAN = 1_767_225_600.0  # 2026-01-01, in seconds since the epoch
WHO = "ana@laptop"


def _records() -> dict[str, bytes]:
    own = Holder(FILE, "", recipient_of())
    in_keychain = Holder(KEYCHAIN, "identity", recipient_of())
    confirmed = Holder(FILE, "", recipient_of("confirmed"))
    full = in_keychain.but(next=recipient_of("next"), former=recipient_of("former"))
    return {
        "store-1-file": encode(Record(own)),
        "store-1-keychain": encode(Record(in_keychain)),
        "store-2-passphrase": encode(Record(own.but(kind=store_record.PASSPHRASE))),
        "store-2-recovery": encode(Record(own, None, recipient_of("recovery"))),
        "store-2-all": encode(Record(full, confirmed, recipient_of("recovery"))),
    }


def _identities() -> dict[str, bytes]:
    text = create.file_content(identity_of())
    comment = b"# opens every value of a devkeys store: devkeys store recover, or age -d -i\n"
    key = comment + identity_of("recovery").reveal() + b"\n"
    return {
        "identity": text.replace(identity_of().reveal() + b"\n", golden.KEY_LINE),
        "identity-passphrase": quick_scrypt.seal(identity_of().reveal() + b"\n", PASSPHRASE),
        "identity-next": envelope.seal(identity_of("next").reveal() + b"\n", (recipient_of(),)),
        "recovery-key": quick_scrypt.armored(quick_scrypt.seal(key, PASSPHRASE)),
    }


def _store() -> dict[str, bytes]:
    """Write to a store as the commands do, and take its files."""
    with tempfile.TemporaryDirectory() as folder:
        data_dir, state_dir = os.path.join(folder, "data"), os.path.join(folder, "state")
        os.mkdir(data_dir, 0o700)
        write_record(data_dir, Record(Holder(FILE, "", recipient_of())))
        where = (data_dir, state_dir, PROJECT, PROFILE, golden.opened())
        new = {name: (Secret(value), "secret") for name, value in golden.VALUES.items()}
        new["PORT"] = (new["PORT"][0], "setting")
        writes = [{name: (Secret(value), "secret")} for name, _, value in golden.FORMER]
        writes[0]["OLD_TOKEN"] = (Secret(b"removed words"), "secret")
        for number, values in enumerate([*writes, new]):
            found = write.update(
                *where, write.setting(values), source="prompt", who=WHO, now=BEGAN + number * DAY
            )
        found = write.update(
            *where, write.removing(["OLD_TOKEN"]), source="", who=WHO, now=BEGAN + 4 * DAY
        )
        # `unset` leaves nothing in the file before: one more write, so that it is another file.
        port = {"PORT": (Secret(golden.VALUES["PORT"] + b"0"), "setting")}
        write.update(*where, write.setting(port), source="prompt", who=WHO, now=BEGAN + 5 * DAY)
        port["PORT"] = (Secret(golden.VALUES["PORT"]), "setting")
        found = write.update(
            *where, write.setting(port), source="prompt", who=WHO, now=BEGAN + 6 * DAY
        )
        kept = remote.Kept("op://team/chat/key", "0" * 32, 1_767_225_600, 1_767_229_200, _remote())
        remote.write(data_dir, PROJECT, PROFILE, golden.opened(), [kept])
        notes = ledger.read(data_dir, PROJECT, PROFILE)
        former = read_former(data_dir, PROJECT, PROFILE, golden.opened())
        part = Part(PROJECT, PROFILE, False, found, former, notes)
        exported = bundle.encode(Bundle(ledger.utc(BEGAN + 7 * DAY), WHO, [part]))
        places = {
            "values-1": layout.values_path(data_dir, PROJECT, PROFILE),
            "values-1-before": layout.before_path(data_dir, PROJECT, PROFILE),
            "previous-1": layout.previous_path(data_dir, PROJECT, PROFILE),
            "remote-1": layout.remote_path(data_dir, PROJECT, PROFILE),
            "ledger-1": layout.ledger_path(data_dir, PROJECT, PROFILE),
            "counter-1": layout.counter_path(state_dir, PROJECT, PROFILE),
        }
        made = {name: Path(path).read_bytes() for name, path in places.items()}
    return made | {"export-1": envelope.seal(exported, (recipient_of(),))}


def _remote() -> Secret:
    return Secret(b"words of a provider")


def _plan() -> Plan:
    asked = SECRET | WANTED | AGREED
    variables = (
        Variable("LLM_API_KEY", asked, None, None, None, None),
        Variable("PORT", WANTED, "8000", None, None, None),
    )
    return Plan("0" * 32, PROJECT, PROFILE, (PROJECT,), variables, {}, 120.0, False, 0)


def _state() -> dict[str, bytes]:
    with tempfile.TemporaryDirectory() as folder:
        plan_path = os.path.join(folder, "plans", "plan")
        digest = cache.write(plan_path, _plan(), ())
        facts = [
            Agreed("", PROFILE, "LICENSE_CODE", ("@optional",)),
            Agreed("", PROFILE, "LLM_API_KEY", ("secret",)),
            Agreed("", PROFILE, "MAIL_TOKEN", ("secret",)),
        ]
        where = golden.CHECKOUT
        record = records.Record(where, where, "git@example.com:ana/chat.git", PROJECT)
        records.agree(folder, record, facts)
        records.remember_plan(folder, where, "1" * 32, digest)
        skipped = os.path.join(folder, "skips", "skipped")
        skips.write(skipped, ["LICENSE_CODE"])
        entries = {
            ("finding", "0123456789abcdef" * 2): baseline._Entry(2, "2026-01-01"),
            ("list", "fedcba9876543210" * 2): baseline._Entry(1, "2026-01-02"),
        }
        baseline._change(folder, lambda _: entries)
        rows = index.Index(frozenset(["LICENSE_CODE"]), {where: index.Lack(1, 2)})
        index.update(folder, lambda _: rows)
        key = fingerprint.tag_key(folder)
        made = {
            "consent-1": consent.path_of(folder, where),
            "skips-1": skipped,
            "accepted-1": os.path.join(folder, baseline.FILE),
            "index-1": index.path_of(folder),
            "tag-key": os.path.join(folder, "tag.key"),
            "plan-2": plan_path,
        }
        found = {name: Path(path).read_bytes() for name, path in made.items()}
    values = {"LLM_API_KEY": "third words"}
    mark = marker.write(_plan(), "6", marker.tags_of(values, list(values), key), {"LLM_API_KEY": 3})
    return found | {"mark-1": mark.encode()}


MAKERS: tuple[Callable[[], dict[str, bytes]], ...] = (_records, _identities, _store, _state)


def main(names: list[str]) -> None:
    """Make the golden files *names*, or all that are missing."""
    there = {name for name in names if (golden.FOLDER / name).exists()}
    if there:
        sys.exit(f"there already, and never made again: {', '.join(sorted(there))}")
    for maker in MAKERS:
        for name, data in maker().items():
            path = golden.FOLDER / name
            if not path.exists() and (not names or name in names):
                with path.open("xb") as file:
                    file.write(data)
                sys.stdout.write(f"{name}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
