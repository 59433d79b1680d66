"""Dev scores of every head, for a checkpoint or an exported ONNX file, with the windows that the run time uses.

A document longer than one window is cut at line breaks or sentence ends where one is near, each window carries context
on both sides, runs alone and unpadded, and every word's emissions come from the window whose core it lies in; Viterbi
then runs over the whole document. Spans are compared exactly, after trimming marks as `score.py` of the corpora does.
"""
from __future__ import annotations

import argparse
import collections
import json
import time
from pathlib import Path
from typing import Callable

import numpy as np
import torch

from crf import allowed, spans, viterbi
from data import CONLL, ROLES, WORLDWIDE, Document, conll, polnear, worldwide
from export import header, load
from model import LINK, OFFSETS, TAGS
from train import pretrained
from words import Encoded, WordPiece

TRIM = set(" \t\n\r\u00a0“”\"'‘’`,.;:!?…—–-()[]")
ENDS = frozenset(".?!")
CORE = ("Person", "Organization", "Location", "NORP")
Run = Callable[[np.ndarray, np.ndarray], list[np.ndarray]]


def plan(text: str, words: Encoded, longest: int, context: int) -> list[tuple[int, int, int, int]]:
    """Windows as word indices (begin, core begin, core end, end), cores covering the document once."""
    first = words.first + [len(words.pieces)]
    n = len(words)
    if first[-1] <= longest:
        return [(0, 0, n, n)]
    out = []
    at = 0
    while at < n:
        begin = at
        while begin and first[at] - first[begin - 1] <= context:
            begin -= 1
        if first[-1] - first[begin] <= longest:
            out.append((begin, at, n, n))
            break
        room = first[begin] + longest - context
        stop = max(at + 1, int(np.searchsorted(first, room, side="right")) - 1)
        good = stop
        for quality in (lambda i: words.breaks[i], lambda i: text[words.begins[i]] in ENDS):
            found = next((i + 1 for i in range(stop - 1, at, -1) if quality(i) and first[i + 1] - first[at] > (room - first[at]) * 0.7), 0)
            if found:
                good = found
                break
        end = good
        while end < n and first[end + 1] - first[good] <= context and first[end + 1] - first[begin] <= longest:
            end += 1
        out.append((begin, at, good, end))
        at = good
    return out


def torch_runner(path: Path | None) -> tuple[Run, dict]:
    """Runs a checkpoint's averaged weights."""
    model = load(path)

    def run(ids: np.ndarray, cases: np.ndarray) -> list[np.ndarray]:
        with torch.no_grad():
            hidden = model.encoder(torch.from_numpy(ids).long(), torch.from_numpy(cases).long())
            return [f(hidden)[0].numpy() for f in (model.tags, model.query, model.key)]
    return run, header(model, WordPiece(pretrained() / "vocab.txt"))


def onnx_runner(path: Path, threads: int) -> tuple[Run, dict]:
    """Runs an exported graph; the header lies beside it."""
    import onnxruntime
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    with open(path.with_name("dictum.json"), encoding="utf8") as f:
        head = json.load(f)
    return lambda ids, cases: [x[0] for x in session.run(None, {"input_ids": ids, "case_ids": cases})], head


