"""Fits the weights of the speakers' scorer on annotated articles.

    cargo run --release --example speakers < articles.jsonl > seen.jsonl
    python speakers.py seen.jsonl --gold news-train.jsonl --references news-train-reference.jsonl --out ../models/dictum-en/speakers.json

Each phrase that the scorer saw and whose meaning the gold knows is one example: a marked pronoun or description by its place, a
source or a quotation without one by its overlap with the gold's. Right is the candidate with the gold's name, nobody where the
gold has no name, somebody else where no candidate has the name. The loss is the negative log-likelihood of that, plus a
penalty on the weights. Sources count twice, since whom a quote is shown with depends on them. Every phrase counts a fifth once
more as it looks without the encoder, so that the scorer has something to go by for a detector that keeps no vectors.

Prints accuracy, log-likelihood and calibration under cross-validation by article. The temperature that is written brings
the probabilities of held-out answers to what they promise.
"""
from __future__ import annotations

import argparse
import hashlib
import json
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

KINDS = ("he, she", "it, they", "description", "no source", "description of a thing")
ENCODER = ("encoder", "encoder-first", "encoder-unnamed", "encoder-generic")
SILENT = "encoder-silent"
SPEAKS = "nobody-speaks"
WITHOUT = 0.2
SOURCES = 2.0
TITLES = frozenset("the mr mrs ms miss dr sir dame lord lady president minister sen senator rep gov governor".split())


@dataclass
class Example:
    """One phrase: features of the candidates [n, f]; the indices of the right ones, n for somebody else."""
    article: str
    kind: int
    features: np.ndarray
    right: int
    marked: bool


def rows(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf8").splitlines() if line.strip()]


def folded(name: str | None) -> str | None:
    """A name without case, accents, marks, titles and possessive 's."""
    if not name:
        return None
    plain = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c)).lower()
    words = re.sub(r"[^\w ]", "", re.sub(r"[’']s?$", "", plain)).split()
    while len(words) > 1 and words[0] in TITLES:
        words.pop(0)
    return " ".join(words) or None


def wanted(text: str, begin: int, end: int, kind: int, attributions: list[dict], marks: dict[int, dict]) -> tuple[str | None, bool] | None:
    """The name that the gold gives a phrase (none for nobody), and whether it was marked by itself; none where it gives nothing."""
    if kind != 3 and begin in marks:
        mark = marks[begin]
        if mark["kind"] != "undecided":
            return folded(mark.get("name")), True
    best = None
    for a in attributions:
        spans = a["source"] if kind != 3 else a["content"] if not a["source"] and not a["cue"] else []
        for b, e in spans:
            shared = max(0, min(e, end) - max(b, begin)) / (max(e, end) - min(b, begin))
            if shared >= (0.6 if kind != 3 else 0.3) and (best is None or shared > best[0]):
                best = (shared, a)
    return None if best is None else (folded(best[1]["speaker"]["name"]), False)


def examples(seen: list[dict], gold: dict[str, dict], marks: dict[str, list[dict]]) -> list[Example]:
    out = []
    for row in seen:
        article = gold.get(str(row["id"]))
        if article is None:
            continue
        text = article["text"]
        at, n = {}, 0
        for i, c in enumerate(text):
            at[n] = i
            n += len(c.encode())
        at[n] = len(text)
        by_begin = {m["begin"]: m for m in marks.get(str(row["id"]), [])}
        for o in row["observed"]:
            got = wanted(text, at[o["begin"]], at[o["end"]], o["kind"], article["attributions"], by_begin)
            if got is None:
                continue
            name, marked = got
            names = [folded(c[0]) for c in o["candidates"]]
            right = names.index(name) if name in names else len(names)
            out.append(Example(str(row["id"]), o["kind"], np.array([c[1] for c in o["candidates"]], dtype=np.float32), right, marked))
    return out


class Net(torch.nn.Module):
    """linear · f, and the score of somebody else."""

    def __init__(self, features: int):
        super().__init__()
        self.linear = torch.nn.Parameter(torch.zeros(features))
        self.elsewhere = torch.nn.Parameter(torch.zeros(()))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x @ self.linear


def without_encoder(features: torch.Tensor, live: torch.Tensor, names: list[str]) -> torch.Tensor:
    """The same features from a detector that has no vectors."""
    out = features.clone()
    for name in ENCODER:
        out[:, :, names.index(name)] = 0
    out[:, :, names.index(SILENT)] = live.float()
    return out


