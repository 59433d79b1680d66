"""Random surface changes that keep every offset: what texts on the way to a reader suffer, so that the network has seen it."""
from __future__ import annotations

import random

TITLE_LONGEST = 160
STYLES = (("\"\"''", 0.12), ("‘’‘’", 0.04), ("''''", 0.03), ("«»‘’", 0.02), ("„“‚‘", 0.02))
OPENERS = frozenset(" \n\t([{—–-/\u00a0")


def curled(text: str) -> str:
    """Straight double marks as the curly ones that they stand for."""
    out = list(text)
    for i, c in enumerate(out):
        if c == '"':
            out[i] = "“" if i == 0 or text[i - 1] in OPENERS else "”"
    return "".join(out)


def restyled(text: str, style: str) -> str:
    """Double quotation marks, and single ones that open or close, in another style."""
    double = str.maketrans({"“": style[0], "”": style[1]})
    if style[:2] == "\"\"":
        return text.translate(str.maketrans("“”‘’", "\"\"''"))
    return curled(text).translate(double)


def vary(text: str, rng: random.Random) -> str:
    """One rewriting of a text; most stay as they are."""
    chance = rng.random()
    for style, part in STYLES:
        if chance < part:
            text = restyled(text, style)
            break
        chance -= part
    else:
        if chance < 0.08:
            text = curled(text)
    if rng.random() < 0.05:
        marks = [i for i, c in enumerate(text) if c in "“”\""]
        for i in rng.sample(marks, min(len(marks), rng.randint(1, 2))):
            text = text[:i] + " " + text[i + 1:]
    if rng.random() < 0.03:
        text = text.replace("\n", " ")
    end = text.find("\n")
    if 0 < end <= TITLE_LONGEST and rng.random() < 0.08:
        way = rng.choice((str.upper, str.upper, str.lower, str.title))
        title = way(text[:end])
        if len(title) == end:
            text = title + text[end:]
    return text
