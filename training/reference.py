"""Dumps words, word pieces and case classes of texts, so that another tokenizer can be compared for identity.

Reads JSONL with a `text` (plain or .xz), writes one JSON object a line: `words` as [begin, end] in UTF-8 bytes, `first`
(each word's first piece), `pieces`, `cases` (one for each piece). Line breaks are words, marked by their piece [SEP].
`--articles` stops after that many texts.
"""
from __future__ import annotations

import argparse
import json
import lzma
import sys
from itertools import accumulate, islice
from pathlib import Path

from train import pretrained
from words import WordPiece


def main() -> None:
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("texts", type=Path)
    ap.add_argument("--articles", type=int, default=1000)
    a = ap.parse_args()
    pieces = WordPiece(pretrained() / "vocab.txt")
    opener = lzma.open if a.texts.suffix == ".xz" else open
    with opener(a.texts, "rt", encoding="utf8") as f:
        for line in islice(f, a.articles):
            row = json.loads(line)
            text = row["text"]
            e = pieces.encode(text)
            at = [0, *accumulate(len(c.encode()) for c in text)]
            json.dump({"id": str(row["id"]), "words": [[at[b], at[c]] for b, c in zip(e.begins, e.ends)], "first": e.first,
                       "pieces": e.pieces, "cases": e.cases}, sys.stdout, separators=(",", ":"))
            sys.stdout.write("\n")


if __name__ == "__main__":
    main()
