"""Words and word pieces with offsets into the raw text.

A word is a token of BERT's BasicTokenizer (uncased): text is split at white space, every punctuation character and
every CJK ideograph is a word of its own, control and format characters are dropped without splitting. Each word keeps
its half-open code-point offsets into the raw text. Every run of white space that holds a line break yields one `BREAK`
pseudo-word, so that the encoder sees headlines and paragraphs. `training/README.md` states the same rules as a
specification for the run time, which has to reproduce them exactly; `reference.py` dumps them for comparison.
"""
from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

LINE_BREAKS = frozenset("\n\r\x0b\x0c\x85\u2028\u2029")
SPACES = frozenset("\t \xa0\u1680\u202f\u205f\u3000") | {chr(c) for c in range(0x2000, 0x200B)}
IDEOGRAPHS = ((0x4E00, 0x9FFF), (0x3400, 0x4DBF), (0x20000, 0x2A6DF), (0x2A700, 0x2B73F), (0x2B740, 0x2B81F),
              (0x2B820, 0x2CEAF), (0xF900, 0xFAFF), (0x2F800, 0x2FA1F))
DROPPED, SPACE, BREAK_CHAR, ALONE, JOINED = range(5)
CASE_NONE, CASE_LOWER, CASE_CAPITALISED, CASE_UPPER, CASE_MIXED = range(5)
CASES = ("none", "lower", "capitalised", "upper", "mixed")
LONGEST_WORD = 100


@lru_cache(maxsize=65536)
def char_class(c: str) -> int:
    """What a character does to the word being built."""
    if c in LINE_BREAKS:
        return BREAK_CHAR
    if c in SPACES:
        return SPACE
    category = unicodedata.category(c)
    if c == "\ufffd" or category in ("Cc", "Cf", "Co", "Cs"):
        return DROPPED
    code = ord(c)
    if category[0] == "P" or code < 128 and not c.isalnum():
        return ALONE
    if any(a <= code <= b for a, b in IDEOGRAPHS):
        return ALONE
    return JOINED


@lru_cache(maxsize=262144)
def case_of(word: str) -> int:
    """The case class of a raw word, by its cased characters alone."""
    upper = sum(c.isupper() for c in word)
    lower = sum(c.islower() for c in word)
    if not upper and not lower:
        return CASE_NONE
    if not upper:
        return CASE_LOWER
    if upper >= 2 and not lower:
        return CASE_UPPER
    if upper == 1 and next(c for c in word if c.isupper() or c.islower()).isupper():
        return CASE_CAPITALISED
    return CASE_MIXED


def normalise(word: str) -> str:
    """Lower case without accents: the form that word pieces are looked up in."""
    if word.isascii():
        return word.lower()
    kept = (c for c in word if char_class(c) != DROPPED)
    return "".join(c for c in unicodedata.normalize("NFD", "".join(kept).lower()) if unicodedata.category(c) != "Mn")


def split(text: str) -> list[tuple[int, int, bool]]:
    """Words as (begin, end, is_break). A break covers the white space it stands for; none opens or closes a text."""
    out: list[tuple[int, int, bool]] = []
    begin = end = -1
    gap = -1
    broken = False
    for i, c in enumerate(text):
        kind = char_class(c)
        if kind == DROPPED:
            continue
        if kind == JOINED:
            if begin < 0:
                if broken and out:
                    out.append((gap, i, True))
                begin, gap, broken = i, -1, False
            end = i + 1
            continue
        if begin >= 0:
            out.append((begin, end, False))
            begin = -1
        if kind == ALONE:
            if broken and out:
                out.append((gap, i, True))
            out.append((i, i + 1, False))
            gap, broken = -1, False
        else:
            gap = i if gap < 0 else gap
            broken = broken or kind == BREAK_CHAR
    if begin >= 0:
        out.append((begin, end, False))
    return out


@dataclass
class Encoded:
    """One text: its words, and word pieces flattened; `first[w]` is the index of word w's first piece."""
    begins: list[int]
    ends: list[int]
    breaks: list[bool]
    pieces: list[int]
    cases: list[int]
    first: list[int]

    def __len__(self) -> int:
        return len(self.begins)


class WordPiece:
    """Greedy longest-match-first word pieces over BERT's vocabulary."""

    def __init__(self, vocab: Path):
        with open(vocab, encoding="utf8") as f:
            self.ids = {line.rstrip("\n"): i for i, line in enumerate(f)}
        self.unknown, self.start, self.stop, self.pad, self.mask = (self.ids[t] for t in ("[UNK]", "[CLS]", "[SEP]", "[PAD]", "[MASK]"))
        self.known: dict[str, tuple[int, ...]] = {}

    def of(self, word: str) -> tuple[int, ...]:
        """The pieces of one normalised word."""
        got = self.known.get(word)
        if got is None:
            got = self.known[word] = self._pieces(word)
        return got

    def _pieces(self, word: str) -> tuple[int, ...]:
        if not word or len(word) > LONGEST_WORD:
            return (self.unknown,)
        out, at = [], 0
        while at < len(word):
            for end in range(len(word), at, -1):
                piece = self.ids.get(word[at:end] if at == 0 else "##" + word[at:end])
                if piece is not None:
                    out.append(piece)
                    at = end
                    break
            else:
                return (self.unknown,)
        return tuple(out)

    def encode(self, text: str) -> Encoded:
        """Splits and looks up one text; breaks become [SEP]."""
        e = Encoded([], [], [], [], [], [])
        for begin, end, is_break in split(text):
            raw = text[begin:end]
            pieces = (self.stop,) if is_break else self.of(normalise(raw))
            case = CASE_NONE if is_break else case_of(raw)
            e.begins.append(begin)
            e.ends.append(end)
            e.breaks.append(is_break)
            e.first.append(len(e.pieces))
            e.pieces.extend(pieces)
            e.cases.extend([case] * len(pieces))
        return e
