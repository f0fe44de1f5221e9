"""1-protocol.md 1 and 2: login over HTTP, one-time tokens, the handshake."""

import base64

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from harness.player import Player, address


def refused(url, **options):
    """The status with which a handshake is refused."""
    with pytest.raises(InvalidStatus) as refusal:
        connect(url, open_timeout=10, proxy=None, **options)
    return refusal.value.response.status_code


def test_registering_answers_everything_a_client_needs(server):
    answer = server.sign("register", "ada")
    assert set(answer) >= {"id", "key", "token", "host", "port", "map_id", "fps", "step", "session"}
    assert answer["key"] == f"players_{answer['id']}"
    assert answer["port"] == server.port
    assert answer["map_id"] == 1
    assert answer["fps"] == 60
    assert answer["step"] == pytest.approx(1 / 60, abs=0.001)
    assert len(answer["token"]) >= 22, "a token has at least 128 bits"
    again = server.sign("auth", "ada")
    assert again["id"] == answer["id"]
    assert again["token"] != answer["token"]


@pytest.mark.parametrize("path", ["/server/sign/{}/", "/server/sign/{}", "/server/signin/{}"])
def test_the_aliases_of_login_answer_the_same(server, path):
    fields = {"login": "ada", "password": "correct horse"}
    registered = server.post(path.format("register"), json=fields)
    accepted = server.post(path.format("auth"), json=fields)
    assert (registered.status_code, accepted.status_code) == (200, 200)
    assert registered.json()["id"] == accepted.json()["id"]


@pytest.mark.parametrize("form", ["json", "urlencoded", "multipart"])
def test_a_login_may_be_json_or_a_form_of_either_kind(server, form):
    fields = {"login": "žluťoučký kůň", "password": "p&s=w+ö rd%20"}
    body = {
        "json": {"json": fields},
        "urlencoded": {"data": fields},
        "multipart": {"files": {name: (None, value) for name, value in fields.items()}},
    }
    for kind in ("register", "auth"):
        response = server.post(f"/server/sign/{kind}/", **body[form])
        assert response.status_code == 200, response.text
    # The login finds the account, whatever form of body registered it.
    assert server.sign("auth", fields["login"], fields["password"])


def test_a_wrong_login_and_a_wrong_password_are_told_alike(server):
    server.sign("register", "ada")
    answers = [
        server.post("/server/sign/auth/", json={"login": login, "password": password})
        for login, password in [("ada", "wrong horse"), ("bob", "correct horse")]
    ]
    assert [answer.status_code for answer in answers] == [401, 401]
    assert answers[0].json() == answers[1].json()
    assert answers[0].json()["code"] == "bad_credentials"


def test_a_taken_login_is_refused(server):
    server.sign("register", "ada")
    response = server.post("/server/sign/register/", json={"login": "ada", "password": "another horse"})
    assert (response.status_code, response.json()["code"]) == (409, "login_taken")
    assert server.sign("auth", "ada")


@pytest.mark.parametrize(
    "body",
    [
        {"data": b"", "headers": {"Content-Type": "application/json"}},
        {"data": b"{", "headers": {"Content-Type": "application/json"}},
        {"data": b"[1]", "headers": {"Content-Type": "application/json"}},
        {"data": b"\xff\xfe", "headers": {"Content-Type": "application/json"}},
        {"data": b"--x", "headers": {"Content-Type": "multipart/form-data; boundary=x"}},
        {"data": b"--x", "headers": {"Content-Type": "multipart/form-data"}},
        {"data": b"login=%ff&password=%zz", "headers": {"Content-Type": "application/x-www-form-urlencoded"}},
        {"json": {"login": "ada"}},
        {"json": {"login": "", "password": "correct horse"}},
        {"json": {"login": "ada", "password": ""}},
        {"json": {"login": 7, "password": "correct horse"}},
        {"json": {"login": "a" * 10_000, "password": "correct horse"}},
        {"json": {"login": "ada", "password": "p" * 5_000}},
    ],
)
@pytest.mark.parametrize("kind", ["auth", "register"])
def test_a_malformed_login_is_a_bad_request(server, kind, body):
    response = server.post(f"/server/sign/{kind}/", **body)
    assert response.status_code == 400, response.text
    assert response.json()["code"] == "bad_request"
    assert len(response.json()["error"]) > 10


