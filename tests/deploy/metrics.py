"""The list of metrics, and whether expressions keep to it. Nothing here knows where expressions come from."""

import re
from pathlib import Path

import promql_parser

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
# What others export: Prometheus itself.
FOREIGN = {
    "up": set(),
}
# Every series of a target has these.
TARGET = {"job", "instance"}
# What Grafana puts in, and something of its kind.
VARIABLES = {"$__rate_interval": "5m", "$job": "dictum", "$instance": ".*"}


def listed():
    """Name -> (type, labels) of deploy/metrics.txt."""
    metrics = {}
    for number, line in enumerate((DEPLOY / "metrics.txt").read_text().splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        name, kind, labels, text = line.split(None, 3)
        assert kind in ("counter", "gauge", "histogram"), f"metrics.txt:{number}: {kind} is no type"
        assert (kind == "counter") == name.endswith("_total"), f"metrics.txt:{number}: _total is for counters"
        assert name not in metrics, f"metrics.txt:{number}: {name} stands there twice"
        assert text.endswith("."), f"metrics.txt:{number}: says nothing"
        metrics[name] = (kind, set() if labels == "-" else set(labels.split(",")))
    return metrics


def series():
    """Name -> labels of every series that there may be."""
    names = dict(FOREIGN)
    for name, (kind, labels) in listed().items():
        if kind == "histogram":
            names |= {f"{name}_bucket": labels | {"le"}, f"{name}_sum": labels, f"{name}_count": labels}
        else:
            names[name] = labels
    return {name: labels | TARGET for name, labels in names.items()}


def faults(expression, known):
    """What is wrong with an expression, in words."""
    for variable, value in VARIABLES.items():
        expression = expression.replace(variable, value)
    if "$" in expression:
        return [f"an unknown variable in {expression}"]
    try:
        tree = promql_parser.parse(expression)
    except ValueError as error:
        return [f"{error} in {expression}"]
    found, allowed = [], set(TARGET)
    for name, labels in visit(tree):
        if name not in known:
            found.append(f"unknown metric {name}")
            continue
        allowed |= known[name]
        if labels - known[name]:
            found.append(f"{name} has no label {', '.join(sorted(labels - known[name]))}")
    for group in re.findall(r"\b(?:by|without|on|ignoring)\s*\(([^)]*)\)", expression):
        strange = {label.strip() for label in group.split(",")} - allowed - {""}
        if strange:
            found.append(f"grouped by the unknown label {', '.join(sorted(strange))}")
    return [f"{fault} in {expression}" for fault in found]


def visit(node):
    """(metric, labels that are matched) of each selector under a node of the parsed expression."""
    kind = type(node).__name__
    if kind == "MatrixSelector":
        node, kind = node.vector_selector, "VectorSelector"
    if kind == "VectorSelector":
        yield node.name, {matcher.name for matcher in node.matchers.matchers}
        return
    for child in children(node):
        yield from visit(child)


def children(node):
    for field in ("lhs", "rhs", "expr", "param", "args"):
        value = getattr(node, field, None)
        for child in value if isinstance(value, list) else [value]:
            if child is not None and not isinstance(child, (str, float)):
                yield child

