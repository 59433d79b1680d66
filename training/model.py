"""The network: a MiniLM encoder with a case embedding, tag heads, CRF transitions and a link head.

`Encoder` is BERT as the weights of all-MiniLM-L6-v2 expect it, without a pooler; a learned embedding of the word's case
class is added to each piece. `Dictum` puts one linear layer of emissions for all heads on every piece (only the first
piece of a word is read), and for links three query projections (source, cue, content) and one key projection.
"""
from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from crf import FORBIDDEN, allowed, bio
from data import CONLL, ROLES, WORLDWIDE

HEADS: dict[str, tuple[str, ...]] = {"worldwide": WORLDWIDE, "conll": CONLL, **{r: (r,) for r in ROLES}}
TAGS = {name: bio(types) for name, types in HEADS.items()}
OFFSETS: dict[str, int] = {}
WIDTH = 0
for _name, _tags in TAGS.items():
    OFFSETS[_name] = WIDTH
    WIDTH += len(_tags)
LINK = 64
DISTANCES = (1, 2, 3, 5, 9, 17, 33, 65)
BUCKETS = 2 * len(DISTANCES) + 1


def bucket(distance: torch.Tensor) -> torch.Tensor:
    """The bucket of a signed word distance (cue minus piece): 0 in the middle, growing with the logarithm."""
    size = torch.bucketize(distance.abs(), torch.tensor(DISTANCES), right=True)
    return len(DISTANCES) + torch.sign(distance) * size


NOISE = np.random.Generator(np.random.SFC64(1))


def dropout(x: torch.Tensor, rate: float, training: bool) -> torch.Tensor:
    """Dropout from bytes of a fast generator, at a rate rounded to 1/256; torch's own costs 8 % of a step on a CPU."""
    if not training or not rate:
        return x
    cut = round(rate * 256)
    kept = torch.from_numpy(NOISE.integers(0, 256, size=x.shape, dtype=np.uint8)) >= cut
    return x * (kept * (256 / (256 - cut)))


class Layer(nn.Module):
    """One transformer layer, post-norm."""

    def __init__(self, size: int, inner: int, heads: int, dropout: float):
        super().__init__()
        self.heads, self.dropout = heads, dropout
        self.qkv = nn.Linear(size, 3 * size)
        self.out = nn.Linear(size, size)
        self.norm1 = nn.LayerNorm(size, eps=1e-12)
        self.up = nn.Linear(size, inner)
        self.down = nn.Linear(inner, size)
        self.norm2 = nn.LayerNorm(size, eps=1e-12)

    def forward(self, x: torch.Tensor, mask: torch.Tensor | None) -> torch.Tensor:
        b, n, size = x.shape
        q, k, v = self.qkv(x).view(b, n, 3, self.heads, size // self.heads).permute(2, 0, 3, 1, 4)
        y = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        y = self.out(y.transpose(1, 2).reshape(b, n, size))
        x = self.norm1(x + dropout(y, self.dropout, self.training))
        y = self.down(F.gelu(self.up(x)))
        return self.norm2(x + dropout(y, self.dropout, self.training))


class Encoder(nn.Module):
    """Embeddings and layers; position 0 is the window's [CLS]."""

    def __init__(self, vocabulary: int = 30522, size: int = 384, layers: int = 6, inner: int = 1536, heads: int = 12,
                 positions: int = 512, cases: int = 5, dropout: float = 0.1):
        super().__init__()
        self.word = nn.Embedding(vocabulary, size)
        self.position = nn.Embedding(positions, size)
        self.case = nn.Embedding(cases, size)
        self.norm = nn.LayerNorm(size, eps=1e-12)
        self.layers = nn.ModuleList(Layer(size, inner, heads, dropout) for _ in range(layers))
        self.dropout = dropout
        nn.init.normal_(self.case.weight, std=0.01)

    def forward(self, ids: torch.Tensor, cases: torch.Tensor, mask: torch.Tensor | None = None) -> torch.Tensor:
        x = self.word(ids) + self.position.weight[:ids.shape[1]] + self.case(cases)
        x = dropout(self.norm(x), self.dropout, self.training)
        for layer in self.layers:
            x = layer(x, mask)
        return x

    def load_pretrained(self, path: Path) -> None:
        """Weights under BERT's names; the token type embedding, constant here, is folded into the positions."""
        from safetensors.torch import load_file
        w = {k.removeprefix("bert."): v.float() for k, v in load_file(path).items()}
        state = {"word.weight": w["embeddings.word_embeddings.weight"],
                 "position.weight": w["embeddings.position_embeddings.weight"] + w["embeddings.token_type_embeddings.weight"][0],
                 "norm.weight": w["embeddings.LayerNorm.weight"], "norm.bias": w["embeddings.LayerNorm.bias"]}
        for i in range(len(self.layers)):
            p = f"encoder.layer.{i}."
            for kind in ("weight", "bias"):
                state[f"layers.{i}.qkv.{kind}"] = torch.cat([w[f"{p}attention.self.{x}.{kind}"] for x in ("query", "key", "value")])
                for mine, theirs in (("out", "attention.output.dense"), ("norm1", "attention.output.LayerNorm"),
                                     ("up", "intermediate.dense"), ("down", "output.dense"), ("norm2", "output.LayerNorm")):
                    state[f"layers.{i}.{mine}.{kind}"] = w[f"{p}{theirs}.{kind}"]
        state["case.weight"] = self.case.weight.detach()
        self.load_state_dict(state)


class Dictum(nn.Module):
    """Encoder, emissions of every head, CRF transitions, links."""

    def __init__(self, dropout: float = 0.1):
        super().__init__()
        self.encoder = Encoder(dropout=dropout)
        size = self.encoder.word.weight.shape[1]
        self.tags = nn.Linear(size, WIDTH)
        self.query = nn.Linear(size, len(ROLES) * LINK)
        self.key = nn.Linear(size, LINK)
        self.null = nn.Parameter(torch.zeros(len(ROLES)))
        self.distance = nn.Parameter(torch.zeros(len(ROLES), BUCKETS))
        self.transitions = nn.ParameterDict({n: nn.Parameter(torch.zeros(len(t), len(t))) for n, t in TAGS.items()})
        for name, types in HEADS.items():
            self.register_buffer(f"ok_{name}", torch.from_numpy(allowed(len(types))), persistent=False)
        for m in (self.tags, self.query, self.key):
            nn.init.normal_(m.weight, std=0.02)
            nn.init.zeros_(m.bias)

    def moves(self, name: str) -> torch.Tensor:
        """A head's transitions with the forbidden ones closed."""
        return self.transitions[name].masked_fill(~getattr(self, f"ok_{name}"), FORBIDDEN)

    def link_logits(self, hidden: torch.Tensor, role: int, words: torch.Tensor, cues: torch.Tensor, at_words: torch.Tensor,
                    at_cues: torch.Tensor) -> torch.Tensor:
        """Logits [pieces, 1 + cues] of one window, null first. `words`, `cues` index `hidden`; `at_*` are word numbers."""
        q = F.linear(hidden[words], self.query.weight[role * LINK:(role + 1) * LINK], self.query.bias[role * LINK:(role + 1) * LINK])
        k = self.key(hidden[cues])
        near = self.distance[role][bucket(at_cues[None, :] - at_words[:, None])]
        return torch.cat([self.null[role].expand(len(words), 1), q @ k.T / math.sqrt(LINK) + near], 1)
