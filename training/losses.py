"""One batch of windows as tensors, and what it costs: tags by their CRFs, links, references."""
from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F

from crf import negative_log_likelihood
from data import ROLES, Reference
from model import NOISE, OFFSETS, TAGS, Dictum, dropout
from references import OUTCOMES
from windows import Window
from words import WordPiece


def collate(group: list[Window], pieces: WordPiece, hide: float = 0.0) -> dict:
    """Tensors of one batch: [CLS] window [SEP], padded; indices of the scored words' first pieces and their tags.

    A part `hide` of the words, by chance, is read as [MASK]: what cannot be learned by heart must come from the context.
    """
    n = max(w.pieces for w in group) + 2
    ids = np.full((len(group), n), pieces.pad)
    cases = np.zeros((len(group), n), dtype=np.int64)
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
    mask = None
    if min(w.pieces for w in group) < n - 2:
        mask = torch.tensor([[p < w.pieces + 2 for p in range(n)] for w in group])[:, None, None, :]
    return {"ids": torch.from_numpy(ids), "cases": torch.from_numpy(cases), "mask": mask}


def places(w: Window, at: np.ndarray) -> np.ndarray:
    """Positions in the window's row of the first pieces of words."""
    return np.asarray(w.document.words.first)[at] - w.document.words.first[w.begin] + 1


def tag_loss(model: Dictum, hidden: torch.Tensor, group: list[Window]) -> dict[str, torch.Tensor]:
    """Negative log-likelihood per scored word, summed over the layers of one size: by the first layer's name."""
    inner = [np.arange(w.inner_begin, w.inner_end)[~w.document.quiet[w.inner_begin:w.inner_end]] for w in group]
    sets: dict[tuple[str, ...], list[int]] = {}
    for i, w in enumerate(group):
        by_size: dict[int, list[str]] = {}
        for name in w.document.tags:
            by_size.setdefault(len(TAGS[name]), []).append(name)
        for names in by_size.values():
            if len(inner[i]):
                sets.setdefault(tuple(names), []).append(i)
    out = {}
    for names, rows in sets.items():
        longest = max(len(inner[i]) for i in rows)
        at = np.zeros((len(rows), longest), dtype=np.int64)
        tags = np.zeros((len(names), len(rows), longest), dtype=np.int64)
        for r, i in enumerate(rows):
            at[r, :len(inner[i])] = places(group[i], inner[i])
            for k, name in enumerate(names):
                tags[k, r, :len(inner[i])] = group[i].document.tags[name][inner[i]]
        picked = hidden[torch.tensor(rows)[:, None], torch.from_numpy(at)]
        first = [OFFSETS[n] for n in names]
        size = len(TAGS[names[0]])
        emissions = torch.stack([F.linear(picked, model.tags.weight[o:o + size], model.tags.bias[o:o + size]) for o in first])
        moves = torch.stack([model.moves(n) for n in names])
        lengths = torch.tensor([len(inner[i]) for i in rows])
        loss = negative_log_likelihood(emissions, moves, torch.from_numpy(tags), lengths) / lengths.sum()
        out[names[0]] = out.get(names[0], 0) + loss
    return out


def link_loss(model: Dictum, hidden: torch.Tensor, group: list[Window]) -> torch.Tensor | None:
    """Mean cross-entropy of the cue of each role piece."""
    total, n = torch.zeros(()), 0
    for i, w in enumerate(group):
        d = w.document
        cues = np.array(sorted({x.word for x in d.links if x.role == 1 and w.begin <= x.word < w.end}))
        column = {c: k + 1 for k, c in enumerate(cues)}
        for role in range(len(ROLES)):
            rows: dict[int, list[int]] = {}
            for x in d.links:
                if x.role == role and w.inner_begin <= x.word < w.inner_end and not d.quiet[x.word]:
                    rows.setdefault(x.word, []).append(column.get(x.cue, 0))
            if not rows or not len(cues):
                continue
            target = torch.zeros(len(rows), len(cues) + 1)
            for r, columns in enumerate(rows.values()):
                for c in columns:
                    target[r, c] = 1 / len(columns)
            words = np.array(list(rows))
            logits = model.link_logits(hidden[i], role, torch.from_numpy(places(w, words)), torch.from_numpy(places(w, cues)),
                                       torch.from_numpy(words), torch.from_numpy(cues))
            total = total - (logits.log_softmax(1) * target).sum()
            n += len(words)
    return total / n if n else None