def padded(data: list[Example]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Features [e, n, f], which candidates there are [e, n], and the right column, 0 for somebody else."""
    n = max(len(x.features) for x in data)
    features = np.zeros((len(data), n, data[0].features.shape[1]), dtype=np.float32)
    live = np.zeros((len(data), n), dtype=bool)
    right = np.zeros(len(data), dtype=np.int64)
    for i, x in enumerate(data):
        features[i, :len(x.features)] = x.features
        live[i, :len(x.features)] = True
        right[i] = 0 if x.right == len(x.features) else x.right + 1
    return torch.from_numpy(features), torch.from_numpy(live), torch.from_numpy(right)


def logits(net: Net, features: torch.Tensor, live: torch.Tensor) -> torch.Tensor:
    scores = net(features).masked_fill(~live, -1e9)
    return torch.cat([net.elsewhere.expand(len(scores), 1), scores], 1)


def fit(data: list[Example], decay: float, names: list[str], steps: int = 400) -> Net:
    features, live, right = padded(data)
    silent = without_encoder(features, live, names)
    speaks = names.index(SPEAKS)
    weights = torch.tensor([SOURCES if x.features[:, speaks].any() else 1.0 for x in data])
    weights = weights / weights.mean()
    net = Net(features.shape[2])
    optimiser = torch.optim.Adam(net.parameters(), lr=0.03)
    for step in range(steps):
        for g in optimiser.param_groups:
            g["lr"] = 0.03 * (1 - step / steps)
        penalty = decay * net.linear.square().sum() / len(data)
        losses = torch.nn.functional.cross_entropy(logits(net, features, live), right, reduction="none")
        loss = (weights * losses).mean() + penalty
        loss = loss + WITHOUT * torch.nn.functional.cross_entropy(logits(net, silent, live), right)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return net


def fold_of(article: str, folds: int) -> int:
    return int.from_bytes(hashlib.sha256(article.encode()).digest()[8:16], "big") % folds


def held_out(data: list[Example], decay: float, folds: int, names: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Logits of every example [e, 1 + n] from a fit that did not see its article, and the right columns."""
    features, live, right = padded(data)
    out = torch.zeros(len(data), features.shape[1] + 1)
    for fold in range(folds):
        inside = np.array([fold_of(x.article, folds) == fold for x in data])
        if not inside.any() or inside.all():
            continue
        net = fit([x for x, i in zip(data, inside) if not i], decay, names)
        with torch.no_grad():
            out[inside] = logits(net, features[inside], live[inside])
    return out.numpy(), right.numpy()


def log_softmax(x: np.ndarray) -> np.ndarray:
    x = x - x.max(1, keepdims=True)
    return x - np.log(np.exp(x).sum(1, keepdims=True))


def temperature(scores: np.ndarray, right: np.ndarray) -> float:
    """What scores are divided by so that held-out answers are as sure as they are right."""
    tried = np.exp(np.linspace(-1, 1.2, 60))
    loss = [-log_softmax(scores / t)[np.arange(len(right)), right].mean() for t in tried]
    return float(tried[int(np.argmin(loss))])


def calibration(p: np.ndarray, right: np.ndarray, bins: int = 10) -> float:
    error = 0.0
    at = np.minimum((p * bins).astype(int), bins - 1)
    for b in range(bins):
        inside = at == b
        if inside.any():
            error += abs(p[inside].sum() - right[inside].sum())
    return error / len(p)


def main() -> None:
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("seen", type=Path, nargs="+")
    ap.add_argument("--gold", type=Path, nargs="+", required=True)
    ap.add_argument("--references", type=Path, nargs="+", required=True)
    ap.add_argument("--features", type=Path, default=Path("../models/dictum-en/speakers.json"), help="weights in use: the order of the features")
    ap.add_argument("--decay", type=float, default=0.5)
    ap.add_argument("--folds", type=int, default=8)
    ap.add_argument("--out", type=Path)
    a = ap.parse_args()
    torch.set_num_threads(1)
    gold = {str(r["id"]): r for p in a.gold for r in rows(p)}
    marks = {str(r["id"]): r["references"] for p in a.references for r in rows(p)}
    everything = examples([r for p in a.seen for r in rows(p)], gold, marks)
    names = json.loads(a.features.read_text(encoding="utf8"))["features"]
    kinds = []
    for kind, title in enumerate(KINDS):
        data = [x for x in everything if x.kind == kind]
        scores, right = held_out(data, a.decay, a.folds, names)
        t = temperature(scores, right)
        p = np.exp(log_softmax(scores / t))
        chosen = scores[:, 1:].argmax(1) + 1
        good = chosen == right
        elsewhere = (right == 0).mean()
        print(f"{title}: {len(data)} phrases, right under cross-validation {good.mean():.4f}, name not among the candidates {elsewhere:.4f}, "
              f"log-likelihood {log_softmax(scores / t)[np.arange(len(right)), right].mean():.4f}, temperature {t:.2f}, "
              f"calibration error {calibration(p[np.arange(len(p)), chosen], good):.4f}")
        net = fit(data, a.decay, names)
        listed = lambda x: np.round(x.detach().numpy().astype(float), 4).tolist()
        kinds.append({"linear": listed(net.linear), "elsewhere": round(net.elsewhere.item(), 4), "temperature": round(t, 4)})
        order = np.argsort(-np.abs(net.linear.detach().numpy()))
        print("   ", ", ".join(f"{names[i]} {net.linear[i].item():.2f}" for i in order[:14]))
    if a.out:
        a.out.write_text(json.dumps({"features": names, "kinds": kinds}, indent=1) + "\n", encoding="utf8")


if __name__ == "__main__":
    main()
