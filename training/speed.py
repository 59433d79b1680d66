"""Word pieces a second of an exported graph in onnxruntime, on one thread: what the service's own run time is held against.

    python speed.py ../models/dictum-en-fast/dictum-int8.onnx ARTICLES.jsonl

Reads the first articles of a file of {"text"} lines, cuts each into runs of 254 pieces between the special ones, as
`cargo bench --bench analysis -- network` does with `DICTUM_BENCH_TEXT`, and prints the time of all rounds and the word pieces a second of the best.
"""
from __future__ import annotations

import argparse
import json
import time
from itertools import islice
from pathlib import Path

import numpy as np

from evaluate import onnx_runner
from words import WordPiece

RUN = 254


def main() -> None:
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("graph", type=Path)
    ap.add_argument("articles", type=Path)
    ap.add_argument("--vocabulary", type=Path, default=Path(__file__).parent / "../models/vocab.txt")
    ap.add_argument("--count", type=int, default=20)
    ap.add_argument("--rounds", type=int, default=5)
    a = ap.parse_args()
    pieces = WordPiece(a.vocabulary)
    run, _ = onnx_runner(a.graph, 1)
    windows = []
    total = 0
    with open(a.articles, encoding="utf8") as f:
        for line in islice(f, a.count):
            encoded = pieces.encode(json.loads(line)["text"])
            total += len(encoded.pieces)
            for at in range(0, len(encoded.pieces), RUN):
                ids = [pieces.start, *encoded.pieces[at:at + RUN], pieces.stop]
                cases = [0, *encoded.cases[at:at + RUN], 0]
                windows.append((np.array([ids], dtype=np.int32), np.array([cases], dtype=np.int32)))
    run(*windows[0])
    rounds = []
    for _ in range(a.rounds):
        start = time.perf_counter()
        for ids, cases in windows:
            run(ids, cases)
        rounds.append(time.perf_counter() - start)
    print(json.dumps({"pieces": total, "seconds": round(sum(rounds), 4), "best_pieces_a_second": round(total / min(rounds))}))


if __name__ == "__main__":
    main()
