"""Allow a checkout and store values for it; run by the installed devkeys' own interpreter.

Reads JSON from stdin: {"folder": path, "values": {name: value}}. What has to be asked of a
keychain is found through the environment, as for every command.
"""

import json
import sys

from devkeys import allow, keep
from devkeys.plan.compile import read_project
from devkeys.project.find import checkout_of
from devkeys.secret import Secret
from devkeys.session import Session


def main() -> None:
    """Do what stdin says."""
    asked = json.load(sys.stdin)
    session = Session()
    checkout = checkout_of(asked["folder"], session.home)
    project = read_project(checkout, "dev", named=None, session=session)
    record = allow.agree(session, project)
    name = allow.name_of(record, checkout)
    values = {key: (Secret(value.encode()), "secret") for key, value in asked["values"].items()}
    keep.put(session, name, "dev", values, source="benchmark", confirm=False)


if __name__ == "__main__":
    main()
