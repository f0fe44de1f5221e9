"""Reads Prometheus' text format, and asks Debian's promtool about it."""

import re
import shutil
import subprocess

from .server import ROOT
from .waiting import PATIENCE

PROMTOOL = shutil.which("promtool") or ROOT / ".build/prometheus/usr/bin/promtool"
SAMPLE = re.compile(r'(\w+)(?:\{(.*)\})? (\S+)')
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


class Scrape:
    """All samples of one answer of `/metrics`."""

    def __init__(self, text):
        self.text = text
        self.kinds = dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, re.MULTILINE))
        #: (name, labels, value) of each sample.
        self.samples = [
            (name, dict(LABEL.findall(labels or "")), float(value))
            for name, labels, value in (
                SAMPLE.fullmatch(line).groups() for line in text.splitlines() if not line.startswith("#"))
        ]

    def value(self, name, **labels):
        """The sum of the samples of a name that have these labels, or None when there is none."""
        found = [
            value for other, has, value in self.samples
            if other == name and all(has.get(label) == text for label, text in labels.items())
        ]
        return sum(found) if found else None

    def labels(self, name, label):
        """The values of a label."""
        return {has.get(label) for other, has, _ in self.samples if other == name}


def promtool(*arguments, text=""):
    """What promtool says; nothing when it finds no fault."""
    result = subprocess.run(
        [str(PROMTOOL), *arguments], input=text, capture_output=True, text=True, timeout=PATIENCE)
    return result.returncode, result.stdout + result.stderr
