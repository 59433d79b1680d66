"""Scores of every head by itself, for a checkpoint or an exported ONNX file, with the windows that the run time uses.

    python evaluate.py ../train-out/accurate/final.pt
    python evaluate.py ../models/dictum-en/dictum-int8.onnx --validation      # the articles of news-train that training left out

A document longer than one window is cut at line breaks or sentence ends where one is near, each window carries context on
both sides, runs alone and unpadded, and every word's emissions come from the window whose answer it lies in; each line is
decoded by itself. Spans are compared exactly, after trimming marks as `score.py` of the corpora does, contents of statements
at an overlap of 0.3 and 0.8, too. A reference is right when the likeliest of all names of people, and of the two outcomes, is.
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

import readers
from crf import allowed, spans, viterbi
from data import CONLL, ROLES, STATED, WORLDWIDE, Article, Document, encode
from export import OUTPUTS, header, load
from model import OFFSETS, TAGS
from references import FORMS, OUTCOMES
from windows import plan
from words import WordPiece

TRIM = set(" \t\n\r\u00a0“”\"'‘’`,.;:!?…—–-()[]")
CORE = ("Person", "Organization", "Location", "NORP")
Run = Callable[[np.ndarray, np.ndarray], list[np.ndarray]]


def torch_runner(path: Path, pieces: WordPiece) -> tuple[Run, dict]:
    """Runs a checkpoint's averaged weights."""
    model, config = load(path)

    def run(ids: np.ndarray, cases: np.ndarray) -> list[np.ndarray]:
        with torch.no_grad():
            hidden = model.encoder(torch.from_numpy(ids).long(), torch.from_numpy(cases).long())
            heads = (model.tags, model.query, model.key, model.reference_query, model.reference_key)
            return [f(hidden)[0].numpy() for f in heads]
    return run, header(model, pieces, config)


def onnx_runner(path: Path, threads: int) -> tuple[Run, dict]:
    """Runs an exported graph; the header lies beside it."""
    import onnxruntime
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    with open(path.with_name("dictum.json"), encoding="utf8") as f:
        head = json.load(f)
    return lambda ids, cases: [x[0] for x in session.run(list(OUTPUTS), {"input_ids": ids, "case_ids": cases})], head


