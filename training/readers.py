"""The corpora as articles, one reader for each format."""
from __future__ import annotations

import csv
import hashlib
import json
import re
from pathlib import Path
from typing import Iterator

import references
from crf import bio
from data import CONLL, Article


def read_lines(path: Path) -> Iterator[dict]:
    """Rows of a JSONL file."""
    with open(path, encoding="utf8") as f:
        for line in f:
            if line.strip():
                yield json.loads(line)


def polnear(path: Path) -> list[Article]:
    """Attributions of all kinds in US political news."""
    return [Article(str(r["id"]), "polnear", r["text"], attributions=r["attributions"], skip=[tuple(s) for s in r.get("skip", [])])
            for r in read_lines(path)]


def worldwide(path: Path) -> list[Article]:
    """Names of nine types in newspapers of the world."""
    return [Article(str(r["id"]), "worldwide", r["text"], {"worldwide": [(m["begin"], m["end"], m["type"]) for m in r["mentions"]]})
            for r in read_lines(path)]


def news(path: Path, marks: Path) -> list[Article]:
    """Statements in the product's convention, and whom their sources and other phrases mean."""
    meant = {str(r["id"]): r["references"] for r in read_lines(marks)}
    return [Article(str(r["id"]), "news", r["text"], attributions=r["attributions"], stated=True,
                    marks=references.of_news(r["text"], r["attributions"], meant.get(str(r["id"]), [])))
            for r in read_lines(path)]


def joined(first: list[Article], second: list[Article]) -> list[Article]:
    """Both lists; an article of both, with the same text, once and with what both know of it."""
    known = {a.id: a for a in first}
    out = list(first)
    for b in second:
        a = known.get(b.id)
        if a is None or a.text != b.text:
            out.append(b)
            continue
        a.names.update(b.names)
        a.task = f"{a.task}+{b.task}"
    return out


def held_out(article: Article, part: tuple[int, int, int]) -> bool:
    """Whether an article belongs to the part that training leaves out: by a hash of its id, so for ever the same."""
    of, first, last = part
    return first <= int.from_bytes(hashlib.sha256(article.id.encode()).digest()[:8], "big") % of < last


def gap(path: Path) -> list[Article]:
    """Pronouns with two names of which one is meant."""
    with open(path, encoding="utf8", newline="") as f:
        rows = list(csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE))
    out = [Article(r["ID"], "gap", r["Text"], marks=references.of_gap(r)) for r in rows]
    return [a for a in out if a.marks]


ENTITY = re.compile(r"\((\d+)-([a-z]+)[^()]*|(\d+)\)|(\))")


def gum(path: Path) -> list[Article]:
    """Chains of mentions in many genres."""
    out: list[Article] = []
    name, parts, tokens, heads, mentions, opened, stack = "", [], [], [], [], {}, []

    def finish() -> None:
        if tokens:
            whole = [(e, k, a, b, head_of(a, b)) for e, k, a, b in mentions]
            out.append(Article(name, "gum", "".join(parts).rstrip(), marks=references.of_gum(tokens, whole)))
        for x in (parts, tokens, heads, mentions, opened, stack):
            x.clear()

    def head_of(first: int, last: int) -> int:
        outside = [i for i in range(first, last + 1) if not first <= heads[i] <= last]
        return outside[0] if outside else last

    length = base = 0
    glue = ""
    with open(path, encoding="utf8") as f:
        for line in f:
            line = line.rstrip("\n")
            if line.startswith("# newdoc id"):
                finish()
                name, length, glue = line.split("= ")[1], 0, ""
            elif line.startswith("# newpar") and not line.startswith("# newpar_block") and tokens:
                glue = "\n\n"
            elif line.startswith("#"):
                continue
            elif not line:
                base = len(tokens)
                glue = glue or " "
            else:
                cells = line.split("\t")
                if not cells[0].isdigit():
                    continue
                if int(cells[0]) == 1:
                    base = len(tokens)
                parts.append(glue if parts else "")
                length += len(parts[-1])
                parts.append(cells[1])
                tokens.append((length, length + len(cells[1]), cells[1], cells[3]))
                heads.append(base + int(cells[6]) - 1 if cells[6] not in ("0", "_") else -1)
                length += len(cells[1])
                misc = dict(x.split("=", 1) for x in cells[9].split("|") if "=" in x)
                glue = "" if misc.get("SpaceAfter") == "No" else " "
                here = len(tokens) - 1
                for m in ENTITY.finditer(misc.get("Entity", "")):
                    if m[1]:
                        opened.setdefault(m[1], []).append((m[2], here))
                        stack.append(m[1])
                    else:
                        entity = m[3] or (stack[-1] if stack else "")
                        if opened.get(entity):
                            kind, first = opened[entity].pop()
                            mentions.append((entity, kind, first, here))
                            if entity in stack:
                                del stack[len(stack) - 1 - stack[::-1].index(entity)]
    finish()
    return out


