"""What a Bitwarden server answers, as far as the vendor's own clients ask.

Written by watching bw 2026.6 and rbw 1.15 sign in, sync and write.
"""

import base64
import hashlib
import json
import secrets
import time
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from bitwarden_account import ITERATIONS, Account

Json = dict[str, Any]

# The server's own limits of encrypted texts, `EncryptedStringLength` in its request models.
LIMITS = {"notes": 10000, "username": 1000, "password": 5000, "totp": 1000, "value": 5000}
LOGIN, NOTE = 1, 2


class Refusal(Exception):  # noqa: N818  # an answer of the server, and no fault of the tests
    """An answer that is no."""

    def __init__(self, status: int, body: Json) -> None:
        super().__init__(status)
        self.status, self.body = status, body


class Server:
    """One account and its items; *asked* is what clients asked for, in order."""

    def __init__(self) -> None:
        self.account = Account()
        self.ciphers: dict[str, Json] = {}
        self.asked: list[str] = []
        self.is_readonly = False  # every change is refused, as without the right to it
        self.is_revoked = False  # no token is taken any longer
        self.url = ""

    def add(self, name: str, *, trashed: bool = False, **texts: Any) -> str:
        """Keep an item and return its id; texts are those of `_login`, notes and fields."""
        item = self._new(trashed=trashed) | {
            "type": texts.pop("type", LOGIN),
            "name": self.account.encrypt(name),
            "notes": self.account.encrypt(texts.pop("notes", None)),
            "fields": [self._field(*field) for field in texts.pop("fields", ())],
        }
        if item["type"] == LOGIN:
            item["login"] = self._login(**texts)
        else:
            item["secureNote"] = {"type": 0}
        self.ciphers[item["id"]] = item
        return str(item["id"])

    def read(self, number: str) -> Json:
        """Return an item's name, notes, fields and login, decrypted."""
        item, plain = self.ciphers[number], self.account.decrypt
        login = item.get("login") or {}
        return {
            "type": item["type"],
            "name": plain(item["name"]),
            "notes": plain(item["notes"]),
            "fields": [
                (plain(one["name"]), plain(one["value"]), one["type"])
                for one in item["fields"] or ()
            ],
            **{part: plain(login.get(part)) for part in ("username", "password", "totp")},
            "uris": [plain(one["uri"]) for one in login.get("uris") or ()],
        }

    def _new(self, *, trashed: bool = False) -> Json:
        return {
            "object": "cipherDetails",
            "id": str(uuid.uuid4()),
            "organizationId": None,
            "folderId": None,
            "favorite": False,
            "edit": True,
            "viewPassword": True,
            "permissions": {"delete": True, "restore": True},
            "organizationUseTotp": False,
            "reprompt": 0,
            "collectionIds": [],
            "creationDate": _now(),
            "revisionDate": _now(),
            "deletedDate": _now() if trashed else None,
        }

    def _field(
        self, name: str, value: str | None, kind: int = 1, linked: int | None = None
    ) -> Json:
        encrypt = self.account.encrypt
        return {"name": encrypt(name), "value": encrypt(value), "type": kind, "linkedId": linked}

    def _login(
        self,
        username: str | None = None,
        password: str | None = None,
        totp: str | None = None,
        uris: tuple[str, ...] = (),
    ) -> Json:
        encrypt = self.account.encrypt
        digests = [base64.b64encode(hashlib.sha256(uri.encode()).digest()).decode() for uri in uris]
        return {
            "username": encrypt(username),
            "password": encrypt(password),
            "totp": encrypt(totp),
            "uris": [
                {"uri": encrypt(uri), "uriChecksum": encrypt(digest), "match": None}
                for uri, digest in zip(uris, digests, strict=True)
            ],
        }

    def answer(self, method: str, path: str, body: Any) -> Json | int | None:
        """Return the answer to a request; raise Refusal for a no."""
        found: Json | int | None = None
        match method, path.strip("/").split("/"):
            case "POST", ["identity", "connect", "token"]:
                found = self._sign_in(body)
            case "POST", ["identity", "accounts", "prelogin", *_]:
                found = {"kdf": 0, "kdfIterations": ITERATIONS, "salt": self.account.email}
            case "GET", ["api", "config"]:
                found = {"version": "2026.6.0", "environment": {}, "featureStates": {}}
            case "GET", ["api", "accounts", "revision-date"]:
                found = self._revision()
            case "GET", ["api", "sync"]:
                found = self._sync()
            case "POST" | "PUT", ["api", "ciphers", *rest]:
                found = self._write(rest, body)
        return found

    def _revision(self) -> int:
        if self.is_revoked:
            raise Refusal(401, invalid("Unauthorized"))
        return int(time.time() * 1000)  # there is always something new

    def _sign_in(self, form: Mapping[str, str]) -> Json:
        account = self.account
        kind = form.get("grant_type")
        if self.is_revoked:
            raise Refusal(400, {"error": "invalid_grant"})
        if kind == "client_credentials" and form.get("client_secret") != account.client_secret:
            raise Refusal(400, {"error": "invalid_client"})
        if kind == "password" and form.get("password") != account.proof:
            raise Refusal(400, invalid("Username or password is incorrect. Try again."))
        return {
            "access_token": self._token(),
            "refresh_token": secrets.token_urlsafe(20),
            "expires_in": 3600,
            "token_type": "Bearer",
            "scope": "api offline_access",
            "Key": account.wrapped_key,
            "PrivateKey": account.private_key,
            "AccountKeys": self._account_keys(),
            "Kdf": 0,
            "KdfIterations": ITERATIONS,
            "ForcePasswordReset": False,
            "UserDecryptionOptions": {
                "HasMasterPassword": True,
                "MasterPasswordUnlock": self._unlock(),
            },
        }

    def _token(self) -> str:
        claims = {
            "sub": self.account.id,
            "email": self.account.email,
            "email_verified": True,
            "name": "Dev",
            "premium": False,
            "iss": self.url,
            "exp": int(time.time()) + 3600,
            "nbf": int(time.time()),
        }
        parts = (json.dumps(part).encode() for part in ({"alg": "none"}, claims))
        coded = [base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts]
        return ".".join([*coded, "x"])

    def _account_keys(self) -> Json:
        return {
            "publicKeyEncryptionKeyPair": {
                "wrappedPrivateKey": self.account.private_key,
                "publicKey": "",
                "signedPublicKey": None,
            },
            "signatureKeyPair": None,
            "securityState": None,
        }

    def _unlock(self) -> Json:
        return {
            "Kdf": {"KdfType": 0, "Iterations": ITERATIONS},
            "MasterKeyEncryptedUserKey": self.account.wrapped_key,
            "Salt": self.account.email,
        }

    def _sync(self) -> Json:
        account = self.account
        profile = {
            "id": account.id,
            "email": account.email,
            "emailVerified": True,
            "name": "Dev",
            "premium": False,
            "key": account.wrapped_key,
            "privateKey": account.private_key,
            "accountKeys": self._account_keys(),
            "securityStamp": account.id,
            "organizations": [],
            "providers": [],
            "providerOrganizations": [],
            "creationDate": _now(),
        }
        return {
            "object": "sync",
            "profile": profile,
            "folders": [],
            "collections": [],
            "ciphers": list(self.ciphers.values()),
            "domains": None,
            "policies": [],
            "sends": [],
            "userDecryption": {"masterPasswordUnlock": self._unlock()},
        }

    def _write(self, rest: list[str], body: Json) -> Json:
        if self.is_readonly:
            raise Refusal(404, invalid("Resource not found."))
        sent = body.get("cipher", body)
        for part in (sent, sent.get("login") or {}, *(sent.get("fields") or ())):
            _check_lengths(part)
        old = self.ciphers[rest[0]] if rest and rest[0] in self.ciphers else self._new()
        known = sent.get("lastKnownRevisionDate")
        # The server takes a difference of up to a second for the same date.
        if rest and known and abs(_date(known) - _date(old["revisionDate"])) > timedelta(seconds=1):
            raise Refusal(400, invalid("The cipher you are updating is out of date."))
        taken = {"type", "name", "notes", "fields", "login", "secureNote", "key", "favorite"}
        item = old | {name: sent[name] for name in taken & set(sent)} | {"revisionDate": _now()}
        self.ciphers[item["id"]] = item
        return item


def _check_lengths(part: Mapping[str, Any]) -> None:
    for name, limit in LIMITS.items():
        if len(part.get(name) or "") > limit:
            text = (
                f"The field {name.title()} exceeds the maximum encrypted value length of "
                f"{limit} characters."
            )
            errors = {"message": "The model state is invalid.", "validationErrors": {name: [text]}}
            raise Refusal(400, errors)


def invalid(text: str) -> Json:
    """Return an error as the server words it."""
    model = {"message": text, "object": "error"}
    return {
        "error": "invalid_grant",
        "message": text,
        "ErrorModel": model,
        "validationErrors": None,
    }


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _date(text: str) -> datetime:
    return datetime.fromisoformat(text)
