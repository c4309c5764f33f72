"""No core files: a crash, or a quit key, would write every value at hand to the disk."""

import sys


def leave_none() -> None:
    """Have the system write no core file of this process, nor of those that it starts."""
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