class Model:
    """A runner with its header: emissions per word, spans per head, links."""

    def __init__(self, run: Run, head: dict, longest: int, context: int):
        self.run, self.head, self.longest, self.context = run, head, longest, context
        self.moves = {h["name"]: np.array([[0.0 if v is None else v for v in r] for r in h["transitions"]], dtype=np.float32)
                      for h in head["heads"]}
        self.pieces = 0

    def outputs(self, document: Document) -> list[np.ndarray]:
        """Tags, link queries and link keys of every word."""
        words, tokens = document.words, self.head["tokens"]
        first = words.first + [len(words.pieces)]
        parts: list[list[np.ndarray]] = []
        for begin, core, stop, end in plan(document.text, words, self.longest, self.context):
            a, b = first[begin], first[end]
            ids = np.array([[tokens["start"], *words.pieces[a:b], tokens["stop"]]], dtype=np.int32)
            cases = np.array([[0, *words.cases[a:b], 0]], dtype=np.int32)
            at = np.array(words.first[core:stop]) - a + 1
            parts.append([x[at] for x in self.run(ids, cases)])
            self.pieces += b - a + 2
        return [np.concatenate(x) for x in zip(*parts)]

    def spans(self, document: Document, tags: np.ndarray, head: str) -> list[tuple[int, int, int]]:
        """Decoded spans as (first word, last word + 1, type)."""
        names = TAGS[head]
        part = tags[:, OFFSETS[head]:OFFSETS[head] + len(names)]
        return spans(viterbi(part, self.moves[head], allowed(len(names) // 2)))

    def link(self, role: int, word: int, cues: list[int], q: np.ndarray, k: np.ndarray) -> int:
        """The chosen cue's word, or -1."""
        link = self.head["link"]
        edges = np.array(link["distance_edges"])
        d = np.array(cues) - word
        near = np.array(link["distance"][role])[len(edges) + np.sign(d) * np.searchsorted(edges, np.abs(d), side="right")]
        score = k[cues] @ q[word, role * LINK:(role + 1) * LINK] * link["scale"] + near
        return cues[int(score.argmax())] if score.max() > link["null"][role] else -1


class Tally:
    """Exact-match counts by key."""

    def __init__(self) -> None:
        self.hit, self.gold, self.out = (collections.Counter() for _ in range(3))

    def add(self, gold: set, out: set, key: Callable = lambda s: s[2]) -> None:
        for s in gold:
            self.gold[key(s)] += 1
        for s in out:
            self.out[key(s)] += 1
        for s in gold & out:
            self.hit[key(s)] += 1

    def f1(self, keys=None) -> dict:
        keys = list(self.gold) if keys is None else keys
        hit, gold, out = (sum(c[k] for k in keys) for c in (self.hit, self.gold, self.out))
        p, r = hit / max(1, out), hit / max(1, gold)
        return {"p": round(p, 4), "r": round(r, 4), "f1": round(2 * p * r / max(1e-9, p + r), 4), "gold": gold}


def trimmed(text: str, begin: int, end: int) -> tuple[int, int]:
    """A span without marks and white space at its ends."""
    while begin < end and text[begin] in TRIM:
        begin += 1
    while end > begin and text[end - 1] in TRIM:
        end -= 1
    return begin, end


def overlaps(span: tuple[int, int], skip: list) -> int:
    return sum(max(0, min(span[1], b) - max(span[0], a)) for a, b in skip)


def skipped(pieces: list, skip: list) -> bool:
    """Whether more than half of a content lies in ranges that the gold leaves out."""
    n = sum(b - a for a, b in pieces)
    return n > 0 and sum(overlaps(s, skip) for s in pieces) * 2 > n


def roles(model: Model, documents: list[Document]) -> dict:
    """Exact F1 of the three layers, and link accuracy on gold pieces and gold cues."""
    tally, right, links = Tally(), collections.Counter(), collections.Counter()
    for d in documents:
        tags, q, k = model.outputs(d)
        attributions, skip = d.gold
        kept = [a for a in attributions if not skipped(a["content"], skip)]
        for i, role in enumerate(ROLES):
            gold = {(*trimmed(d.text, *s), role) for a in kept for s in a.get(role, [])}
            found = [(d.words.begins[a], d.words.ends[b - 1]) for a, b, _ in model.spans(d, tags, role)]
            out = {(*trimmed(d.text, *s), role) for s in found if not skipped([s], skip)}
            tally.add({s for s in gold if s[0] < s[1]}, {s for s in out if s[0] < s[1]})
        cues = sorted({x.word for x in d.links if x.role == 1})
        wanted: dict[tuple[int, int], set[int]] = {}
        for x in d.links:
            if not d.quiet[x.word]:
                wanted.setdefault((x.role, x.word), set()).add(x.cue)
        for (role, word), gold in wanted.items():
            if cues:
                links[ROLES[role]] += 1
                right[ROLES[role]] += model.link(role, word, cues, q, k) in gold
    return {**{r: tally.f1([r]) for r in ROLES},
            "link_accuracy": {r: round(right[r] / max(1, links[r]), 4) for r in ("source", "content")}}


def names(model: Model, documents: list[Document], head: str, types: tuple[str, ...]) -> Tally:
    """Exact span and type, trimmed, without a leading "the"."""
    tally = Tally()
    for d in documents:
        def clean(begin: int, end: int, kind: str) -> tuple[int, int, str]:
            begin, end = trimmed(d.text, begin, end)
            return (begin + 4 if d.text[begin:begin + 4].lower() == "the " else begin, end, kind)
        tags = model.outputs(d)[0]
        gold = {clean(*s) for s in d.gold}
        out = {clean(d.words.begins[a], d.words.ends[b - 1], types[t]) for a, b, t in model.spans(d, tags, head)}
        tally.add(gold, out)
    return tally


def main() -> None:
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("model", type=Path, help="a checkpoint (.pt) or an exported graph (.onnx)")
    ap.add_argument("--corpora", type=Path, default=Path("../../shared/corpora"))
    ap.add_argument("--window", type=int, help="pieces, those of the header unless given")
    ap.add_argument("--context", type=int)
    ap.add_argument("--threads", type=int, default=1)
    ap.add_argument("--json", type=Path, help="writes the figures here too")
    a = ap.parse_args()
    torch.set_num_threads(a.threads)
    pieces = WordPiece(pretrained() / "vocab.txt")
    run, head = torch_runner(a.model) if a.model.suffix == ".pt" else onnx_runner(a.model, a.threads)
    a.window = head["window"]["pieces"] if a.window is None else a.window
    a.context = head["window"]["context"] if a.context is None else a.context
    model = Model(run, head, a.window, a.context)
    start = time.time()
    figures: dict = {"model": a.model.name, "window": a.window, "context": a.context}
    figures["roles"] = roles(model, polnear(a.corpora / "quotes/polnear-dev.jsonl", pieces))
    world = names(model, worldwide(a.corpora / "ner/worldwide-dev.jsonl", pieces), "worldwide", WORLDWIDE)
    figures["worldwide"] = {"core": world.f1(CORE), "all": world.f1(), "by_type": {t: world.f1([t])["f1"] for t in WORLDWIDE}}
    given = names(model, conll(a.corpora / "ner/conll2003-dev.conll", pieces), "conll", CONLL)
    figures["conll2003"] = {"all": given.f1(), "by_type": {t: given.f1([t])["f1"] for t in CONLL}}
    figures["pieces"] = model.pieces
    figures["seconds"] = round(time.time() - start, 1)
    print(json.dumps(figures))
    if a.json:
        a.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf8")


if __name__ == "__main__":
    main()
