"""`perigee operators`: accounts of a running server, on the command line."""

import json
import os
import pty
import select
import subprocess

import pytest

from harness.server import BINARY
from harness.waiting import PATIENCE, until

PASSWORD = "correct horse battery"


@pytest.fixture
def server(server):
    """A server that commands find: it answers before it has written down its address."""
    until((server.data / "server.url").exists, "the server's address")
    return server


def operators(server, *words, password=""):
    return subprocess.run(
        [str(BINARY), "operators", *words, "--data", str(server.data)], capture_output=True, text=True,
        timeout=PATIENCE, input=password)


def done(server, *words, password=""):
    result = operators(server, *words, password=password)
    assert (result.returncode, result.stderr) == (0, ""), result
    return result.stdout


def log_in(server, login, password=PASSWORD):
    return server.post("/server/api/v1/session", json={"login": login, "password": password}).status_code


def test_an_account_is_made_changed_and_disabled(server):
    assert done(server, "list") == "there is no operator yet; perigee operators add makes one\n"
    assert done(server, "add", "ada", "--role", "owner", password=PASSWORD + "\n") == \
        "ada is an operator now, with the role owner\n"
    assert done(server, "add", "bo", password=PASSWORD) == "bo is an operator now, with the role viewer\n"
    assert log_in(server, "bo") == 200
    assert done(server, "role", "BO", "editor") == "bo has the role editor now\n"
    assert done(server, "list") == "ada  owner\nbo   editor\n"
    assert "has another password now" in done(server, "password", "bo", password="another horse\n")
    assert (log_in(server, "bo"), log_in(server, "bo", "another horse")) == (401, 200)
    assert done(server, "disable", "bo") == "bo is disabled now\n"
    assert log_in(server, "bo", "another horse") == 401
    assert done(server, "list").endswith("bo   editor, disabled\n")
    assert done(server, "enable", "bo") == "bo can log in again\n"
    assert log_in(server, "bo", "another horse") == 200
    assert [(account["login"], account["role"]) for account in json.loads(done(server, "list", "--json"))] == \
        [("ada", "owner"), ("bo", "editor")]
    key = {"Authorization": f"Bearer {server.operator_key()}"}
    entries = server.get("/server/api/v1/audit?action=operators.&actor=key%20file", headers=key).json()
    assert [(entry["action"], entry["target"]) for entry in entries] == [
        ("operators.change", "bo"), ("operators.change", "bo"), ("operators.password", "bo"),
        ("operators.change", "bo"), ("operators.create", "bo"), ("operators.create", "ada")]
    assert not any(PASSWORD in json.dumps(entry) for entry in entries)


@pytest.mark.parametrize("words, password, status, says", [
    (["add", "ada"], PASSWORD, 1, "the server refused"),
    (["add", "bo"], "short", 1, "the server refused: "),
    (["add", "bo"], "", 2, "the standard input has no line with a password for bo"),
    (["role", "ada", "viewer"], "", 1, "the server refused: "),
    (["disable", "ada"], "", 1, "the server refused: "),
    (["role", "zoe", "viewer"], "", 1, 'there is no operator "zoe"; perigee operators list prints all'),
    (["password", "zoe"], PASSWORD, 1, 'there is no operator "zoe"'),
    (["role", "ada", "king"], "", 2, "king"),
    (["lst"], "", 2, "list"),
])
def test_what_is_not_possible_is_told(server, words, password, status, says):
    done(server, "add", "ada", "--role", "owner", password=PASSWORD)
    result = operators(server, *words, password=password)
    assert (result.returncode, result.stdout) == (status, "")
    assert says in result.stderr
    assert done(server, "list") == "ada  owner\n"


def test_without_a_server_it_says_what_to_do(tmp_path):
    result = subprocess.run(
        [str(BINARY), "operators", "list", "--data", str(tmp_path)], capture_output=True, text=True, timeout=PATIENCE)
    assert result.returncode == 1
    assert result.stderr.startswith("perigee: no server runs over the data folder") and result.stderr.count("\n") == 1


@pytest.mark.parametrize("second, status", [(PASSWORD, 0), ("another horse", 2)])
def test_a_terminal_asks_twice_and_shows_nothing(server, second, status):
    person, terminal = pty.openpty()
    process = subprocess.Popen(
        [str(BINARY), "operators", "add", "ada", "--data", str(server.data)], stdin=terminal, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True)
    try:
        for number, line in enumerate((PASSWORD, second)):
            # What is typed before the prompt is thrown away, so the prompt comes first.
            question = ("New password for ada: ", "\nThe same again: ")[number]
            assert process.stderr.read(len(question)) == question
            os.write(person, f"{line}\n".encode())
        out, err = process.communicate(timeout=PATIENCE)
        shown = os.read(person, 1000) if select.select([person], [], [], 0)[0] else b""
    finally:
        process.kill()
        os.close(terminal)
        os.close(person)
    assert process.returncode == status, err
    assert b"horse" not in shown
    assert ("ada is an operator now" in out) == (status == 0)
    assert ("the two passwords differ" in err) == (status == 2)
