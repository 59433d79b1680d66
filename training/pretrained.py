"""The published encoder that training starts from, under BERT's names, and the vocabulary that every model here shares.

e5-small-v2 (MIT) comes as an ONNX file inside of a Maven jar. Its embeddings, biases and norms keep BERT's names; the
matrices of the layers are anonymous, transposed, and stand in the order of the nodes: query, key, value, attention output,
intermediate, output for each layer. `check` runs the file in onnxruntime beside the weights as read.
"""
from __future__ import annotations

import argparse
import io
import json
import zipfile
from pathlib import Path

import numpy as np

GRAPH, TOKENIZER = "e5-small-v2.onnx", "e5-small-v2-tokenizer.json"
PARTS = ("attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense",
         "intermediate.dense", "output.dense")


def graph_of(jar: Path) -> bytes:
    with zipfile.ZipFile(jar) as z:
        return z.read(GRAPH)


def weights_of(graph: bytes) -> dict[str, np.ndarray]:
    """Every weight of the ONNX file under its name in BERT."""
    import onnx
    from onnx import numpy_helper
    model = onnx.load(io.BytesIO(graph)).graph
    values = {i.name: numpy_helper.to_array(i) for i in model.initializer}
    out = {k: v for k, v in values.items() if not k.startswith("onnx::")}
    matrices = [values[x] for n in model.node if n.op_type == "MatMul" for x in n.input if x.startswith("onnx::MatMul")]
    for i, matrix in enumerate(matrices):
        out[f"encoder.layer.{i // len(PARTS)}.{PARTS[i % len(PARTS)]}.weight"] = matrix.T
    return out


def vocabulary_of(jar: Path) -> list[str]:
    """The word pieces in the order of their ids."""
    with zipfile.ZipFile(jar) as z:
        ids = json.loads(z.read(TOKENIZER))["model"]["vocab"]
    return [piece for piece, _ in sorted(ids.items(), key=lambda x: x[1])]


def check(jar: Path, folder: Path) -> float:
    """The largest difference between the file's own answer and that of the weights as read."""
    import onnxruntime
    import torch
    from config import Sizes
    from model import Encoder
    encoder = Encoder(Sizes(), dropout=0.0).eval()
    encoder.load_pretrained(folder / "encoder.safetensors")
    torch.nn.init.zeros_(encoder.case.weight)
    ids = np.array([[101, 2023, 2003, 1037, 3231, 102]])
    session = onnxruntime.InferenceSession(graph_of(jar), providers=["CPUExecutionProvider"])
    theirs = session.run(None, {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)})[0]
    with torch.no_grad():
        ours = encoder(torch.from_numpy(ids), torch.zeros_like(torch.from_numpy(ids))).numpy()
    return float(np.abs(theirs - ours).max())


def main() -> None:
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("jar", type=Path)
    ap.add_argument("--out", type=Path, default=Path("../train-out/base"))
    a = ap.parse_args()
    from safetensors.numpy import save_file
    a.out.mkdir(parents=True, exist_ok=True)
    weights = {k: np.ascontiguousarray(v) for k, v in weights_of(graph_of(a.jar)).items() if v.dtype == np.float32}
    save_file(weights, a.out / "encoder.safetensors")
    (a.out / "vocab.txt").write_text("".join(piece + "\n" for piece in vocabulary_of(a.jar)), encoding="utf8")
    print(f"{len(weights)} weights; largest difference to the file's own answer {check(a.jar, a.out):.1e}")


if __name__ == "__main__":
    main()
