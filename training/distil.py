"""Distils a small network from a large one over text that nobody annotated.

    python distil.py read ../models/dictum-int8.onnx --out ../train-out/read --pieces 4000000
    python distil.py read ../models/dictum-int8.onnx --out ../train-out/read --corpora ../../shared/corpora
    python distil.py learn configs/student.json ../train-out/more/heads.pt --read ../train-out/read --out ../train-out/student

`read` writes what the teacher thinks of the bulk corpus, or of the annotated ones without their annotation: its last states, from which all its heads follow, as shards of one
byte a number; a shard that is there is not made again. The teacher reads as exported, since int8 in onnxruntime takes two thirds
of the time of fp32 in torch. `learn` starts a student from parts of the teacher (some layers, and of
those the dimensions, attention heads and inner units that weigh most), and has it give the same states through one linear map,
and the same tags through the teacher's heads. At the end that map is folded into the heads, so the result is a checkpoint like
any other, for `train.py --start` to teach the gold at a low rate.
"""
from __future__ import annotations

import argparse
import json
import lzma
import os
import random
import time
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Callable, Iterator

import numpy as np
import onnx
import onnxruntime
import torch
import torch.nn.functional as F
from torch import nn

from config import Config, Sizes
from export import load
from model import NOISE, OFFSETS, TAGS, Dictum, Encoder
from readers import training, voa
from train import groups, save
from windows import plan
from words import WordPiece

ARTICLES = 250
"""Articles a shard of the bulk corpus covers."""

ANNOTATED = 480
"""Articles, many of them short, that a shard of the annotated corpora covers."""


def texts(bulk: Path) -> Iterator[str]:
    """The texts of the bulk corpus, in its order."""
    with lzma.open(bulk, "rt", encoding="utf8") as f:
        for line in f:
            yield json.loads(line)["text"]


def annotated(root: Path, part: tuple[int, int, int]) -> list[str]:
    """The texts that training sees, and those of Voice of America, mixed. They are of all the world and of many kinds, which the bulk
    corpus is not."""
    articles = training(root, {}, part)
    everything = [a.text for corpus in articles.values() for a in corpus] + voa(root / "ner/gmb-voa-silver.conll")
    random.Random(5).shuffle(everything)
    return everything


def reader(graph: Path, threads: int) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    """Runs an exported graph up to the states that its heads read: ids, cases [n] -> states [n,width]."""
    model = onnx.load(graph)
    states = next(n.output[0] for n in reversed(model.graph.node) if n.op_type == "LayerNormalization")
    del model.graph.output[:]
    model.graph.output.append(onnx.helper.make_tensor_value_info(states, onnx.TensorProto.FLOAT, None))
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return lambda ids, cases: session.run(None, {"input_ids": ids[None].astype(np.int32), "case_ids": cases[None].astype(np.int32)})[0][0]


def read(teacher: Callable[[np.ndarray, np.ndarray], np.ndarray], batch: list[str], pieces: WordPiece,
         window: tuple[int, int]) -> dict[str, np.ndarray]:
    """One shard: ids and cases of its windows one behind the other, their lengths, states as int8 with a scale a piece."""
    ids, cases, lengths, states, scales = [], [], [], [], []
    for text in batch:
        words = pieces.encode(text)
        first = words.first + [len(words.pieces)]
        for begin, _, _, end in plan(text, words, *window):
            a, b = first[begin], first[end]
            row = np.array([pieces.start, *words.pieces[a:b], pieces.stop])
            case = np.array([0, *words.cases[a:b], 0])
            hidden = teacher(row, case)
            scale = np.abs(hidden).max(1, keepdims=True) / 127
            ids.append(row.astype(np.uint16))
            cases.append(case.astype(np.uint8))
            lengths.append(len(row))
            states.append(np.rint(hidden / scale).astype(np.int8))
            scales.append(scale[:, 0].astype(np.float16))
    return {"ids": np.concatenate(ids), "cases": np.concatenate(cases), "lengths": np.array(lengths),
            "states": np.concatenate(states), "scales": np.concatenate(scales)}


