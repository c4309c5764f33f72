"""A repository whose configuration names a program wherever git knows a place for one."""

import os
from pathlib import Path

from repositories import commit, git_answer, run_git

HOOKS = ("pre-commit", "post-index-change", "reference-transaction", "fsmonitor-watchman")
_CONFIGURATION = """
[core]
 repositoryFormatVersion = 1
 fsmonitor = {canary}
 hooksPath = {hooks}
 pager = {canary}
 sshCommand = {canary}
 gitProxy = {canary}
 editor = {canary}
 askPass = {canary}
 alternateRefsCommand = {canary}
[pager]
 cat-file = {canary}
 rev-list = {canary}
 diff-tree = {canary}
[alias]
 cat-file = !{canary}
 diff-tree = !{canary}
[gpg]
 program = {canary}
[gpg "ssh"]
 program = {canary}
 defaultKeyCommand = {canary}
[log]
 showSignature = true
[diff]
 external = {canary}
[diff "evil"]
 textconv = {canary}
 command = {canary}
[filter "evil"]
 clean = {canary}
 smudge = {canary}
 process = {canary}
[merge "evil"]
 driver = {canary}
[credential]
 helper = {canary}
[uploadpack]
 packObjectsHook = {canary}
[protocol]
 allow = always
[protocol "ext"]
 allow = always
[remote "origin"]
 url = ext::{canary}
 uploadpack = {canary}
 promisor = true
 partialCloneFilter = blob:none
[extensions]
 partialClone = origin
"""


def make_hostile(root: Path, canary: Path, value: str) -> str:
    """Make *root* hostile, and commit *value* to it; return an object that is missing in it.

    Whatever runs *canary* leaves a file `ran` beside it.
    """
    canary.write_text(f"#!/bin/sh\necho x >> {canary.parent / 'ran'}\nexit 1\n")
    canary.chmod(0o755)
    commit(root, ".gitattributes", "* diff=evil filter=evil merge=evil\n")
    gone = commit(root, "gone", "to be fetched again")
    commit(root, "a.txt", value)
    _sign(root)
    for name in HOOKS:
        os.link(canary, root / ".git" / "hooks" / name)
    missing = git_answer("rev-parse", f"{gone}:gone", cwd=root)
    (root / ".git" / "objects" / missing[:2] / missing[2:]).unlink()
    with (root / ".git" / "config").open("a") as file:
        file.write(_CONFIGURATION.format(canary=canary, hooks=root / ".git" / "hooks"))
    return missing


def _sign(root: Path) -> None:
    """Make HEAD a commit with a signature, which git log would have checked."""
    lines = git_answer("cat-file", "commit", "HEAD", cwd=root).split("\n")
    place = lines.index("")
    lines[place:place] = [
        "gpgsig -----BEGIN PGP SIGNATURE-----",
        " ",
        " -----END PGP SIGNATURE-----",
    ]
    (root / ".git" / "signed").write_text("\n".join(lines) + "\n")
    name = git_answer("hash-object", "-t", "commit", "-w", ".git/signed", cwd=root)
    run_git("update-ref", "HEAD", name, cwd=root)
