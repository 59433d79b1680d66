"""picture.py CSV: what a soak has shown over time, as SVG: memory, disk, latency, what was turned away and what failed."""

import csv
import sys
from html import escape

WIDTH, HEIGHT = 900, 170
LEFT, RIGHT, TOP, BOTTOM = 80, 20, 30, 25
COLOURS = ["#1f6fb2", "#c0562b"]
MIB = 2**20
# Title, and the lines: column, name, by what it is divided.
PANELS = [
    ("anonymous memory, MiB", [("rss_anon", "RssAnon", MIB)]),
    ("disk, MiB", [("disk", "data directory", MIB)]),
    ("latency of all calls, ms", [("p50_ms", "p50", 1), ("p99_ms", "p99", 1)]),
    ("requests, all together", [("shed", "turned away", 1), ("errors", "failed", 1)]),
]


def points(rows, column, divisor):
    return [(float(row["seconds"]) / 60, float(row[column]) / divisor) for row in rows if row[column] != ""]


def text(x, y, said, anchor="start", colour="#444"):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">{escape(said)}</text>'


def panel(rows, title, lines, top):
    drawn = [(name, points(rows, column, divisor)) for column, name, divisor in lines]
    every = [point for _, line in drawn for point in line]
    minutes = max((x for x, _ in every), default=0) or 1
    most = max((y for _, y in every), default=0) * 1.1 or 1
    across, down = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
    foot = top + TOP + down
    yield text(LEFT, top + 18, title)
    for step in range(5):
        y, x = foot - down * step / 4, LEFT + across * step / 4
        yield f'<line x1="{LEFT}" y1="{y:.1f}" x2="{WIDTH - RIGHT}" y2="{y:.1f}" stroke="#ddd"/>'
        yield text(LEFT - 8, y + 4, f"{most * step / 4:.4g}", "end")
        yield text(x, foot + 16, f"{minutes * step / 4:.3g} min", "middle")
    for number, (name, line) in enumerate(drawn):
        colour = COLOURS[number]
        path = " ".join(f"{LEFT + across * x / minutes:.1f},{foot - down * y / most:.1f}" for x, y in line)
        yield f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.5"/>'
        yield text(WIDTH - RIGHT - 110 * (len(drawn) - 1 - number), top + 18, name, "end", colour)


def picture(rows):
    height = HEIGHT * len(PANELS)
    yield f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" font-family="sans-serif" font-size="12">'
    yield f'<rect width="{WIDTH}" height="{height}" fill="white"/>'
    for number, (title, lines) in enumerate(PANELS):
        yield from panel(rows, title, lines, number * HEIGHT)
    yield "</svg>"


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8", newline="") as samples:
        print("\n".join(picture(list(csv.DictReader(samples)))))