def read_all(a: argparse.Namespace) -> None:
    """Writes shards until they hold `--pieces` word pieces; what is there counts."""
    teacher = reader(a.teacher, a.threads)
    pieces = WordPiece(a.vocabulary)
    a.out.mkdir(parents=True, exist_ok=True)
    if a.corpora:
        source, kind, size = iter(annotated(a.corpora, tuple(a.held_out))), "corpora-", ANNOTATED
    else:
        source, kind, size = texts(a.bulk), "", ARTICLES
    done = number = 0
    while done < a.pieces:
        batch = list(islice(source, size))
        if not batch:
            break
        path = a.out / f"{kind}{number:05}.npz"
        if not path.exists():
            began = time.time()
            shard = read(teacher, batch, pieces, tuple(a.window))
            with open(path.with_suffix(".tmp"), "wb") as f:
                np.savez(f, **shard)
            os.replace(path.with_suffix(".tmp"), path)
            print(json.dumps({"shard": number, "pieces_a_second": round(len(shard["ids"]) / (time.time() - began))}), flush=True)
        with np.load(path) as shard:
            done += int(shard["lengths"].sum())
        number += 1
    print(f"{number} shards, {done} pieces", flush=True)


def strongest(weights: torch.Tensor, count: int) -> torch.Tensor:
    """Indices of the `count` largest, in their order."""
    return weights.topk(count).indices.sort().values


def cut_linear(layer: nn.Linear, rows: torch.Tensor, columns: torch.Tensor) -> dict[str, torch.Tensor]:
    return {"weight": layer.weight[rows][:, columns], "bias": layer.bias[rows]}


