"""Trains the joint model on every corpus, one corpus in a step.

    python train.py configs/joint.json --start ../../shared/models/twelve-layers.safetensors --out ../train-out/joint

The schedule counts steps, never time. A checkpoint holds weights, their moving average, the optimiser, every random state and
the place in the pass, so that a run that was stopped (SIGTERM writes a checkpoint first) and started again with the same line
gives what one without a stop would have given. `--start` is the folder of `pretrained.py`, or a safetensors file or checkpoint of
a model with the same sizes, whose heads are taken as far as they go. `--smoke N` overfits a handful of windows for N steps.
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

import readers
import silver
from config import Config
from data import Article, encode
from losses import collate, loss_of
from model import NOISE, OFFSETS, TAGS, Dictum
from variations import vary
from windows import Window, batches
from words import WordPiece


def groups(model: Dictum, config: Config) -> list[dict]:
    """Parameter groups with their peak learning rates."""
    decayed, plain, heads, chains = [], [], [], []
    for name, p in model.named_parameters():
        if name.startswith("transitions") or name in ("null", "distance", "reference_distance", "outcome"):
            chains.append(p)
        elif not name.startswith("encoder."):
            heads.append(p)
        elif p.dim() > 1 and "layers." in name:
            decayed.append(p)
        else:
            plain.append(p)
    rate, head = config.schedule.encoder_rate, config.schedule.head_rate
    return [{"params": decayed, "peak": rate, "weight_decay": 0.01}, {"params": plain, "peak": rate, "weight_decay": 0.0},
            {"params": heads, "peak": head, "weight_decay": 0.01}, {"params": chains, "peak": 5 * head, "weight_decay": 0.0}]


def begin(model: Dictum, start: Path) -> None:
    """Weights to start from: a published encoder, or another model as far as its names and shapes go."""
    if start.is_dir():
        model.encoder.load_pretrained(start / "encoder.safetensors")
        return
    if start.suffix == ".pt":
        state = torch.load(start, weights_only=False)["average"]
    else:
        from safetensors.torch import load_file
        state = {k: v.float() for k, v in load_file(start).items()}
        for ours, theirs in (("stated_source", "nsource"), ("stated_cue", "ncue"), ("stated_content", "ncontent")):
            if f"transitions.{theirs}" in state:
                state[f"transitions.{ours}"] = state.pop(f"transitions.{theirs}")
    mine = model.state_dict()
    for name, value in state.items():
        if name in mine and mine[name].shape == value.shape:
            mine[name].copy_(value)
        elif name.startswith("tags.") and len(value) < len(mine[name]):
            mine[name][:len(value)].copy_(value)


def chosen(articles: list[Article], share: float, rng: random.Random) -> list[Article]:
    """A pass's part of a corpus: `share` times each article, the fraction by chance."""
    return [a for a in articles for _ in range(int(share) + (rng.random() < share % 1))]


def plan(corpora: dict[str, list[Article]], config: Config, number: int, pieces: WordPiece) -> list[list[Window]]:
    """The batches of one pass: the same for the same configuration and number."""
    rng = random.Random(config.schedule.seed * 1000 + number)
    out = []
    for name, articles in corpora.items():
        taken = chosen(articles, config.shares.get(name, 1.0), rng)
        documents = [encode(a, pieces, vary(a.text, rng) if a.task != "conll" else None) for a in taken]
        out.extend(batches(documents, rng, config.schedule.budget, *config.windows))
    rng.shuffle(out)
    return out


def save(path: Path, **state) -> None:
    """Writes a checkpoint so that a crash leaves the old one or the new one."""
    torch.save(state, path.with_suffix(".tmp"))
    os.replace(path.with_suffix(".tmp"), path)


def smoke(model: Dictum, corpora: dict[str, list[Article]], config: Config, pieces: WordPiece, steps: int) -> None:
    """Overfits one batch of each corpus; every part must fall towards 0."""
    rng = random.Random(0)
    model.eval()
    fixed = [batches([encode(a, pieces) for a in c[:3]], rng, config.schedule.budget, *config.windows)[0] for c in corpora.values()]
    optimiser = torch.optim.AdamW([{**g, "lr": g["peak"]} for g in groups(model, config)])
    for step in range(steps):
        group = fixed[step % len(fixed)]
        loss, parts = loss_of(model, collate(group, pieces), group, config.weights)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        print(json.dumps({"step": step, "corpus": group[0].document.article.task, **{k: round(v, 4) for k, v in parts.items()}}), flush=True)


