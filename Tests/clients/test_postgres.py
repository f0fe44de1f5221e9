"""A server whose store is PostgreSQL (`serve --store`)."""

import json

import pytest

from harness.games import BARE
from harness.kills import lose_at_most_a_second
from harness.postgres import Postgres, stored
from harness.server import perigee
from harness.waiting import until


@pytest.fixture
def postgres():
    """A PostgreSQL with an empty database."""
    running = Postgres()
    yield running
    running.remove()


@pytest.fixture
def serve_shared(serve, postgres):
    """Starts a server whose store is the PostgreSQL."""
    return lambda files=BARE, *options, **settings: serve(files, "--store", postgres.url, *options, **settings)


def exported(postgres):
    result = perigee("export", "--store", postgres.url)
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_kill_9_loses_at_most_the_last_second(serve_shared):
    server = serve_shared()
    # The database takes its lock from a process that is gone.
    lose_at_most_a_second(server)
    assert not (server.data / "perigee.sqlite").exists()


def test_sigterm_and_a_new_start_on_another_machine_bring_everything_back(serve_shared):
    server = serve_shared()
    ada = server.join("ada")
    ada.send("hit", amount=4)
    ada.send("summon")
    ada.wait(lambda: ada.me["components"]["hp"] == 6, "the hit")
    goblins = ada.wait(lambda: [key for key in ada.entities if key.startswith("enemys_")], "the goblin")
    assert server.stop() == 0
    # Another data folder, as on another machine.
    other = serve_shared()
    again = other.join("ada", kind="auth")
    assert again.key == ada.key and again.me["components"]["hp"] == 6
    assert [key for key in again.entities if key.startswith("enemys_")] == goblins


@pytest.mark.parametrize("how", ["stopped", "frozen"])
def test_without_its_database_the_game_goes_on_and_only_logins_fail(serve_shared, postgres, how):
    server = serve_shared()
    ada = server.join("ada")
    server.sign("register", "bob")
    stored(lambda: exported(postgres), '"login":"ada","prefab"')
    if how == "stopped":
        postgres.stop()
    else:
        postgres.freeze()
    for n in range(5):
        ada.send("move/to", x=n + 1, y=7)
        ada.wait(lambda: (ada.me["x"], ada.me["y"]) == (n + 1, 7), "a move")
    answer = server.post("/server/sign/auth/", json={"login": "bob", "password": "correct horse"})
    assert (answer.status_code, answer.json()["code"]) == (503, "storage")
    until(lambda: server.says("saving failed; it is tried again every second"), "the server says that saving fails")
    if how == "stopped":
        postgres.start()
    else:
        postgres.thaw()
    until(lambda: server.says("saving works again"), "saving works again")
    stored(lambda: exported(postgres), '"x":5,"y":7')
    bob = server.join("bob", kind="auth")
    ada.wait(lambda: bob.key in ada.entities, "bob")
    assert server.errors() == []


def test_a_restart_of_the_database_between_two_questions_is_not_noticed(serve_shared, postgres):
    server = serve_shared()
    server.sign("register", "ada")
    for _ in range(2):
        postgres.stop()
        postgres.start()
        server.sign("auth", "ada")


def refusal(command, *options):
    """What a command says that must not start."""
    result = perigee(*command, *options)
    assert result.returncode == 1 and result.stdout == "", result
    assert result.stderr.startswith("perigee: ") and result.stderr.count("\n") == 1
    assert "secret" not in result.stderr
    return result.stderr


def test_a_server_without_its_store_does_not_start(serve_shared, postgres, tmp_path):
    def refused(store, game=tmp_path / "game"):
        return refusal(["serve", game, "--data", tmp_path / "data", "--port", 0, "--store", store])

    (tmp_path / "game").mkdir()
    (tmp_path / "game/game.yaml").write_text("name: Another\n")
    assert "it does not begin with postgres://" in refused("data/perigee.sqlite")
    assert "is no URL of the form" in refused("postgres://ada:secret@db/game?colour=blue")
    unreachable = refused("postgres://ada:secret@127.0.0.1:1/game")
    assert "can't reach the database postgres://ada@127.0.0.1:1/game: " in unreachable
    assert "check the address" in unreachable
    missing = refused(postgres.url.replace("/postgres", "/nobodys"))
    assert 'database "nobodys" does not exist' in missing
    server = serve_shared()
    assert "is in use by another server" in refused(postgres.url)
    assert server.stop() == 0
    assert 'and this is "Another"' in refused(postgres.url)
    server.start()
    assert server.stop() == 0


