"""The scripts of Tests/Attacks."""

from .server import ROOT

FOLDER = ROOT / "Tests/Attacks"


def files():
    return sorted(FOLDER.glob("*.lua"))


def read(path):
    """The script as it is run, and its header; see Tests/AttackFiles/Attack.swift."""
    header, lines = {}, []
    for line in path.read_bytes().split(b"\n"):
        if not line.startswith(b"--@"):
            lines.append(line)
            continue
        key, _, rest = line[3:].decode().partition(" ")
        if key == "repeat":
            count, _, text = rest.partition(" ")
            lines += [text.encode()] * int(count)
        else:
            header[key] = rest
            lines.append(b"")
    return b"\n".join(lines), header
