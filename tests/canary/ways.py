"""Which ways secrets may take, who may do as they like with them, and faults of the kernel."""

from canary.watching import DATA, ENVIRONMENT, FILE, NAME, SCREEN, Allowed

TYPED = frozenset(["SPARE_KEY"])
PROVIDER, GIT = frozenset(["devkeys-provider-fake"]), frozenset(["git"])
# What init asks whether somebody is signed in, where they are installed.
MANAGERS = frozenset(["bw", "node", "op", "rbw"])
# What `run` hands on, and nothing else: the command's environment, and the memory of @as=file.
MEMORY = Allowed(DATA, "/memfd:devkeys-FILE_KEY", frozenset(["FILE_KEY"]))
RUN = (Allowed(ENVIRONMENT, "true"), MEMORY)
REVEALED = (Allowed(DATA, "stdout"),)
SHOWN = (Allowed(DATA, "terminal"), Allowed(SCREEN, ""))
WRITTEN = (Allowed(DATA, "stdin of devkeys-provider-fake", TYPED),)
# Where a path or a profile is expected, the kernel is asked for what was typed.
AS_PATH = Allowed(NAME, "newfstatat|openat", TYPED)
# What doctor looks at: a file whose own name is a secret, and a start-up file with one in it.
LOOKED_AT = Allowed(NAME, "newfstatat|openat", frozenset(["PLAIN_KEY"]))
RCFILE = (
    Allowed(DATA, r"~/\.\.bashrc\.[0-9a-f]{12}\.tmp", TYPED),
    Allowed(FILE, r"~/\.bashrc", TYPED),
)
# Faults of the kernel, by what the store needs last of all.
FULL, BROKEN = "--inject=fsync:error=ENOSPC", "--inject=fsync:error=EIO"
KILLED = "--inject=rename:signal=SIGKILL:when={}"
