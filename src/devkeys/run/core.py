"""What a core file of this process would hold: nothing, while values are in memory.

On the way of `run`. Linux: which memory goes into a core is a number in /proc, which costs
20 us to set; PR_SET_DUMPABLE would take `ctypes`, 330 us. Unlike that it outlives an exec, so
it is put back before.
"""

FILTER = "/proc/self/coredump_filter"


def leave_memory_out() -> bytes:
    """Let no memory of this process go into a core file; return what `put_back` needs."""
    try:
        with open(FILTER, "rb", buffering=0) as file:
            before = file.read().strip()
        put_back(b"0")
    except OSError:  # no Linux, or no /proc: as it is
        return b""
    return b"0x" + before


def put_back(before: bytes) -> None:
    """Give the process that comes after us the core files that its caller wanted."""
    if before:
        with open(FILTER, "wb", buffering=0) as file:
            file.write(before)
