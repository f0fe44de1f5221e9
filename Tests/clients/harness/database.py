"""Checks the database of a killed server, on a copy of its files."""

import json
import shutil
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path


def problems(data, crowd, couriers=0):
    """The problems of a data folder, as texts; the folder's server must not run."""
    with tempfile.TemporaryDirectory() as folder:
        for file in data.glob("perigee.sqlite*"):
            shutil.copy(file, folder)
        with closing(sqlite3.connect(Path(folder) / "perigee.sqlite")) as database:
            return list(check(database, crowd, couriers))


def check(database, crowd, couriers):
    soundness = database.execute("PRAGMA integrity_check").fetchall()
    if soundness != [("ok",)]:
        yield f"integrity_check says {soundness[:5]}"
    accounts = dict(database.execute("SELECT login, id FROM accounts"))
    rows = database.execute("SELECT kind, id, map_id, prefab, components FROM entities").fetchall()
    places = {}
    for kind, number, map_id, _, _ in rows:
        places.setdefault((kind, number), []).append(map_id)
    for key, maps in places.items():
        if len(maps) != 1 or maps[0] not in (1, 2):
            yield f"{key} is on the maps {maps}"
    found = sum(kind == "enemys" and prefab == "courier" for kind, _, _, prefab, _ in rows)
    if found != couriers:
        yield f"there are {found} couriers, not {couriers}"
    values = {
        number: json.loads(components).get("n") for kind, number, _, _, components in rows if kind == "players"}
    horizon = crowd.killed_at - crowd.loss
    for member in crowd.members:
        if not member.has_account:
            continue
        if member.login not in accounts:
            yield f"the account {member.login} is gone"
        elif member.joined is not None and member.joined <= horizon:
            number = accounts[member.login]
            if number not in values:
                yield f"the player {member.login} is gone"
            elif (values[number] or 0) < crowd.floor(member):
                yield f"{member.login} is stored with n = {values[number]}, and {crowd.floor(member)} was seen in time"