def conll(path: Path, task: str = "conll", types: tuple[str, ...] = CONLL) -> list[Article]:
    """Articles of given tokens, joined by spaces, a line break after each sentence."""
    labels = {t: i for i, t in enumerate(bio(types))}
    out: list[Article] = []
    tokens: list[tuple[str, int]] = []

    def finish() -> None:
        while tokens and not tokens[-1][0]:
            tokens.pop()
        if not tokens:
            return
        text, at, gold = "", [], []
        for token, _ in tokens:
            if not token:
                text = text.rstrip(" ") + "\n"
                at.append(-1)
                continue
            at.append(len(text))
            text += token + " "
        span = None
        for (token, tag), begin in zip(tokens + [("", 0)], at + [-1]):
            if span and (not token or not tag or tag % 2 == 1):
                gold.append((span[0], span[1], types[span[2]]))
                span = None
            if tag and token:
                span = (span[0] if span else begin, begin + len(token), (tag - 1) // 2)
        out.append(Article(f"{path.stem}-{len(out)}", task, text.rstrip(" "), {"conll": gold}))
        tokens.clear()

    with open(path, encoding="utf8") as f:
        for line in f:
            cells = line.split()
            if cells and cells[0] == "-DOCSTART-":
                finish()
            elif cells:
                tokens.append((cells[0], labels[cells[-1]]))
            elif tokens and tokens[-1][0]:
                tokens.append(("", 0))
    finish()
    return out


GLUED = ((re.compile(r" ([.,;:!?%)\]])"), r"\1"), (re.compile(r"([(\[$]) "), r"\1"),
         (re.compile(r" ('s|'re|'ve|'ll|n't|'d|'m)\b"), r"\1"))


def voa(path: Path, sentences: int = 16) -> list[str]:
    """Sentences of Voice of America, which are shuffled, put together to texts: a line each, and every other time two a paragraph."""
    lines, tokens = [], []
    with open(path, encoding="utf8") as f:
        for line in [*f, ""]:
            cells = line.split()
            if cells:
                tokens.append(cells[0])
            elif tokens:
                text = " ".join(tokens)
                for pattern, replacement in GLUED:
                    text = pattern.sub(replacement, text)
                lines.append(text)
                tokens = []
    out = []
    for n, begin in enumerate(range(0, len(lines), sentences)):
        some = lines[begin:begin + sentences]
        pairs = [" ".join(some[i:i + 2]) for i in range(0, len(some), 2)]
        out.append("\n".join(some) if n % 2 else "\n\n".join(pairs))
    return out


def stated(root: Path, part: tuple[int, int, int], inside: bool) -> list[Article]:
    """The news articles that lie inside of the part, or outside."""
    everything = news(root / "quotes/news-train.jsonl", root / "coref/news-train-reference.jsonl")
    return [a for a in everything if held_out(a, part) == inside]


def training(root: Path, shares: dict[str, float], part: tuple[int, int, int]) -> dict[str, list[Article]]:
    """The training articles of each corpus that has a share. Articles of the news are left out by `part`; those that Worldwide
    has too come with its names, and count among the news."""
    share = lambda name: shares.get(name, 1.0)
    world = worldwide(root / "ner/worldwide-train.jsonl")
    statements = stated(root, part, False) if share("news") else []
    world = joined(statements, world)
    gaps = [gap(root / f"coref/gap-{x}.tsv") for x in ("development", "validation")] if share("gap") else [[], []]
    out = {"news": world[:len(statements)], "worldwide": world[len(statements):],
           "polnear": polnear(root / "quotes/polnear-train.jsonl") if share("polnear") else [],
           "conll": conll(root / "ner/conll2003-train.conll") if share("conll") else [],
           "gum": gum(root / "gum/gum-train.conllu") if share("gum") else [], "gap": gaps[0] + gaps[1]}
    return {k: v for k, v in out.items() if v and share(k)}
