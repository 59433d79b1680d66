"""Fits the weights of the speakers' ranker on annotated articles, starting from those in use.

    cargo run --release --example sources < articles.jsonl > seen.jsonl
    python rank.py seen.jsonl GOLD.jsonl [GOLD.jsonl ...] --text ARTICLES.jsonl

GOLD has the format of docs/evaluation.md with speakers; `--text` adds the texts where a gold file has none. Each ranked
source whose quote overlaps a gold quote by half or more is one example: the gold speaker among the candidates, nobody, or
somebody who is no candidate. The loss is the log-likelihood plus `--pull` times the squared distance from the weights in
use, since articles are few. Prints, by column, accuracy and log-likelihood of the weights in use and of fitted ones under
cross-validation by article, then the fitted table.
"""
from __future__ import annotations

import argparse
import json
import re
import unicodedata
from pathlib import Path

import numpy as np

COLUMNS = ("he, she", "it, they", "description")
TITLES = frozenset("the mr mrs ms miss dr sir dame lord lady president minister sen senator rep gov governor".split())
SOURCE = Path(__file__).parent.parent / "src/analysis/speakers/rank.rs"


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


def weights_in_use() -> tuple[list[str], np.ndarray, np.ndarray]:
    """Names, weights [features, columns] and the scores of "somebody else" [columns], read from the source."""
    text = SOURCE.read_text(encoding="utf8")
    table = re.findall(r"/\* ([\w-]+) +\*/ \[ *([-\d.]+), *([-\d.]+), *([-\d.]+)\]", text)
    elsewhere = re.search(r"ELSEWHERE: \[f32; 3\] = \[([^\]]+)\]", text)
    return ([row[0] for row in table], np.array([[float(x) for x in row[1:]] for row in table]),
            np.array([float(x) for x in elsewhere.group(1).split(",")]))


def examples(seen: list[dict], gold: list[dict], texts: dict[str, str]) -> list[tuple[str, int, np.ndarray, int]]:
    """(article, column, features of the candidates, index of the right one; their number for somebody else)."""
    annotated = {str(row["id"]): row for row in gold}
    out = []
    for row in seen:
        if str(row["id"]) not in annotated:
            continue
        text = annotated[str(row["id"])].get("text") or texts[str(row["id"])]
        at = {}
        length = 0
        for i, c in enumerate(text):
            at[length] = i
            length += len(c.encode())
        at[length] = len(text)
        wanted = [({i for a, b in x["content"] for i in range(a, b)}, x) for x in annotated[str(row["id"])]["attributions"]
                  if "speaker" in x and x["content"]]
        for o in row["observed"]:
            ours = {i for a, b in row["quotes"][o["quote"]] for i in range(at[a], at[b])}
            best = max(wanted, key=lambda w: len(w[0] & ours) / len(w[0] | ours), default=None)
            if best is None or len(best[0] & ours) * 2 < len(best[0] | ours):
                continue
            name = folded(best[1]["speaker"].get("name"))
            names = [folded(n) for n, _ in o["candidates"]]
            right = names.index(name) if name in names else len(names)
            out.append((str(row["id"]), o["column"], np.array([f for _, f in o["candidates"]]), right))
    return out


def probabilities(features: np.ndarray, w: np.ndarray, elsewhere: float) -> np.ndarray:
    score = np.append(features @ w, elsewhere)
    p = np.exp(score - score.max())
    return p / p.sum()


def fit(data: list, start: np.ndarray, elsewhere: float, pull: float, rounds: int = 600, rate: float = 0.05) -> tuple[np.ndarray, float]:
    """Gradient ascent with momentum; weights that no example touches stay."""
    w, e = start.copy(), elsewhere
    vw, ve = np.zeros_like(w), 0.0
    for _ in range(rounds):
        gw, ge = -2 * pull * (w - start), -2 * pull * (e - elsewhere)
        for _, _, x, right in data:
            p = probabilities(x, w, e)
            gw = gw - p[:-1] @ x + (x[right] if right < len(x) else 0)
            ge += float(right == len(x)) - p[-1]
        vw, ve = 0.9 * vw + gw / len(data), 0.9 * ve + ge / len(data)
        w, e = w + rate * vw, e + rate * ve
    return w, e


def score(data: list, w: np.ndarray, e: float) -> tuple[int, float]:
    """Right answers, and the sum of log-likelihoods."""
    p = [(probabilities(x, w, e), right) for _, _, x, right in data]
    return sum(int(q[:-1].argmax()) == right for q, right in p), float(sum(np.log(q[right]) for q, right in p))


def main() -> None:
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("seen", type=Path)
    ap.add_argument("gold", type=Path, nargs="+")
    ap.add_argument("--text", type=Path)
    ap.add_argument("--pull", type=float, default=2.0)
    a = ap.parse_args()
    texts = {str(r["id"]): r["text"] for r in rows(a.text)} if a.text else {}
    everything = examples(rows(a.seen), [r for g in a.gold for r in rows(g)], texts)
    names, weights, elsewhere = weights_in_use()
    fitted = weights.copy()
    others = elsewhere.copy()
    for column, title in enumerate(COLUMNS):
        data = [d for d in everything if d[1] == column]
        if not data:
            continue
        articles = sorted({d[0] for d in data})
        folds = [set(articles[i::8]) for i in range(8)]
        held = [score([d for d in data if d[0] in f], *fit([d for d in data if d[0] not in f], weights[:, column], elsewhere[column], a.pull))
                for f in folds if any(d[0] in f for d in data) and any(d[0] not in f for d in data)]
        used = score(data, weights[:, column], elsewhere[column])
        print(f"{title}: {len(data)} sources; in use {used[0] / len(data):.3f}, {used[1] / len(data):.3f}; "
              f"fitted, held out {sum(h[0] for h in held) / len(data):.3f}, {sum(h[1] for h in held) / len(data):.3f}")
        fitted[:, column], others[column] = fit(data, weights[:, column], elsewhere[column], a.pull)
    for name, row in zip(names, fitted):
        print(f"    /* {name:18} */ [{', '.join(f'{x:4.1f}' for x in row)}],")
    print("ELSEWHERE:", ", ".join(f"{x:.1f}" for x in others))


if __name__ == "__main__":
    main()
