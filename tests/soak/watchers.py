"""watchers.py LOG: the address of the port for watchers, out of a service's JSON log."""

import json
import sys

SAID = "listening for those who watch"


def address(lines):
    for line in lines:
        fields = json.loads(line)
        fields = fields | fields.get("fields", {})
        if fields.get("message") == SAID:
            return fields["address"]
    return None


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as log:
        found = address(log)
    if found is None:
        sys.exit(f"the log does not say {SAID!r}")
    print(found)
