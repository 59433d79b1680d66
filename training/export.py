"""Writes a checkpoint as ONNX, fp32 or int8, with the header, vocabulary and CRFs that the run time needs.

The graph is built node by node, so that it holds only operators that rten and onnxruntime both load (opset 20). Inputs
are `input_ids` and `case_ids`, int32 [1,n], one unpadded window of [CLS] … [SEP]; outputs are `tags` [1,n,K] with all
heads' emissions, `link_q` [1,n,3*d] and `link_k` [1,n,d], `reference_q` and `reference_k` [1,n,e]. In the int8 graph every encoder product is a MatMulInteger
behind one DynamicQuantizeLinear, with weights quantised by output channel to 7 bits (x86 without VNNI saturates 8-bit
products, and results would differ from machine to machine); word embeddings are int8 with a scale for each row.

Softmax takes the largest score of each row from all of them first, lest their exponentials overflow. Where `exponent` is set, the
graph leaves that out, for it costs more in rten than the exponential itself: a shift that all keys share changes no softmax, so the
keys lose their constant part, which is most of them, and a head's scores lie within |q||k|, some 30; queries are scaled down where
that bound exceeds `LIMIT`, which no text that was tried has done. The sum of a row divides what attention mixes instead of the row.
"""
from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

from config import Config
from data import ROLES
from model import HEADS, LINK_EDGES, OFFSETS, REFERENCE_EDGES, TAGS, WIDTH, Dictum
from references import FORMS, OUTCOMES
from words import CASES, WordPiece

OPSET, IR, WEIGHT_LIMIT, TABLE_LIMIT = 20, 10, 64, 127
VERSION = "5"
LIMIT = 80.0
"""Largest product of a query and a key, where there is no maximum: the sum of 512 of its exponentials is a float still."""
OUTPUTS = ("tags", "link_q", "link_k", "reference_q", "reference_k")


class Graph:
    """Nodes and initialisers under construction; every method returns the name of its output."""

    def __init__(self, int8: bool):
        self.int8 = int8
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self.quantised: dict[str, tuple[str, str, str]] = {}

    def constant(self, name: str, value: np.ndarray) -> str:
        self.constants.append(numpy_helper.from_array(np.array(value, order="C"), name))
        return name

    def op(self, kind: str, inputs: list[str], name: str, outputs: int = 1, **attributes):
        names = [name] if outputs == 1 else [f"{name}_{i}" for i in range(outputs)]
        self.nodes.append(helper.make_node(kind, inputs, names, name=name, **attributes))
        return name if outputs == 1 else names

    def linear(self, x: str, weight: np.ndarray, bias: np.ndarray, name: str, output: str | None = None, int8: bool = True) -> str:
        """x @ weight + bias, weight [in,out]."""
        if not (self.int8 and int8):
            y = self.op("MatMul", [x, self.constant(f"{name}_w", weight)], f"{name}_product")
        else:
            if x not in self.quantised:
                self.quantised[x] = tuple(self.op("DynamicQuantizeLinear", [x], f"{x}_q", 3))
            xq, scale, zero = self.quantised[x]
            step = np.maximum(np.abs(weight).max(0), 1e-8) / WEIGHT_LIMIT
            w = self.constant(f"{name}_w", np.clip(np.rint(weight / step), -WEIGHT_LIMIT, WEIGHT_LIMIT).astype(np.int8))
            none = self.constant(f"{name}_zero", np.zeros((), dtype=np.int8))
            y = self.op("MatMulInteger", [xq, w, zero, none], f"{name}_int")
            y = self.op("Cast", [y], f"{name}_cast", to=TensorProto.FLOAT)
            scales = self.op("Mul", [scale, self.constant(f"{name}_scale", step.astype(np.float32))], f"{name}_scales")
            y = self.op("Mul", [y, scales], f"{name}_product")
        return self.op("Add", [y, self.constant(f"{name}_b", bias)], output or f"{name}_out")

    def held(self, q: str, k: str, name: str) -> str:
        """Queries [1,n,h,d] scaled down, by head, so that no product with a key exceeds `LIMIT` (Cauchy and Schwarz)."""
        longest = [self.op("ReduceMax", [self.op("ReduceSumSquare", [x, "last_axis"], f"{name}_{part}_squares", keepdims=1), "piece_axis"],
                           f"{name}_{part}_longest", keepdims=1) for x, part in ((q, "q"), (k, "k"))]
        room = self.op("Div", ["limit_squared", self.op("Mul", longest, f"{name}_bound")], f"{name}_room")
        factor = self.op("Sqrt", [self.op("Min", [room, "one"], f"{name}_factor_squared")], f"{name}_factor")
        return self.op("Mul", [q, factor], f"{name}_q_held")

    def norm(self, x: str, layer: torch.nn.LayerNorm, name: str) -> str:
        w, b = (self.constant(f"{name}_{k}", v.detach().numpy()) for k, v in (("w", layer.weight), ("b", layer.bias)))
        return self.op("LayerNormalization", [x, w, b], name, axis=-1, epsilon=1e-12)