def begin(student: Encoder, teacher: Encoder, sizes: Sizes, layers: list[int], kept: torch.Tensor) -> None:
    """Copies parts of the teacher into a smaller encoder: layers `layers`, dimensions `kept` of the stream between them.

    A head weighs as much as what it writes and reads, an inner unit likewise; heads keep their width.
    """
    with torch.no_grad():
        for name in ("word", "position", "case"):
            getattr(student, name).weight.copy_(getattr(teacher, name).weight[:, kept])
        norms = [(student.norm, teacher.norm)]
        width = teacher.word.weight.shape[1]
        for mine, number in zip(student.layers, layers):
            theirs = teacher.layers[number]
            norms += [(mine.norm1, theirs.norm1), (mine.norm2, theirs.norm2)]
            size = width // theirs.heads
            value = theirs.qkv.weight[2 * width:].view(theirs.heads, size, width)
            out = theirs.out.weight.view(width, theirs.heads, size)
            weight = value.flatten(1).norm(dim=1) * out.transpose(0, 1).flatten(1).norm(dim=1)
            chosen = strongest(weight, sizes.width // size)
            units = (chosen[:, None] * size + torch.arange(size)).flatten()
            inner = strongest(theirs.up.weight.norm(dim=1) * theirs.down.weight.norm(dim=0), sizes.inner)
            parts = {"qkv": cut_linear(theirs.qkv, torch.cat([units, units + width, units + 2 * width]), kept),
                     "out": cut_linear(theirs.out, kept, units),
                     "up": cut_linear(theirs.up, inner, kept), "down": cut_linear(theirs.down, kept, inner)}
            for name, part in parts.items():
                getattr(mine, name).load_state_dict(part)
        for mine, theirs in norms:
            mine.load_state_dict({"weight": theirs.weight[kept], "bias": theirs.bias[kept]})


def batches(paths: list[Path], budget: int, number: int, seed: int) -> Iterator[dict[str, torch.Tensor]]:
    """One pass over some shards: windows of like length, padded, at most `budget` pieces a batch."""
    rng = np.random.default_rng([seed, number])
    for at in rng.permutation(len(paths)):
        with np.load(paths[at]) as f:
            shard = {k: f[k] for k in f.files}
        ends = np.cumsum(shard["lengths"])
        order = np.argsort(shard["lengths"] + rng.uniform(0, 12, len(ends)))
        runs, run = [], []
        for w in order:
            if run and (len(run) + 1) * shard["lengths"][[*run, w]].max() > budget:
                runs.append(run)
                run = []
            run.append(w)
        runs.append(run)
        for r in rng.permutation(len(runs)):
            yield padded(shard, ends, runs[r])


def padded(shard: dict[str, np.ndarray], ends: np.ndarray, run: list[int]) -> dict[str, torch.Tensor]:
    """Windows of a shard as tensors; `real` says which places hold a piece."""
    longest = int(shard["lengths"][run].max())
    ids, cases = np.zeros((len(run), longest), dtype=np.int64), np.zeros((len(run), longest), dtype=np.int64)
    states = np.zeros((len(run), longest, shard["states"].shape[1]), dtype=np.float32)
    real = np.zeros((len(run), longest), dtype=bool)
    for r, w in enumerate(run):
        n = int(shard["lengths"][w])
        s = slice(int(ends[w]) - n, int(ends[w]))
        ids[r, :n], cases[r, :n], real[r, :n] = shard["ids"][s], shard["cases"][s], True
        states[r, :n] = shard["states"][s] * shard["scales"][s, None].astype(np.float32)
    return {k: torch.from_numpy(v) for k, v in (("ids", ids), ("cases", cases), ("states", states), ("real", real))}


VECTORS = ("query", "key", "reference_query", "reference_key")
"""The teacher's heads whose outputs are compared with each other: an error there counts beside that of the whole state."""


def losses(student: Encoder, lift: nn.Linear, teacher: Dictum, batch: dict[str, torch.Tensor], spread: torch.Tensor) -> dict[str, torch.Tensor]:
    """How far the student is from the teacher: states in units of their spread, the vectors of links and references as
    squares of the error over squares of the wanted, tags in nats, summed over the layers."""
    real = batch["real"]
    mask = None if bool(real.all()) else real[:, None, None, :]
    mine = lift(student(batch["ids"], batch["cases"], mask)[real])
    theirs = batch["states"][real]
    emissions, wanted = teacher.tags(mine), teacher.tags(theirs)
    tags = sum((F.kl_div(emissions[:, o:o + n].log_softmax(1), wanted[:, o:o + n].log_softmax(1), log_target=True, reduction="batchmean")
                for o, n in ((OFFSETS[name], len(t)) for name, t in TAGS.items())), torch.zeros(()))
    vectors = sum(((F.linear(mine - theirs, getattr(teacher, name).weight)).square().mean()
                   / F.linear(theirs - theirs.mean(0), getattr(teacher, name).weight).square().mean() for name in VECTORS), torch.zeros(()))
    return {"states": ((mine - theirs) / spread).square().mean(), "vectors": vectors, "tags": tags}


def folded(student: Encoder, lift: nn.Linear, teacher: Dictum, sizes: Sizes) -> Dictum:
    """The student with the teacher's heads behind its map, as one network."""
    out = Dictum(sizes)
    out.encoder.load_state_dict(student.state_dict())
    with torch.no_grad():
        mapped = ("tags", *VECTORS)
        for name in mapped:
            mine, theirs = getattr(out, name), getattr(teacher, name)
            mine.weight.copy_(theirs.weight @ lift.weight)
            mine.bias.copy_(theirs.weight @ lift.bias + theirs.bias)
        for name, value in teacher.state_dict().items():
            if name.split(".")[0] not in ("encoder", *mapped):
                out.state_dict()[name].copy_(value)
    return out


def probe(student: Encoder, lift: nn.Linear, folder: Path, budget: int) -> torch.Tensor:
    """Sets the map to the best one for the student as it begins (least squares); gives the spread of the teacher's states."""
    xs, ys, n = [], [], 0
    for batch in batches(sorted(folder.glob("*.npz"))[:1], budget, 0, 0):
        with torch.no_grad():
            real = batch["real"]
            xs.append(student(batch["ids"], batch["cases"], real[:, None, None, :])[real])
            ys.append(batch["states"][real])
        n += len(ys[-1])
        if n > 20_000:
            break
    x, y = torch.cat(xs), torch.cat(ys)
    ones = torch.cat([x, torch.ones(len(x), 1)], 1)
    best = torch.linalg.solve(ones.T @ ones + 1.0 * torch.eye(ones.shape[1]), ones.T @ y)
    with torch.no_grad():
        lift.weight.copy_(best[:-1].T)
        lift.bias.copy_(best[-1])
    return y.std(0)


def learn(a: argparse.Namespace) -> None:
    """Distils; goes on from the checkpoint in `--out` where there is one."""
    config = Config.read(a.config)
    schedule = config.schedule
    torch.manual_seed(schedule.seed)
    NOISE.bit_generator.state = np.random.SFC64(schedule.seed).state
    a.out.mkdir(parents=True, exist_ok=True)
    teacher, taught = load(a.teacher)
    teacher.requires_grad_(False)
    student = Encoder(config.sizes, dropout=config.dropout)
    lift = nn.Linear(config.sizes.width, taught.sizes.width)
    # A dimension weighs as much as what the kept layers write to it and read from it.
    layers = [teacher.encoder.layers[i] for i in a.layers]
    weight = sum(x.qkv.weight.norm(dim=0) + x.up.weight.norm(dim=0) + x.down.weight.norm(dim=1) + x.out.weight.norm(dim=1) for x in layers)
    kept = strongest(weight * teacher.encoder.word.weight.std(0), config.sizes.width)
    begin(student, teacher.encoder, config.sizes, a.layers, kept)
    spread = probe(student, lift, a.read, schedule.budget)
    both = nn.ModuleDict({"encoder": student, "lift": lift})
    optimiser = torch.optim.AdamW(groups(both, config), lr=0.0, betas=(0.9, 0.98), fused=True)
    average = {k: v.detach().clone() for k, v in both.state_dict().items()}
    step = number = at = count = 0
    last = a.out / "last.pt"
    if a.start and not last.exists():
        # Goes on from a student that has learned before: its weights, their average and the optimiser's moments, but from step 0.
        state = torch.load(a.start, weights_only=False)
        both.load_state_dict(state["model"])
        optimiser.load_state_dict(state["optimiser"])
        average, spread = state["average_of_both"], state["spread"]
    if last.exists():
        state = torch.load(last, weights_only=False)
        both.load_state_dict(state["model"])
        optimiser.load_state_dict(state["optimiser"])
        average, step, number, at, count, spread = (state[k] for k in ("average_of_both", "step", "pass", "at", "shards", "spread"))
        print(f"resumed at step {step}", flush=True)
    shown: dict[str, list[float]] = {}
    pieces, since = 0, time.time()
    while step < schedule.steps:
        # A pass takes the shards that were there when it began, so that `read` may go on beside this.
        paths = sorted(a.read.glob("*.npz"))
        count = count if at else len(paths)
        for batch in islice(batches(paths[:count], schedule.budget, number, schedule.seed), at, None):
            rate = min(1.0, (step + 1) / schedule.warmup) * (1 - step / schedule.steps)
            for g in optimiser.param_groups:
                g["lr"] = g["peak"] * rate
            parts = losses(student, lift, teacher, batch, spread)
            optimiser.zero_grad(set_to_none=True)
            sum(config.weights[k] * v for k, v in parts.items()).backward()
            torch.nn.utils.clip_grad_norm_(both.parameters(), 1.0)
            optimiser.step()
            step, at = step + 1, at + 1
            pieces += int(batch["real"].sum())
            for k, v in parts.items():
                shown.setdefault(k, []).append(v.item())
            if step % 4 == 0:
                keep = min(schedule.average, step / (step + 40))
                for k, v in both.state_dict().items():
                    average[k].lerp_(v, 1 - keep)
            if step % 50 == 0:
                print(json.dumps({"step": step, "pass": number, "pieces_a_second": round(pieces / (time.time() - since)),
                                  **{k: round(float(np.mean(v)), 4) for k, v in shown.items()}}), flush=True)
                shown, pieces, since = {}, 0, time.time()
            if step % a.save_every == 0 or step == schedule.steps:
                mean = nn.ModuleDict({"encoder": Encoder(config.sizes), "lift": nn.Linear(config.sizes.width, taught.sizes.width)})
                mean.load_state_dict(average)
                whole = folded(mean["encoder"], mean["lift"], teacher, config.sizes).state_dict()
                save(last, model=both.state_dict(), optimiser=optimiser.state_dict(), average_of_both=average, average=whole, step=step,
                     at=at, shards=count, spread=spread, config=replace(config, held_out=taught.held_out).row(), **{"pass": number})
            if step == schedule.steps:
                break
        number, at = number + 1, 0
    print(f"finished: {step} steps", flush=True)


def main() -> None:
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--vocabulary", type=Path, default=Path("../models/vocab.txt"))
    ap.add_argument("--threads", type=int, default=1)
    sub = ap.add_subparsers(dest="what", required=True)
    r = sub.add_parser("read", help="the teacher's states over the bulk corpus")
    r.add_argument("teacher", type=Path, help="an exported graph")
    r.add_argument("--bulk", type=Path, default=Path("../../shared/corpora/bulk/news.jsonl.xz"))
    r.add_argument("--out", type=Path, required=True)
    r.add_argument("--corpora", type=Path, help="the folder of the annotated corpora, to read their texts in place of the bulk corpus")
    r.add_argument("--held-out", type=int, nargs=3, default=(452, 0, 65), help="which news stay unread, as in the configurations")
    r.add_argument("--pieces", type=int, default=1 << 60, help="stops after the shard that reaches so many")
    r.add_argument("--window", type=int, nargs=2, default=(256, 16), help="pieces, context")
    t = sub.add_parser("learn", help="the student")
    t.add_argument("config", type=Path)
    t.add_argument("teacher", type=Path, help="the checkpoint it was exported from")
    t.add_argument("--read", type=Path, required=True, help="shards of `read`")
    t.add_argument("--layers", type=int, nargs="+", required=True, help="the teacher's layers to begin from")
    t.add_argument("--out", type=Path, required=True)
    t.add_argument("--start", type=Path, help="a checkpoint of `learn` to go on from, with a new schedule")
    t.add_argument("--save-every", type=int, default=100)
    a = ap.parse_args()
    torch.set_num_threads(a.threads)
    read_all(a) if a.what == "read" else learn(a)


if __name__ == "__main__":
    main()
