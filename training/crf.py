"""Linear-chain CRF over BIO tags: exact log-likelihood with a hand-written gradient, and Viterbi decoding.

The forward-backward pass runs on probabilities rescaled at every word, batched over groups of equal tag sets (the three
role layers share one pass), so a step of the recursion is one small matrix product; the gradient is expected minus
observed counts, without autograd through time. I-x may follow only B-x or I-x.
"""
from __future__ import annotations

from typing import Sequence

import numpy as np
import torch

FORBIDDEN = -1e4


def bio(types: Sequence[str]) -> list[str]:
    """The tag list of a layer: O, then B- and I- of each type."""
    return ["O"] + [f"{p}-{t}" for t in types for p in "BI"]


def allowed(n_types: int) -> np.ndarray:
    """Which tag may follow which: [tags, tags] booleans, from row to column."""
    n = 1 + 2 * n_types
    ok = np.ones((n, n), dtype=bool)
    for t in range(n_types):
        inside = 2 + 2 * t
        ok[:, inside] = False
        ok[[inside - 1, inside], inside] = True
    return ok


class LogPartition(torch.autograd.Function):
    """log Z of groups of chains: emissions [G,B,T,K], transitions [G,K,K], lengths [B] (longest T) -> [G,B]."""

    @staticmethod
    def forward(ctx, emissions, transitions, lengths):
        top = emissions.amax(-1, keepdim=True)
        e = (emissions - top).exp()
        move = transitions.exp()
        steps = e.shape[2]
        live = (torch.arange(steps)[None, :] < lengths[:, None]).to(e.dtype)
        e = e * live[None, :, :, None] + (1 - live)[None, :, :, None]
        alphas, norms = [], []
        a = e[:, :, 0]
        for t in range(steps):
            if t:
                a = torch.bmm(alphas[-1], move) * e[:, :, t]
            norm = a.sum(-1, keepdim=True)
            a = a / norm
            alphas.append(a)
            norms.append(norm)
        alpha = torch.stack(alphas, 2)
        norm = torch.stack(norms, 2)
        log_z = ((norm.log() + top) * live[None, :, :, None]).sum((2, 3))
        back = move.transpose(1, 2).contiguous()
        dead = live == 0
        ends = dead.any().item()
        b = torch.ones_like(e[:, :, 0])
        betas = [b]
        weighted = e / norm
        for t in range(steps - 1, 0, -1):
            b = torch.bmm(b * weighted[:, :, t], back)
            if ends:
                b = torch.where(dead[None, :, t, None], torch.ones_like(b), b)
            betas.append(b)
        beta = torch.stack(betas[::-1], 2)
        marginal = alpha * beta * live[None, :, :, None]
        right = (beta * weighted * live[None, :, :, None])[:, :, 1:]
        pair = torch.einsum("gbti,gbtj->gbij", alpha[:, :, :-1], right) * move[:, None]
        ctx.save_for_backward(marginal, pair)
        return log_z

    @staticmethod
    def backward(ctx, grad):
        marginal, pair = ctx.saved_tensors
        return marginal * grad[:, :, None, None], (pair * grad[:, :, None, None]).sum(1), None


def negative_log_likelihood(emissions: torch.Tensor, transitions: torch.Tensor, tags: torch.Tensor,
                            lengths: torch.Tensor) -> torch.Tensor:
    """Summed over chains: emissions [G,B,T,K], transitions [G,K,K] with forbidden moves applied, tags [G,B,T]."""
    live = (torch.arange(tags.shape[2])[None, :] < lengths[:, None]).to(emissions.dtype)
    unary = emissions.gather(3, tags[..., None])[..., 0] * live
    groups = torch.arange(tags.shape[0])[:, None, None]
    binary = transitions[groups, tags[:, :, :-1], tags[:, :, 1:]] * live[:, 1:]
    return LogPartition.apply(emissions, transitions, lengths).sum() - unary.sum() - binary.sum()


def viterbi(emissions: np.ndarray, transitions: np.ndarray, ok: np.ndarray) -> np.ndarray:
    """The best tag sequence of one chain [T,K]; it may not open with an I tag."""
    move = np.where(ok, transitions, FORBIDDEN).astype(np.float32)
    score = emissions[0] + np.where(np.arange(move.shape[0]) % 2 == 0, FORBIDDEN, 0) * (np.arange(move.shape[0]) > 0)
    steps = len(emissions)
    back = np.zeros((steps, move.shape[0]), dtype=np.int32)
    for t in range(1, steps):
        candidates = score[:, None] + move
        back[t] = candidates.argmax(0)
        score = candidates.max(0) + emissions[t]
    out = np.empty(steps, dtype=np.int64)
    out[-1] = score.argmax()
    for t in range(steps - 1, 0, -1):
        out[t - 1] = back[t, out[t]]
    return out


def spans(tags: Sequence[int]) -> list[tuple[int, int, int]]:
    """(first word, last word + 1, type index) of a valid BIO sequence."""
    out: list[tuple[int, int, int]] = []
    for i, tag in enumerate(tags):
        if tag and tag % 2 == 1:
            out.append((i, i + 1, (int(tag) - 1) // 2))
        elif tag:
            out[-1] = (out[-1][0], i + 1, out[-1][2])
    return out
