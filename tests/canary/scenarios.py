"""Every command of devkeys, in its success and in the failures that can be provoked.

A scenario says which ways a canary may take in it, and no other way is allowed. A new command
gets its rows in a module of its group; `test_every_command_is_played` tells if it has none.
"""

from canary.rows_cleaning import DOCTOR, SHELLS
from canary.rows_eject import EJECT
from canary.rows_export import EXPORT, IMPORT_EXPORT
from canary.rows_keys import KEYS, SET, STATUS
from canary.rows_moving import CHECKS, MOVE, REKEY
from canary.rows_passphrase import PASSPHRASE
from canary.rows_project import CONSENT, IMPORT, RUNS
from canary.rows_recovery import RECOVER, RECOVERY_KEY
from canary.rows_unlocking import UNLOCK, USES

VALUES = (*SET, *KEYS, *STATUS, *IMPORT, *RUNS, *CONSENT, *DOCTOR, *SHELLS)
OPENING = (*PASSPHRASE, *UNLOCK, *USES, *MOVE, *REKEY, *CHECKS, *RECOVERY_KEY, *RECOVER)
SCENARIOS = (*VALUES, *OPENING, *EXPORT, *IMPORT_EXPORT, *EJECT)