class Model:
    """A runner with its header: emissions per word, spans per head, links, references."""

    def __init__(self, run: Run, head: dict, longest: int, context: int):
        self.run, self.head, self.longest, self.context = run, head, longest, context
        self.moves = {h["name"]: np.array([[0.0 if v is None else v for v in r] for r in h["transitions"]], dtype=np.float32)
                      for h in head["heads"]}
        self.pieces = 0

    def outputs(self, document: Document) -> list[np.ndarray]:
        """The network's outputs for every word, in the order of the graph."""
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

    def spans(self, tags: np.ndarray, head: str) -> list[tuple[int, int, int]]:
        """Decoded spans as (first word, last word + 1, type)."""
        names = TAGS[head]
        part = tags[:, OFFSETS[head]:OFFSETS[head] + len(names)]
        return spans(viterbi(part, self.moves[head], allowed(len(names) // 2)))

    def near(self, table: str, row: int, distance: np.ndarray) -> np.ndarray:
        edges = np.array(self.head[table]["distance_edges"])
        bucket = len(edges) + np.sign(distance) * np.searchsorted(edges, np.abs(distance), side="right")
        return np.array(self.head[table]["distance"][row])[bucket]

    def link(self, role: int, word: int, cues: list[int], q: np.ndarray, k: np.ndarray) -> int:
        """The chosen cue's word, or -1."""
        link = self.head["link"]
        d = link["dims"]
        score = k[cues] @ q[word, role * d:(role + 1) * d] * link["scale"] + self.near("link", role, np.array(cues) - word)
        return cues[int(score.argmax())] if score.max() > link["null"][role] else -1

    def meant(self, document: Document, outputs: list[np.ndarray]) -> list[tuple[int, bool, bool]]:
        """For each reference its form, whether it is right, and whether it means nobody by name."""
        table = self.head["reference"]
        q, k = outputs[3], outputs[4]
        people = np.unique(np.concatenate([r.named for r in document.references] or [np.zeros(0, dtype=np.int64)]))
        out = []
        for r in document.references:
            targets = np.setdiff1d(people, r.open) if r.only is None else np.union1d(r.only, r.named)
            query = (q[r.first] + q[r.last]) / 2
            words = k[targets] @ query * table["scale"] + self.near("reference", r.form, targets - r.first)
            outcomes = np.array(table["outcome_keys"]) @ query * table["scale"] + np.array(table["outcome"][r.form])
            named = np.isin(targets, r.named)
            right = np.logaddexp.reduce(words[named]) if named.any() else -np.inf
            wrong = np.logaddexp.reduce(words[~named]) if (~named).any() else -np.inf
            nobody = np.logaddexp.reduce(outcomes) if r.only is None else -np.inf
            out.append((r.form, bool(nobody > max(right, wrong) if r.outcome >= 0 else right > max(wrong, nobody)), r.outcome >= 0))
        return out


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
        return f1(*(sum(c[k] for k in keys) for c in (self.hit, self.gold, self.out)))


def f1(hit: int, gold: int, out: int) -> dict:
    p, r = hit / max(1, out), hit / max(1, gold)
    return {"p": round(p, 4), "r": round(r, 4), "f1": round(2 * p * r / max(1e-9, p + r), 4), "gold": gold}


def trimmed(text: str, begin: int, end: int) -> tuple[int, int]:
    """A span without marks and white space at its ends."""
    while begin < end and text[begin] in TRIM:
        begin += 1
    while end > begin and text[end - 1] in TRIM:
        end -= 1
    return begin, end


def overlap(a: tuple[int, int], b: tuple[int, int]) -> int:
    return max(0, min(a[1], b[1]) - max(a[0], b[0]))


def skipped(pieces: list, skip: list) -> bool:
    """Whether more than half of a content lies in ranges that the gold leaves out."""
    n = sum(b - a for a, b in pieces)
    return n > 0 and sum(overlap(s, k) for s in pieces for k in skip) * 2 > n


def paired(gold: set, out: set, least: float) -> int:
    """Pairs of spans that share so much of what both cover, best first, each at most once."""
    shares = [(overlap(a, b) / (max(a[1], b[1]) - min(a[0], b[0])), a, b) for a in gold for b in out if overlap(a, b)]
    used: set = set()
    n = 0
    for share, a, b in sorted(shares, reverse=True):
        if share >= least and ("g", a) not in used and ("o", b) not in used:
            used |= {("g", a), ("o", b)}
            n += 1
    return n


def roles(model: Model, documents: list[Document], layers: tuple[str, ...]) -> dict:
    """Exact F1 of role layers, contents by overlap, and link accuracy on gold pieces and gold cues."""
    tally, right, links, shared = Tally(), collections.Counter(), collections.Counter(), collections.Counter()
    for d in documents:
        outputs = model.outputs(d)
        tags, q, k = outputs[:3]
        skip = d.article.skip
        for layer in layers:
            of = lambda row: {trimmed(d.text, d.words.begins[a], d.words.ends[b - 1]) for a, b, _ in row}
            gold = {s for s in of(spans(d.tags[layer])) if not skipped([s], skip) and s[0] < s[1]}
            out = {s for s in of(model.spans(tags, layer)) if not skipped([s], skip) and s[0] < s[1]}
            tally.add({(*s, layer) for s in gold}, {(*s, layer) for s in out})
            for least in (0.3, 0.8):
                shared[layer, least] += paired(gold, out, least)
        cues = sorted({x.word for x in d.links if x.role == 1})
        wanted: dict[tuple[int, int], set[int]] = {}
        for x in d.links:
            if not d.quiet[x.word]:
                wanted.setdefault((x.role, x.word), set()).add(x.cue)
        for (role, word), gold_cues in wanted.items():
            if cues:
                links[ROLES[role]] += 1
                right[ROLES[role]] += model.link(role, word, cues, q, k) in gold_cues
    by_overlap = lambda layer, least: f1(shared[layer, least], tally.gold[layer], tally.out[layer])
    return {**{r: tally.f1([r]) for r in layers},
            **{f"{r}@{x}": by_overlap(r, x) for r in layers if "content" in r for x in (0.3, 0.8)},
            "link_accuracy": {r: round(right[r] / max(1, links[r]), 4) for r in ("source", "content")}}


def names(model: Model, documents: list[Document], head: str, types: tuple[str, ...]) -> Tally:
    """Exact span and type, trimmed, without a leading "the"."""
    tally = Tally()
    for d in documents:
        def clean(begin: int, end: int, kind: str) -> tuple[int, int, str]:
            begin, end = trimmed(d.text, begin, end)
            return (begin + 4 if d.text[begin:begin + 4].lower() == "the " else begin, end, kind)
        tags = model.outputs(d)[0]
        gold = {clean(*s) for s in d.article.names[head]}
        out = {clean(d.words.begins[a], d.words.ends[b - 1], types[t]) for a, b, t in model.spans(tags, head)}
        tally.add(gold, out)
    return tally


def references(model: Model, documents: list[Document]) -> dict:
    """Share of right answers by form: those with a name, and those without."""
    right, n = collections.Counter(), collections.Counter()
    for d in documents:
        if d.references:
            for form, good, nobody in model.meant(d, model.outputs(d)):
                key = (FORMS[form], "nobody" if nobody else "named")
                n[key] += 1
                right[key] += good
    return {f"{a} {b}": [round(right[a, b] / n[a, b], 4), n[a, b]] for a, b in sorted(n)}


def main() -> None:
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("model", type=Path, help="a checkpoint (.pt) or an exported graph (.onnx)")
    ap.add_argument("--corpora", type=Path, default=Path("../../shared/corpora"))
    ap.add_argument("--vocabulary", type=Path, default=Path("../models/vocab.txt"))
    ap.add_argument("--validation", action="store_true", help="only the news that training left out")
    ap.add_argument("--window", type=int, help="pieces, those of the header unless given")
    ap.add_argument("--context", type=int)
    ap.add_argument("--threads", type=int, default=1)
    ap.add_argument("--json", type=Path, help="writes the figures here too")
    a = ap.parse_args()
    torch.set_num_threads(a.threads)
    pieces = WordPiece(a.vocabulary)
    run, head = torch_runner(a.model, pieces) if a.model.suffix == ".pt" else onnx_runner(a.model, a.threads)
    a.window = head["window"]["pieces"] if a.window is None else a.window
    a.context = head["window"]["context"] if a.context is None else a.context
    model = Model(run, head, a.window, a.context)
    encoded = lambda articles: [encode(x, pieces) for x in articles]
    start = time.time()
    figures: dict = {"model": a.model.name, "window": a.window, "context": a.context}
    if a.validation:
        news = encoded(readers.stated(a.corpora, tuple(head["training"]["held_out"]), True))
    else:
        news = encoded(readers.news(a.corpora / "quotes/news-dev.jsonl", a.corpora / "coref/news-dev-reference.jsonl"))
        figures["roles"] = roles(model, encoded(readers.polnear(a.corpora / "quotes/polnear-dev.jsonl")), ROLES)
        world = names(model, encoded(readers.worldwide(a.corpora / "ner/worldwide-dev.jsonl")), "worldwide", WORLDWIDE)
        figures["worldwide"] = {"core": world.f1(CORE), "all": world.f1(), "by_type": {t: world.f1([t])["f1"] for t in WORLDWIDE}}
        given = names(model, encoded(readers.conll(a.corpora / "ner/conll2003-dev.conll")), "conll", CONLL)
        figures["conll2003"] = {"all": given.f1(), "by_type": {t: given.f1([t])["f1"] for t in CONLL}}
        figures["gum"] = references(model, encoded(readers.gum(a.corpora / "gum/gum-dev.conllu")))
    figures["statements"] = roles(model, news, STATED)
    figures["references"] = references(model, news)
    figures["pieces"] = model.pieces
    figures["seconds"] = round(time.time() - start, 1)
    print(json.dumps(figures))
    if a.json:
        a.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf8")


if __name__ == "__main__":
    main()
