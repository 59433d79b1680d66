"""watch.py: looks at a service every few seconds until the load has ended, and writes a line of CSV each time.

Memory is RssAnon, what the process has taken for itself; pages of files that the index maps are the system's and come and go. Latencies
are quantiles of all calls since the line before, by the service's own histograms.
"""

import argparse
import csv
import os
import re
import sys
import time
import urllib.request

EVERY = 5.0
COLUMNS = ["seconds", "rss_anon", "disk", "requests", "shed", "errors", "p50_ms", "p99_ms"]
# Of codes, those that are no error here.
FINE = {"OK"}
SHED = {"UNAVAILABLE", "RESOURCE_EXHAUSTED"}
LINE = re.compile(r"^(\w+)(?:\{(.*)\})? (\S+)")
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


def metrics(text):
    """Name, labels and value of each sample."""
    for line in text.splitlines():
        found = LINE.match(line)
        if found:
            yield found[1], dict(LABEL.findall(found[2] or "")), float(found[3])


def calls(samples):
    """Requests, those turned away, those that failed, and the cumulative counts of the histograms' buckets, over all methods."""
    requests = shed = errors = 0
    buckets = {}
    for name, labels, value in samples:
        if name == "dictum_requests_total":
            requests += value
            shed += value if labels["code"] in SHED else 0
            errors += value if labels["code"] not in FINE | SHED else 0
        elif name == "dictum_request_duration_seconds_bucket":
            end = float(labels["le"].replace("+Inf", "inf"))
            buckets[end] = buckets.get(end, 0) + value
    return int(requests), int(shed), int(errors), buckets


def quantile(share, before, now):
    """The quantile of what came between two looks, in milliseconds, evenly spread within its bucket; nothing where nothing came."""
    counts = [(end, now[end] - before.get(end, 0)) for end in sorted(now)]
    total = counts[-1][1] if counts else 0
    if total == 0:
        return ""
    wanted, last_end, last = share * total, 0.0, 0
    for end, count in counts:
        if count >= wanted:
            if end == float("inf"):
                return round(last_end * 1000, 3)
            return round((last_end + (end - last_end) * (wanted - last) / max(count - last, 1)) * 1000, 3)
        last_end, last = end, count
    return round(last_end * 1000, 3)


def rss_anon(process):
    with open(f"/proc/{process}/status", encoding="utf-8") as status:
        for line in status:
            if line.startswith("RssAnon:"):
                return int(line.split()[1]) * 1024
    raise SystemExit(f"process {process} has no RssAnon: this needs Linux")


def disk(folder):
    """Bytes that files take on the disk. Files come and go while one looks."""
    total = 0
    for path, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.stat(os.path.join(path, name)).st_blocks * 512
            except FileNotFoundError:
                pass
    return total


def is_running(process):
    try:
        with open(f"/proc/{process}/stat", encoding="utf-8") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--metrics", required=True)
    parser.add_argument("--service", required=True, type=int)
    parser.add_argument("--load", required=True, type=int)
    parser.add_argument("--data", required=True)
    args = parser.parse_args()
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(COLUMNS)
    start, before = time.monotonic(), {}
    while is_running(args.load):
        if not is_running(args.service):
            # The load tells the rest, by its exit code.
            print("the service has ended", file=sys.stderr)
            break
        with urllib.request.urlopen(args.metrics, timeout=10) as answer:
            requests, shed, errors, buckets = calls(metrics(answer.read().decode()))
        times = [quantile(share, before, buckets) for share in (0.5, 0.99)]
        before = buckets
        seconds = round(time.monotonic() - start, 1)
        out.writerow([seconds, rss_anon(args.service), disk(args.data), requests, shed, errors, *times])
        sys.stdout.flush()
        time.sleep(EVERY)


if __name__ == "__main__":
    main()
