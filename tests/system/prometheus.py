"""A strict reader of Prometheus' text format 0.0.4: what it lets through, any
scraper does."""

import math
import re

NAME = re.compile(r"[a-z][a-z0-9_]*")  # stricter than the format: ours
LABEL = re.compile(r'([a-z][a-z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"')
SAMPLE = re.compile(r"([a-z][a-z0-9_]*)(?:\{(.*)\})? (\S+)")
NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?(e[+-]?[0-9]+)?")


def labels(text):
    found = {}
    while text:
        match = LABEL.match(text)
        assert match, f"label: {text}"
        name, value = match.groups()
        assert name not in found, f"label {name} twice"
        found[name] = re.sub(r"\\(.)", lambda m: {"n": "\n"}.get(m[1], m[1]), value)
        text = text[match.end():]
        assert not text or text.startswith(","), f"behind a label: {text}"
        text = text[1:]
    return frozenset(found.items())


def parse(text):
    """{family: {"type": .., "help": .., "values": {labels: number}}}"""
    assert text.endswith("\n") and "\r" not in text
    families = {}
    current = None
    for line in text[:-1].split("\n"):
        if line.startswith("# HELP "):
            name, help_text = line[7:].split(" ", 1)
            assert NAME.fullmatch(name) and name.startswith("pharos_"), name
            assert name not in families, f"{name} is said twice"
            assert help_text and not help_text.endswith("."), help_text
            current = families[name] = {"help": help_text, "values": {}}
            continue
        if line.startswith("# TYPE "):
            again, kind = line[7:].split(" ")
            assert again == name and "type" not in current, line
            assert kind in ("counter", "gauge"), line
            assert (kind == "counter") == name.endswith("_total"), line
            current["type"] = kind
            continue
        match = SAMPLE.fullmatch(line)
        assert match, f"no sample: {line}"
        assert match[1] == name and "type" in current, f"not of {name}: {line}"
        assert NUMBER.fullmatch(match[3]), line
        key, value = labels(match[2] or ""), float(match[3])
        assert key not in current["values"], f"twice: {line}"
        assert math.isfinite(value)
        assert current["type"] != "counter" or value >= 0, line
        current["values"][key] = value
    assert all("type" in family for family in families.values())
    return families


def value(families, name, **which):
    """One value, or None when it is left out."""
    return families[name]["values"].get(frozenset(which.items()))
