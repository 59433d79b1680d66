"""Writes the lexicon of given names: how often a bearer is a woman, in percent.

    pip download --no-deps nomquamgender==0.1.4
    python given_names.py nomquamgender-0.1.4-py3-none-any.whl > ../src/analysis/entities/lexicon/given_names.txt

The package (MIT) counts bearers over 36 public sources of many countries. Names of one word in a to z are kept that six sources
or more know, with a hundred bearers or more where nearly all are of one gender, with four hundred where not.
"""
from __future__ import annotations

import argparse
import json
import re
import zipfile
from pathlib import Path

DATA = "nomquamgender/name_data.json"


def kept(name: str, sources: int, bearers: int, women: float) -> bool:
    clear = women <= 0.1 or women >= 0.9
    return re.fullmatch(r"[a-z]{2,}", name) is not None and sources >= 6 and bearers >= (100 if clear else 400)


def main() -> None:
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("wheel", type=Path)
    with zipfile.ZipFile(ap.parse_args().wheel) as z:
        names = json.loads(z.read(DATA))
    for name, (sources, bearers, women, _) in sorted(names.items()):
        if kept(name, sources, bearers, women):
            print(name, round(100 * women))


if __name__ == "__main__":
    main()