def weights(layer: torch.nn.Linear) -> tuple[np.ndarray, np.ndarray]:
    """A linear layer as [in,out] and bias."""
    return layer.weight.detach().numpy().T.astype(np.float32), layer.bias.detach().numpy().astype(np.float32)


def build(model: Dictum, int8: bool, exponent: bool) -> onnx.ModelProto:
    """The whole network as ONNX."""
    g = Graph(int8)
    encoder = model.encoder
    table = encoder.word.weight.detach().numpy()
    size = table.shape[1]
    if int8:
        step = np.maximum(np.abs(table).max(1, keepdims=True), 1e-8) / TABLE_LIMIT
        rows = g.op("Gather", [g.constant("word_table", np.rint(table / step).astype(np.int8)), "input_ids"], "word_rows")
        scales = g.op("Gather", [g.constant("word_scales", step.astype(np.float32)), "input_ids"], "word_row_scales")
        x = g.op("Mul", [g.op("Cast", [rows], "word_cast", to=TensorProto.FLOAT), scales], "words")
    else:
        x = g.op("Gather", [g.constant("word_table", table), "input_ids"], "words")
    cases = g.op("Gather", [g.constant("case_table", encoder.case.weight.detach().numpy()), "case_ids"], "cases")
    shape = g.op("Shape", ["input_ids"], "length", start=1, end=2)
    positions = g.op("Slice", [g.constant("position_table", encoder.position.weight.detach().numpy()),
                               g.constant("zero", np.array([0])), shape, g.constant("row_axis", np.array([0]))], "positions")
    x = g.op("Add", [g.op("Add", [x, cases], "words_cases"), positions], "embedded")
    x = g.norm(x, encoder.norm, "embedded_norm")
    split = g.constant("split_heads", np.array([1, -1, encoder.layers[0].heads, size // encoder.layers[0].heads]))
    join = g.constant("join_heads", np.array([1, -1, size]))
    if exponent:
        for name, value in (("last_axis", [-1]), ("piece_axis", [1]), ("limit_squared", np.float32(LIMIT ** 2)), ("one", np.float32(1))):
            g.constant(name, np.array(value))
    before = encoder.norm
    for i, layer in enumerate(encoder.layers):
        p = f"layer{i}"
        w, b = weights(layer.qkv)
        scale = (size // layer.heads) ** -0.5
        w, b = w.copy(), b.copy()
        w[:, :size] *= scale
        b[:size] *= scale
        if exponent:
            b[size:2 * size] = -before.bias.detach().numpy() @ w[:, size:2 * size]
        parts = g.op("Split", [g.linear(x, w, b, f"{p}_qkv")], f"{p}_parts", 3, axis=-1, num_outputs=3)
        heads = [g.op("Reshape", [part, split], f"{p}_{n}_heads") for part, n in zip(parts, "qkv")]
        if exponent:
            heads[0] = g.held(heads[0], heads[1], p)
        q, k, v = (g.op("Transpose", [head], f"{p}_{n}", perm=perm)
                   for head, n, perm in zip(heads, "qkv", ([0, 2, 1, 3], [0, 2, 3, 1], [0, 2, 1, 3])))
        scores = g.op("MatMul", [q, k], f"{p}_scores")
        if exponent:
            a = g.op("Exp", [scores], f"{p}_attention")
            sums = g.op("ReduceSum", [a, "last_axis"], f"{p}_sums", keepdims=1)
            y = g.op("Div", [g.op("MatMul", [a, v], f"{p}_mixed_sums"), sums], f"{p}_mixed")
        else:
            y = g.op("MatMul", [g.op("Softmax", [scores], f"{p}_attention", axis=-1), v], f"{p}_mixed")
        y = g.op("Transpose", [y], f"{p}_mixed_back", perm=[0, 2, 1, 3])
        y = g.linear(g.op("Reshape", [y, join], f"{p}_joined"), *weights(layer.out), f"{p}_o")
        x = g.norm(g.op("Add", [x, y], f"{p}_sum1"), layer.norm1, f"{p}_norm1")
        y = g.op("Gelu", [g.linear(x, *weights(layer.up), f"{p}_up")], f"{p}_gelu")
        y = g.linear(y, *weights(layer.down), f"{p}_down")
        x = g.norm(g.op("Add", [x, y], f"{p}_sum2"), layer.norm2, f"{p}_norm2")
        before = layer.norm2
    g.linear(x, *weights(model.tags), "tags_head", "tags", int8=False)
    for layer, output in ((model.query, "link_q"), (model.key, "link_k"), (model.reference_query, "reference_q"),
                          (model.reference_key, "reference_k")):
        g.linear(x, *weights(layer), f"{output}_head", output)
    sizes = model.sizes
    widths = (WIDTH, len(ROLES) * sizes.link, sizes.link, sizes.reference, sizes.reference)
    graph = helper.make_graph(
        g.nodes, "dictum", [helper.make_tensor_value_info(n, TensorProto.INT32, [1, "n"]) for n in ("input_ids", "case_ids")],
        [helper.make_tensor_value_info(n, TensorProto.FLOAT, [1, "n", w]) for n, w in zip(OUTPUTS, widths)], g.constants)
    out = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR, producer_name="dictum")
    out = onnx.shape_inference.infer_shapes(out)
    onnx.checker.check_model(out)
    return out


def table(values: torch.Tensor) -> list:
    """Numbers as the header shows them."""
    return np.round(values.detach().numpy().astype(float), 6).tolist()


def header(model: Dictum, pieces: WordPiece, config: Config) -> dict:
    """What the run time must know beside the graph, and how the model was trained. A forbidden transition is null."""
    heads = []
    for name in HEADS:
        moves = table(model.transitions[name])
        ok = getattr(model, f"ok_{name}").numpy()
        heads.append({"name": name, "offset": OFFSETS[name], "tags": TAGS[name],
                      "transitions": [[v if good else None for v, good in zip(r, o)] for r, o in zip(moves, ok)]})
    sizes = model.sizes
    return {
        "version": VERSION, "inputs": ["input_ids", "case_ids"], "outputs": list(OUTPUTS), "tags_width": WIDTH,
        "heads": heads,
        "decoding": "first word piece of each word; Viterbi over the document's words and line breaks; I- never opens",
        "link": {"roles": list(ROLES), "dims": sizes.link, "scale": sizes.link ** -0.5, "null": table(model.null),
                 "distance_edges": list(LINK_EDGES), "distance": table(model.distance)},
        "reference": {"forms": list(FORMS), "outcomes": list(OUTCOMES), "dims": sizes.reference, "scale": sizes.reference ** -0.5,
                      "outcome_keys": table(model.outcome_key), "outcome": table(model.outcome),
                      "distance_edges": list(REFERENCE_EDGES), "distance": table(model.reference_distance)},
        "cases": list(CASES),
        "tokens": {"start": pieces.start, "stop": pieces.stop, "line_break": pieces.stop, "unknown": pieces.unknown, "pad": pieces.pad},
        "window": {"pieces": config.reading[0], "context": config.reading[1], "longest": sizes.positions - 2},
        "training": config.row(),
    }


def load(path: Path) -> tuple[Dictum, Config]:
    """The averaged weights of a checkpoint."""
    state = torch.load(path, weights_only=False)
    config = Config.of(state["config"])
    model = Dictum(config.sizes)
    model.load_state_dict(state["average"])
    return model.eval(), config


def mean(paths: list[Path]) -> tuple[Dictum, Config]:
    """The mean of the weights of several checkpoints of one shape."""
    models = [load(path) for path in paths]
    model, config = models[-1]
    states = [m.state_dict() for m, _ in models]
    model.load_state_dict({k: torch.stack([s[k].float() for s in states]).mean(0).to(v.dtype) for k, v in states[-1].items()})
    return model, config


def main() -> None:
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("checkpoints", type=Path, nargs="+", help="last.pt or final.pt; of several the mean, with the configuration of the last")
    ap.add_argument("--vocabulary", type=Path, default=Path("../models/vocab.txt"))
    ap.add_argument("--out", type=Path, required=True)
    a = ap.parse_args()
    torch.set_num_threads(1)
    a.out.mkdir(parents=True, exist_ok=True)
    model, config = mean(a.checkpoints)
    for name, int8 in (("dictum-fp32.onnx", False), ("dictum-int8.onnx", True)):
        onnx.save(build(model, int8, config.exponent), a.out / name)
        print(a.out / name, (a.out / name).stat().st_size)
    with open(a.out / "dictum.json", "w", encoding="utf8") as f:
        json.dump(header(model, WordPiece(a.vocabulary), config), f, indent=1)
        f.write("\n")
    shutil.copyfile(a.vocabulary, a.out / "vocab.txt")


if __name__ == "__main__":
    main()
