"""devkeys for strace: as an ordinary user it sees nothing of a process that is not dumpable.

What is started so is what users start, but that its memory is guarded in the way of a Python
without `_ctypes`. Under root the real command can be traced.
"""

import os
import sys

from command import DEVKEYS

_CODE = (
    "import sys; sys.modules['_ctypes'] = None; from devkeys.__main__ import main; sys.exit(main())"
)
TRACEABLE = DEVKEYS if os.geteuid() == 0 else [sys.executable, "-E", "-P", "-c", _CODE]
_QUICK = (
    f"import sys; sys.modules['_ctypes'] = None; sys.path.append({os.path.dirname(__file__)!r}); "
    "from quick_devkeys import main; sys.exit(main())"
)
# The same, and passphrases take no seconds.
TRACEABLE_QUICK = [sys.executable, "-E", "-P", "-c", _QUICK]
