"""The Credential Manager's three calls through ctypes. Never run: no Windows was at hand.

Source: wincred.h, `CREDENTIALW`.
"""

import sys

if sys.platform == "win32":
    import ctypes
    from ctypes import wintypes

    from devkeys.keychain.windows import Credential, CredentialError

    _GENERIC = 1
    _LOCAL_MACHINE = 2  # kept after logging off, not sent to other machines of a domain

    class _CREDENTIAL(ctypes.Structure):
        _fields_ = (
            ("Flags", wintypes.DWORD),
            ("Type", wintypes.DWORD),
            ("TargetName", wintypes.LPWSTR),
            ("Comment", wintypes.LPWSTR),
            ("LastWritten", wintypes.FILETIME),
            ("CredentialBlobSize", wintypes.DWORD),
            ("CredentialBlob", ctypes.POINTER(ctypes.c_char)),
            ("Persist", wintypes.DWORD),
            ("AttributeCount", wintypes.DWORD),
            ("Attributes", ctypes.c_void_p),
            ("TargetAlias", wintypes.LPWSTR),
            ("UserName", wintypes.LPWSTR),
        )

    _POINTER = ctypes.POINTER(_CREDENTIAL)

    class WinCred:
        """Reads, writes and deletes generic credentials; see `windows.Binding`."""

        def __init__(self) -> None:
            library = ctypes.WinDLL("advapi32", use_last_error=True)
            self._read = library.CredReadW
            self._read.argtypes = (
                wintypes.LPCWSTR,
                wintypes.DWORD,
                wintypes.DWORD,
                ctypes.POINTER(_POINTER),
            )
            self._write = library.CredWriteW
            self._write.argtypes = (_POINTER, wintypes.DWORD)
            self._delete = library.CredDeleteW
            self._delete.argtypes = (wintypes.LPCWSTR, wintypes.DWORD, wintypes.DWORD)
            for call in (self._read, self._write, self._delete):
                call.restype = wintypes.BOOL
            self._free = library.CredFree
            self._free.argtypes = (ctypes.c_void_p,)
            self._free.restype = None

        def read(self, target: str) -> Credential:
            """Return the credential *target*."""
            found = _POINTER()
            if not self._read(target, _GENERIC, 0, ctypes.byref(found)):
                raise CredentialError(ctypes.get_last_error())
            try:
                record = found.contents
                blob = ctypes.string_at(record.CredentialBlob, record.CredentialBlobSize)
                return Credential(record.UserName or "", blob)
            finally:
                self._free(found)

        def write(self, target: str, credential: Credential) -> None:
            """Make or replace the credential *target*."""
            buffer = ctypes.create_string_buffer(credential.blob, len(credential.blob))
            record = _CREDENTIAL(
                Type=_GENERIC,
                TargetName=target,
                CredentialBlobSize=len(credential.blob),
                CredentialBlob=ctypes.cast(buffer, ctypes.POINTER(ctypes.c_char)),
                Persist=_LOCAL_MACHINE,
                UserName=credential.user,
            )
            if not self._write(ctypes.byref(record), 0):
                raise CredentialError(ctypes.get_last_error())

        def delete(self, target: str) -> None:
            """Remove the credential *target*."""
            if not self._delete(target, _GENERIC, 0):
                raise CredentialError(ctypes.get_last_error())