def main() -> None:
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("config", type=Path)
    ap.add_argument("--start", type=Path, required=True)
    ap.add_argument("--out", type=Path, required=True)
    ap.add_argument("--corpora", type=Path, default=Path("../../shared/corpora"))
    ap.add_argument("--vocabulary", type=Path, default=Path("../models/vocab.txt"))
    ap.add_argument("--threads", type=int, default=2)
    ap.add_argument("--save-every", type=int, default=100, help="steps between checkpoints")
    ap.add_argument("--smoke", type=int, default=0)
    a = ap.parse_args()
    torch.set_num_threads(a.threads)
    config = Config.read(a.config)
    schedule = config.schedule
    torch.manual_seed(schedule.seed)
    NOISE.bit_generator.state = np.random.SFC64(schedule.seed).state
    a.out.mkdir(parents=True, exist_ok=True)
    pieces = WordPiece(a.vocabulary)
    model = Dictum(config.sizes, dropout=config.dropout)
    begin(model, a.start)
    corpora = readers.training(a.corpora, config.shares, config.held_out)
    if config.silver:
        for name in ("worldwide", "polnear", "conll"):
            silver.add_marks(corpora.get(name, []))
    if a.smoke:
        smoke(model, corpora, config, pieces, a.smoke)
        return
    optimiser = torch.optim.AdamW(groups(model, config), lr=0.0, betas=(0.9, 0.98), fused=True)
    average = {k: v.detach().clone() for k, v in model.state_dict().items()}
    step = number = at = 0
    last = a.out / "last.pt"
    if last.exists():
        state = torch.load(last, weights_only=False)
        model.load_state_dict(state["model"])
        optimiser.load_state_dict(state["optimiser"])
        average, step, number, at = state["average"], state["step"], state["pass"], state["at"]
        NOISE.bit_generator.state = state["noise"]
        torch.set_rng_state(state["torch"])
        print(f"resumed at step {step}", flush=True)
    stopping: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, frame: stopping.append(number))
    shown: dict[str, list[float]] = {}
    read, since = 0, time.time()
    model.train()
    while step < schedule.steps:
        batch_plan = plan(corpora, config, number, pieces)
        print(f"pass {number}: {len(batch_plan)} steps, {sum(w.pieces for g in batch_plan for w in g)} pieces", flush=True)
        for group in batch_plan[at:]:
            rate = min(1.0, (step + 1) / schedule.warmup) * (1 - step / schedule.steps)
            for g in optimiser.param_groups:
                g["lr"] = g["peak"] * rate
            loss, parts = loss_of(model, collate(group, pieces, config.hide), group, config.weights)
            optimiser.zero_grad(set_to_none=True)
            # A batch of nothing but cuts without an example costs nothing and teaches nothing.
            if loss.requires_grad:
                loss.backward()
                torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
                optimiser.step()
            step, at = step + 1, at + 1
            read += sum(w.pieces for w in group)
            for k, v in parts.items():
                shown.setdefault(k, []).append(v)
            if step % 4 == 0:
                keep = min(schedule.average, step / (step + 40))
                with torch.no_grad():
                    for k, v in model.state_dict().items():
                        average[k].lerp_(v, 1 - keep)
            if step % 50 == 0:
                print(json.dumps({"step": step, "rate": round(rate, 4), "pieces_a_second": round(read / (time.time() - since)),
                                  **{k: round(float(np.mean(v)), 4) for k, v in sorted(shown.items())}}), flush=True)
                shown, read, since = {}, 0, time.time()
            if step % a.save_every == 0 or stopping or step == schedule.steps:
                save(last, model=model.state_dict(), optimiser=optimiser.state_dict(), average=average, step=step, at=at,
                     noise=NOISE.bit_generator.state, torch=torch.get_rng_state(), config=config.row(), **{"pass": number})
            if stopping:
                return
            if step == schedule.steps:
                break
        number, at = number + 1, 0
    save(a.out / "final.pt", average=average, step=step, config=config.row())
    print(f"finished: {step} steps", flush=True)


if __name__ == "__main__":
    main()
