"""The network: a BERT encoder with a case embedding, tag heads, CRF transitions, a link head and a reference head.

A learned embedding of the word's case class is added to each piece. `Dictum` puts one linear layer of emissions for all
heads on every piece (only the first piece of a word is read); for links three query projections (source, cue, content) and
one key projection; for references one query and one key projection and two further keys, for what means somebody without a
name and for what means nobody. Sizes come from the configuration, never from here.
"""
from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from config import Sizes
from crf import FORBIDDEN, allowed, bio
from data import CONLL, ROLES, STATED, WORLDWIDE
from references import FORMS, OUTCOMES

HEADS: dict[str, tuple[str, ...]] = {"worldwide": WORLDWIDE, "conll": CONLL, **{r: (r,) for r in ROLES}, **{s: (s,) for s in STATED}}
TAGS = {name: bio(types) for name, types in HEADS.items()}
OFFSETS: dict[str, int] = {}
WIDTH = 0
for _name, _tags in TAGS.items():
    OFFSETS[_name] = WIDTH
    WIDTH += len(_tags)
LINK_EDGES = (1, 2, 3, 5, 9, 17, 33, 65)
REFERENCE_EDGES = (1, 2, 3, 5, 9, 17, 33, 65, 129, 257, 513)


def buckets(edges: tuple[int, ...]) -> int:
    return 2 * len(edges) + 1


def bucket(distance: torch.Tensor, edges: tuple[int, ...]) -> torch.Tensor:
    """The bucket of a signed word distance (target minus piece): 0 in the middle, growing with the logarithm."""
    size = torch.bucketize(distance.abs(), torch.tensor(edges), right=True)
    return len(edges) + torch.sign(distance) * size


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

    def __init__(self, sizes: Sizes, dropout: float):
        super().__init__()
        size = sizes.width
        self.heads, self.dropout = sizes.heads, dropout
        self.qkv = nn.Linear(size, 3 * size)
        self.out = nn.Linear(size, size)
        self.norm1 = nn.LayerNorm(size, eps=1e-12)
        self.up = nn.Linear(size, sizes.inner)
        self.down = nn.Linear(sizes.inner, size)
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

    def __init__(self, sizes: Sizes, dropout: float = 0.1, cases: int = 5):
        super().__init__()
        self.word = nn.Embedding(sizes.vocabulary, sizes.width)
        self.position = nn.Embedding(sizes.positions, sizes.width)
        self.case = nn.Embedding(cases, sizes.width)
        self.norm = nn.LayerNorm(sizes.width, eps=1e-12)
        self.layers = nn.ModuleList(Layer(sizes, dropout) for _ in range(sizes.layers))
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
    """Encoder, emissions of every head, CRF transitions, links, references."""

    def __init__(self, sizes: Sizes, dropout: float = 0.1):
        super().__init__()
        self.sizes = sizes
        self.encoder = Encoder(sizes, dropout=dropout)
        self.tags = nn.Linear(sizes.width, WIDTH)
        self.query = nn.Linear(sizes.width, len(ROLES) * sizes.link)
        self.key = nn.Linear(sizes.width, sizes.link)
        self.null = nn.Parameter(torch.zeros(len(ROLES)))
        self.distance = nn.Parameter(torch.zeros(len(ROLES), buckets(LINK_EDGES)))
        self.reference_query = nn.Linear(sizes.width, sizes.reference)
        self.reference_key = nn.Linear(sizes.width, sizes.reference)
        self.outcome_key = nn.Parameter(torch.zeros(len(OUTCOMES), sizes.reference))
        self.outcome = nn.Parameter(torch.zeros(len(FORMS), len(OUTCOMES)))
        self.reference_distance = nn.Parameter(torch.zeros(len(FORMS), buckets(REFERENCE_EDGES)))
        self.transitions = nn.ParameterDict({n: nn.Parameter(torch.zeros(len(t), len(t))) for n, t in TAGS.items()})
        for name, types in HEADS.items():
            self.register_buffer(f"ok_{name}", torch.from_numpy(allowed(len(types))), persistent=False)
        for m in (self.tags, self.query, self.key, self.reference_query, self.reference_key):
            nn.init.normal_(m.weight, std=0.02)
            nn.init.zeros_(m.bias)

    def moves(self, name: str) -> torch.Tensor:
        """A head's transitions with the forbidden ones closed."""
        return self.transitions[name].masked_fill(~getattr(self, f"ok_{name}"), FORBIDDEN)

    def link_logits(self, hidden: torch.Tensor, role: int, words: torch.Tensor, cues: torch.Tensor, at_words: torch.Tensor,
                    at_cues: torch.Tensor) -> torch.Tensor:
        """Logits [pieces, 1 + cues] of one window, null first. `words`, `cues` index `hidden`; `at_*` are word numbers."""
        d = self.sizes.link
        q = F.linear(hidden[words], self.query.weight[role * d:(role + 1) * d], self.query.bias[role * d:(role + 1) * d])
        k = self.key(hidden[cues])
        near = self.distance[role][bucket(at_cues[None, :] - at_words[:, None], LINK_EDGES)]
        return torch.cat([self.null[role].expand(len(words), 1), q @ k.T / math.sqrt(d) + near], 1)

    def reference_logits(self, queries: torch.Tensor, keys: torch.Tensor, forms: torch.Tensor, at_queries: torch.Tensor,
                         at_keys: torch.Tensor) -> torch.Tensor:
        """Logits [queries, outcomes + words]: what each phrase may mean. `at_*` are word numbers in the document."""
        scale = 1 / math.sqrt(self.sizes.reference)
        near = self.reference_distance[forms[:, None], bucket(at_keys[None, :] - at_queries[:, None], REFERENCE_EDGES)]
        return torch.cat([queries @ self.outcome_key.T * scale + self.outcome[forms], queries @ keys.T * scale + near], 1)
