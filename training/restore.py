"""Reads an exported int8 graph and its header back into a model, so that training can go on from shipped weights.

Every weight comes back within half a quantisation step of what was exported, which a few steps of training make up for;
the optimiser starts afresh. The names of constants are those that `export.py` gives.
"""
from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper

from model import HEADS, Dictum


def restore(graph: Path, model: Dictum) -> None:
    """Overwrites the model's weights with those of `graph` and of the `dictum.json` beside it."""
    constants = {c.name: numpy_helper.to_array(c) for c in onnx.load(graph).graph.initializer}

    def linear(target: str, name: str) -> dict[str, np.ndarray]:
        weight = constants[f"{name}_w"].astype(np.float32) * constants.get(f"{name}_scale", np.float32(1))
        return {f"{target}.weight": weight.T.copy(), f"{target}.bias": constants[f"{name}_b"].copy()}

    def norm(target: str, name: str) -> dict[str, np.ndarray]:
        return {f"{target}.weight": constants[f"{name}_w"], f"{target}.bias": constants[f"{name}_b"]}

    state = {"encoder.word.weight": constants["word_table"] * constants["word_scales"],
             "encoder.case.weight": constants["case_table"], "encoder.position.weight": constants["position_table"],
             **norm("encoder.norm", "embedded_norm")}
    for i, layer in enumerate(model.encoder.layers):
        for target, name in (("qkv", "qkv"), ("out", "o"), ("up", "up"), ("down", "down")):
            state.update(linear(f"encoder.layers.{i}.{target}", f"layer{i}_{name}"))
        state.update(norm(f"encoder.layers.{i}.norm1", f"layer{i}_norm1"))
        state.update(norm(f"encoder.layers.{i}.norm2", f"layer{i}_norm2"))
        # The export folds attention's scale into the queries.
        size = layer.out.weight.shape[0]
        for part in ("weight", "bias"):
            state[f"encoder.layers.{i}.qkv.{part}"][:size] *= (size // layer.heads) ** 0.5
    for target, name in (("tags", "tags_head"), ("query", "query_head"), ("key", "key_head")):
        state.update(linear(target, name))
    head = json.loads(graph.with_name("dictum.json").read_text(encoding="utf8"))
    moves = {h["name"]: h["transitions"] for h in head["heads"]}
    for name in HEADS:
        state[f"transitions.{name}"] = np.array([[v or 0.0 for v in row] for row in moves[name]])
    state["null"], state["distance"] = np.array(head["link"]["null"]), np.array(head["link"]["distance"])
    model.load_state_dict({k: torch.from_numpy(np.array(v, dtype=np.float32)) for k, v in state.items()})