def answers(reference: Reference, words: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of the outcomes and words (by their numbers), one behind the other: which are right, and which count."""
    right = np.concatenate([np.arange(len(OUTCOMES)) == reference.outcome, np.isin(words, reference.named)])
    known = ~np.isin(words, reference.open)
    if reference.only is not None:
        known &= np.isin(words, reference.only)
    return right, np.concatenate([np.ones(len(OUTCOMES), dtype=bool), known]) | right


def surprise(logits: torch.Tensor, right: np.ndarray, live: np.ndarray) -> torch.Tensor:
    """Negative log of the probability of all right answers together, among those that count: one for each row."""
    logits = logits.masked_fill(~torch.from_numpy(live), -1e4)
    return logits.logsumexp(1) - logits.masked_fill(~torch.from_numpy(right), -1e4).logsumexp(1)


def reference_loss(model: Dictum, hidden: torch.Tensor, group: list[Window]) -> torch.Tensor | None:
    """Mean negative log of the probability that a phrase means a word that names whom it means, or its outcome."""
    by_document: dict[int, list[int]] = {}
    for i, w in enumerate(group):
        if w.document.references:
            by_document.setdefault(id(w.document), []).append(i)
    if not by_document:
        return None
    total, n = torch.zeros(()), 0
    q_all, k_all = model.reference_query(hidden), model.reference_key(hidden)
    for rows in by_document.values():
        document = group[rows[0]].document
        row_of: dict[int, tuple[int, int]] = {}
        keys, numbers = [], []
        for i in rows:
            w = group[i]
            at = places(w, np.arange(w.begin, w.end))
            for word, place in zip(range(w.begin, w.end), at):
                row_of[word] = (i, int(place))
            own = np.array([x for x in range(w.inner_begin, w.inner_end) if not document.words.breaks[x]], dtype=np.int64)
            keys.append(k_all[i][torch.from_numpy(places(w, own))])
            numbers.append(own)
        words = np.concatenate(numbers)
        picked, queries = [], []
        right, live = [], []
        for r in document.references:
            if not any(group[i].inner_begin <= r.first < group[i].inner_end for i in rows) or r.last not in row_of:
                continue
            good, seen = answers(r, words)
            if not good.any():
                continue
            picked.append(r)
            right.append(good)
            live.append(seen)
        if not picked:
            continue
        first = [row_of[r.first] for r in picked]
        last = [row_of[r.last] for r in picked]
        queries = (q_all[[a for a, _ in first], [b for _, b in first]] + q_all[[a for a, _ in last], [b for _, b in last]]) / 2
        logits = model.reference_logits(queries, torch.cat(keys), torch.tensor([r.form for r in picked]),
                                        torch.tensor([r.first for r in picked]), torch.from_numpy(words))
        total = total + surprise(logits, np.stack(right), np.stack(live)).sum()
        n += len(picked)
    return total / n if n else None


def loss_of(model: Dictum, batch: dict, group: list[Window], weights: dict[str, float]) -> tuple[torch.Tensor, dict[str, float]]:
    """What a batch costs, and its parts."""
    hidden = dropout(model.encoder(batch["ids"], batch["cases"], batch["mask"]), 0.1, model.training)
    parts = tag_loss(model, hidden, group)
    total = sum(parts.values(), torch.zeros(()))
    for name, part in (("link", link_loss(model, hidden, group)), ("reference", reference_loss(model, hidden, group))):
        if part is not None:
            total = total + weights[name] * part
            parts[f"{name}/{group[0].document.article.task}" if name == "reference" else name] = part
    return total, {k: v.item() for k, v in parts.items()}
