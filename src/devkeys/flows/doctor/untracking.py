"""Taking a file out of git's index without running what the repository configures."""

import os
import tempfile

from devkeys import git, ignoring


def untrack(path: str, *, program: str) -> bool:
    """Let git forget the file *path*, which stays; tell whether it did.

    *program* is git's absolute path. `git rm --cached` would do, but for two things: it reads
    files of the checkout to compare them, through any `filter` that the repository configures,
    and it refuses where the index holds something else than the file and the last commit.
    """
    directory, name = os.path.split(path)
    asked = ("--literal-pathspecs", "ls-files", "-z", "--full-name", "--error-unmatch", "--", name)
    listed = git.ask(directory, *asked, program=program)
    if not listed:
        return False
    with tempfile.TemporaryDirectory() as empty:  # to write an index, git reads files that it finds
        words = (f"--work-tree={empty}", "update-index", "--force-remove", "-z", "--stdin")
        done = ignoring.feed(directory, *words, given=os.fsencode(listed), program=program)
    return done is not None and not git.is_tracked(directory, name, program=program)
