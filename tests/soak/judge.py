"""judge.py: what a soak has shown, and whether it holds: exits with 1 where it does not.

The first quarter is warm-up: caches fill, the corpus reaches its size. What follows is compared with itself: the last quarter with the
second.
"""

import argparse
import csv
import json
import statistics
import sys

# How much more memory the median of the last quarter may be than that of the second.
MEMORY_GROWTH = 0.05
# The same of the disk, by the most: segments of the index are merged now and then, and pages of the store are used again.
DISK_GROWTH = 0.25
# Fewer samples in a quarter than this say nothing.
LEAST_SAMPLES = 3


def quarters(rows, column):
    """The values of a column in the second and in the last quarter of the time."""
    values = [(float(row["seconds"]), float(row[column])) for row in rows]
    end = values[-1][0]
    second = [value for seconds, value in values if end / 4 <= seconds < end / 2]
    last = [value for seconds, value in values if seconds >= end * 3 / 4]
    return second, last


def mib(number):
    return f"{number / 2**20:.1f} MiB"


def grown(name, before, after, most):
    growth = after / before - 1
    seen = f"{name}: {mib(before)} in the second quarter, {mib(after)} in the last: {growth:+.1%}"
    return seen, growth <= most


def findings(rows, report, code):
    """What was seen, each with whether it is as it should be."""
    if len(rows) < 4 * LEAST_SAMPLES:
        yield f"{len(rows)} samples are too few to judge by", False
    else:
        second, last = quarters(rows, "rss_anon")
        yield grown("anonymous memory, median", statistics.median(second), statistics.median(last), MEMORY_GROWTH)
        second, last = quarters(rows, "disk")
        yield grown("disk, most", max(second), max(last), DISK_GROWTH)
        errors = int(rows[-1]["errors"])
        yield f"errors by the service's count, beside being turned away: {errors}", errors == 0
    yield f"exit code of the load: {code}", code == 0
    if report is None:
        yield "the load gave no report", False
        return
    every = report["all"]
    yield f"requests: {every['sent']} sent, {every['ok']} answered, {report['unsent']} due and not sent", every["ok"] > 0
    yield f"errors: {every['errors']} {json.dumps(every['examples'])}", every["errors"] == 0
    told = every["shedWithRetryInfo"]
    yield f"turned away: {every['shed']}, {told} of them with RetryInfo", told == every["shed"]
    times = ", ".join(f"{name} {time:.2f}" for name, time in every["latencyMs"].items())
    yield f"latency from when a request was due, ms: {times}", True


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--samples", required=True)
    parser.add_argument("--report", required=True)
    parser.add_argument("--code", required=True, type=int)
    args = parser.parse_args()
    with open(args.samples, encoding="utf-8", newline="") as samples:
        rows = list(csv.DictReader(samples))
    with open(args.report, encoding="utf-8") as text:
        text = text.read()
    holds = True
    for seen, fine in findings(rows, json.loads(text) if text.strip() else None, args.code):
        print(f"{'ok    ' if fine else 'WRONG '} {seen}")
        holds = holds and fine
    sys.exit(0 if holds else 1)


if __name__ == "__main__":
    main()
