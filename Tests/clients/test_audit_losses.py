"""What an operator is told when the audit log can't be written."""

import sqlite3

from harness.waiting import until

REFUSES = """
CREATE TRIGGER refuse_all BEFORE INSERT ON audit_log BEGIN SELECT RAISE(ABORT, 'no space for the audit log'); END
"""


def test_a_change_without_its_entry_is_made_and_told(server):
    key = {"Authorization": f"Bearer {server.operator_key()}"}

    def make(name):
        return server.post("/server/api/v1/keys", json={"name": name, "role": "viewer"}, headers=key)

    def actions():
        return [entry["action"] for entry in server.get("/server/api/v1/audit", headers=key).json()]

    assert "X-Perigee-Audit" not in make("one").headers
    assert "missing since the start" not in server.get("/admin/audit", headers=key).text
    with sqlite3.connect(server.data / "perigee.sqlite") as database:
        database.execute(REFUSES)
    made = make("two")
    assert made.status_code == 200 and made.json()["secret"].startswith("perigee_")
    assert made.headers["X-Perigee-Audit"] == "lost"
    names = [entry["name"] for entry in server.get("/server/api/v1/keys", headers=key).json()]
    assert names == ["one", "two"]
    assert actions() == ["keys.create"]
    assert "1 entry is missing since the start" in " ".join(server.get("/admin/audit", headers=key).text.split())
    until(lambda: server.says("an entry of the audit log is lost"), "the line in the server's log")
    assert "no space for the audit log" in server.output.read_text() and "keys.create" in server.output.read_text()
    with sqlite3.connect(server.data / "perigee.sqlite") as database:
        database.execute("DROP TRIGGER refuse_all")
    assert "X-Perigee-Audit" not in make("three").headers
    assert actions() == ["keys.create", "keys.create"]
