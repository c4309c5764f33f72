"""What a file has besides its content: owner, group, mode, extended attributes, ACL.

An ACL of POSIX is an extended attribute of Linux; on other systems only owner, group and mode
are copied.
"""

import errno
import os
import stat
import sys

# The system gives these to every file that it makes; only root could give others.
_THE_SYSTEMS = ("security.", "trusted.", "system.nfs4", "btrfs.")
_NO_ATTRIBUTES = (errno.ENOTSUP, errno.ENOSYS, errno.EPERM, errno.EACCES)


def copy(source: int, target: int) -> None:
    """Give the file open as *target* what the file open as *source* has; raise OSError."""
    if os.name != "posix":
        return
    wanted, given = os.fstat(source), os.fstat(target)
    if (wanted.st_uid, wanted.st_gid) != (given.st_uid, given.st_gid):
        os.fchown(target, wanted.st_uid, wanted.st_gid)
    os.fchmod(target, stat.S_IMODE(wanted.st_mode))
    if sys.platform == "linux":
        _copy_attributes(source, target)


if sys.platform == "linux":

    def _copy_attributes(source: int, target: int) -> None:
        wanted = _attributes(source)
        # A directory's default ACL gives a new file entries that the old one need not have.
        for name in _attributes(target).keys() - wanted.keys():
            if not name.startswith(_THE_SYSTEMS):
                os.removexattr(target, name)
        for name, value in wanted.items():
            try:
                os.setxattr(target, name, value)
            except OSError:
                if not name.startswith(_THE_SYSTEMS):
                    raise

    def _attributes(descriptor: int) -> dict[str, bytes]:
        try:
            return {name: os.getxattr(descriptor, name) for name in os.listxattr(descriptor)}
        except OSError as error:
            if error.errno in _NO_ATTRIBUTES:
                return {}
            raise
