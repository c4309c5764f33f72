"""Everything that is fuzzed, by name."""

from fuzz import declared, keychain, stored, worked_out
from fuzz.law import Target

TARGETS: dict[str, Target] = {
    **stored.TARGETS,
    **declared.TARGETS,
    **keychain.TARGETS,
    **worked_out.TARGETS,
}