def test_a_body_of_another_kind_or_size_than_a_login_is_refused(server):
    text = server.post("/server/sign/auth/", data=b"login=a", headers={"Content-Type": "text/plain"})
    assert text.status_code in (400, 415)
    large = server.post("/server/sign/auth/", json={"login": "ada", "password": "p" * 1_000_000})
    assert large.status_code in (400, 413)
    assert all(len(response.json()["error"]) > 10 for response in (text, large))


def test_too_many_attempts_must_wait(server):
    server.sign("register", "ada")
    for _ in range(200):
        response = server.post("/server/sign/auth/", json={"login": "ada", "password": "wrong horse"})
        if response.status_code != 401:
            break
    assert response.status_code == 429
    assert response.json()["code"] == "rate_limited"
    assert response.json()["retry"] >= 1
    assert int(response.headers["Retry-After"]) >= 1


def test_a_token_admits_once(server):
    answer = server.sign("register", "ada")
    player = Player(server.port, answer)
    player.wait(lambda: player.is_loaded, "the first snapshot")
    assert refused(address(server.port, answer["id"], answer["token"])) == 401
    player.send("move/to", x=3, y=4)
    player.wait(lambda: player.me["x"] == 3, "the first connection goes on")
    player.close()
    assert refused(address(server.port, answer["id"], answer["token"])) == 401


def test_wrong_credentials_are_refused_before_any_world_data(server):
    ada = server.sign("register", "ada")
    bob = server.sign("register", "bob")
    root = f"ws://127.0.0.1:{server.port}/"
    assert refused(root) == 401
    assert refused(f"{root}?HTTP_AUTHORIZATION=") == 401
    assert refused(f"{root}?HTTP_AUTHORIZATION=!!!") == 401
    assert refused(f"{root}?HTTP_AUTHORIZATION=" + base64.b64encode(b"no colon").decode()) == 401
    assert refused(address(server.port, ada["id"], "x" * len(ada["token"]))) == 401
    assert refused(address(server.port, bob["id"], ada["token"])) == 401, "a token is one player's"
    assert refused(address(server.port, "../1", ada["token"])) == 401


@pytest.mark.parametrize("form", ["raw", "escaped", "space", "basic"])
def test_the_handshake_takes_base64_in_every_form(server, form):
    answer = server.sign("register", "ada")
    proof = base64.b64encode(f"{answer['id']}:{answer['token']}".encode()).decode()
    root = f"ws://127.0.0.1:{server.port}/"
    options = {"open_timeout": 10, "proxy": None}
    if form == "basic":
        socket = connect(root, additional_headers={"Authorization": f"Basic {proof}"}, **options)
    else:
        value = {
            "raw": proof,
            "escaped": proof.replace("+", "%2B").replace("/", "%2F").replace("=", "%3D"),
            "space": proof.replace("+", "%20"),
        }[form]
        socket = connect(f"{root}?HTTP_AUTHORIZATION={value}", **options)
    assert '"load/index"' in socket.recv(timeout=10)
    socket.close()


def test_a_second_login_takes_the_session_over(server):
    first = server.join("ada")
    first.send("move/to", x=7, y=8)
    first.wait(lambda: first.me["x"] == 7, "the move")
    watcher = server.join("bob")
    second = server.join("ada", kind="auth")
    assert first.wait_closed() == 4001
    assert first.errors[-1]["code"] == "replaced"
    assert (second.me["x"], second.me["y"]) == (7, 8), "the entity is the same"
    second.send("move/to", x=9, y=8)
    watcher.wait(lambda: watcher.sees(second, x=9), "the others see it go on")
    assert [key for key in watcher.entities if key.startswith("players_")].count(second.key) == 1
    assert len([key for key in watcher.entities if key.startswith("players_")]) == 2
    assert (second.key, "remove") not in watcher.actions, "it never left"


def test_a_player_whose_connection_broke_comes_back_without_a_login(server):
    ada = server.join("ada")
    ada.send("move/to", x=7, y=8)
    ada.wait(lambda: ada.sees(ada, x=7, y=8), "the move")
    ada.wait(lambda: ada.resume, "the way back")
    assert ada.resume["seconds"] == 30
    ada.socket.socket.close()  # without a close frame, as a lost network does
    back = Player(server.port, {**ada.answer, "token": ada.resume["token"]})
    server.players.append(back)
    back.wait(lambda: back.is_loaded, "the world")
    assert (back.key, back.me["x"], back.me["y"]) == (ada.key, 7, 8)
    assert refused(address(server.port, ada.answer["id"], ada.resume["token"])) == 401
