"""Reads the pages of docs/, for tests that follow their instructions."""

import re

from .server import ROOT

#: A comment, in any of the pages' languages, that names a file of the game folder.
NAMED = re.compile(r"(?:--|#|//|<!--) ((?:[\w-]+/)*[\w-]+\.\w+)(?: -->)?")


def blocks(page):
    """The fenced blocks of a page, as (heading, language, text)."""
    heading, language, lines = "", None, []
    for line in (ROOT / "docs" / page).read_text().splitlines():
        if language is not None:
            if line == "```":
                yield heading, language, "\n".join(lines) + "\n"
                language = None
            else:
                lines.append(line)
        elif line.startswith("```"):
            language, lines = line[3:], []
        elif line.startswith("#"):
            heading = line.lstrip("# ")


def python(page, heading):
    """The one Python block under a heading of a page."""
    (source,) = [text for above, language, text in blocks(page) if (above, language) == (heading, "python")]
    return source


def files(page):
    """The files of the game folder that a page shows, in order, as (heading, path, text)."""
    for heading, _, text in blocks(page):
        name = NAMED.fullmatch(text.split("\n", 1)[0])
        if name:
            yield heading, name.group(1), text