def test_two_servers_can_not_share_a_data_folder(serve_shared, serve, tmp_path):
    server = serve_shared()
    (tmp_path / "game").mkdir()
    said = refusal(["serve", tmp_path / "game", "--data", server.data, "--port", 0])
    assert "in use by another process" in said


def test_a_renamed_game_takes_its_database_over(serve_shared, postgres):
    server = serve_shared()
    server.sign("register", "ada")
    assert server.stop() == 0
    renamed = serve_shared({**BARE, "game.yaml": "name: Renamed\n"}, "--renamed")
    renamed.sign("auth", "ada")


def test_a_game_moves_into_the_shared_store_and_back(serve, serve_shared, postgres, tmp_path):
    server = serve(BARE)
    ada = server.join("ada")
    ada.send("hit", amount=4)
    ada.wait(lambda: ada.me["components"]["hp"] == 6, "the hit")
    assert server.stop() == 0
    file, back = tmp_path / "game.jsonl", tmp_path / "back.jsonl"
    assert perigee("export", file, "--data", server.data).returncode == 0
    result = perigee("import", file, "--store", postgres.url)
    assert result.returncode == 0 and f"are in {postgres.url}" in result.stderr
    assert "holds a game already" in refusal(["import", file, "--store", postgres.url])
    assert perigee("import", file, "--store", postgres.url, "--replace").returncode == 0
    shared = serve_shared()
    assert shared.join("ada", kind="auth").me["components"]["hp"] == 6
    assert "is in use by another server" in refusal(["import", file, "--store", postgres.url, "--replace"])
    assert perigee("backup", back, "--store", postgres.url).returncode == 0
    assert shared.stop() == 0
    assert perigee("import", back, "--data", tmp_path / "again").returncode == 0
    again = serve(BARE, data=tmp_path / "again")
    assert again.join("ada", kind="auth").me["components"]["hp"] == 6


def test_the_variable_names_the_store_too(serve, postgres):
    server = serve(BARE, environment={"PERIGEE_STORE": postgres.url})
    server.sign("register", "ada")
    assert '"login":"ada"' in exported(postgres)
    both = perigee("export", "--store", postgres.url, "--data", server.data)
    assert both.returncode != 0 and "name two databases" in both.stderr


def measured(*arguments):
    result = perigee("bench", *arguments, "--json")
    assert result.returncode == 0, result
    return json.loads(result.stdout)["runs"]


def test_the_bench_measures_saves_in_both_engines(postgres):
    for _ in range(2):
        (run,) = measured("saves", "--players", 300, "--seconds", 2, "--store", postgres.url)
        assert run["label"] == "PostgreSQL" and run["p50_ms"] > 0 and run["database_cpu_us_per_entity"] >= 0
    (run,) = measured("saves", "--players", 300, "--seconds", 2)
    assert run["label"] == "SQLite" and run["own_cpu_us_per_entity"] > 0


def test_the_bench_leaves_any_other_game_alone(serve_shared, postgres):
    for _ in range(2):
        (run,) = measured("players", "--players", 3, "--seconds", 1, "--store", postgres.url)
        assert run["players"] == 3
    # The bench leaves the game of its server.
    assert '"login":"bench3"' in exported(postgres)
    server = serve_shared(BARE, "--renamed")
    server.sign("register", "ada")
    assert server.stop() == 0
    for bench in (["saves"], ["players", "--players", 3]):
        result = perigee("bench", *bench, "--seconds", 1, "--store", postgres.url)
        assert result.returncode == 1 and "holds a game already" in result.stderr
    assert '"login":"ada"' in exported(postgres)
