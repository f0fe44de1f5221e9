"""The memory of all unsent bytes: in the real process, and in the kernel for its sockets (`1-protocol.md` 4.4).

Thirty clients stand for the hundreds of an attack: each client costs the same, as the comments say.
"""

import threading

import pytest

from harness.crowd import GAME
from harness.lab import memory
from harness.raw import frame
from harness.sums import (
    LARGE, LARGE_SETTINGS, Peak, add_music, deaf_download, deaf_player, fill, kernel_memory)
from harness.waiting import until

COUNT = 30


def test_downloads_that_nobody_reads_cost_a_window_each(serve):
    server = serve({**GAME, "game.yaml": "name: Music\n"})
    content = add_music(server)
    assert server.get("/music/long.ogg").content == content
    peak = Peak(server)
    unread = [deaf_download(server.port, "/music/long.ogg") for _ in range(COUNT)]
    peak.watch(2)
    assert server.get("/music/long.ogg").content == content, "others download meanwhile, and the whole of it"
    # With whole answers in memory 30 downloads cost 166 MB in the process and 113 MB in the kernel; with windows they
    # cost 7 MB and 7 MB, so that 300 cost 70 MB and 75 MB.
    assert peak.process < 25, f"{peak.process:.0f} MB more"
    assert peak.kernel < COUNT * 0.4, f"the kernel had {peak.kernel:.0f} MB"
    for connection in unread:
        connection.close()


def test_a_file_that_changes_on_the_way_is_cut_off(serve):
    server = serve({**GAME, "game.yaml": "name: Music\n"})
    add_music(server)
    connection = deaf_download(server.port, "/music/long.ogg")
    head = connection.recv(1000)
    assert b"content-length: 5242880" in head.lower()
    until(lambda: kernel_memory(server) > 0.1, "it is on its way")
    content = add_music(server)
    received = len(head)
    while chunk := connection.recv(1 << 20):
        received += len(chunk)
    assert received < 5 << 20
    assert server.get("/music/long.ogg").content == content


@pytest.fixture
def large(serve):
    """A server with a world of 2 MB, and login answers for players who won't read."""
    server = serve({**LARGE, "game.yaml": f"{LARGE_SETTINGS}registration_burst: 100\n"})
    fill(server)
    return server, [server.sign("register", f"deaf{n}") for n in range(COUNT)]


def test_players_who_come_together_and_do_not_read_share_one_snapshot(large):
    server, answers = large
    peak = Peak(server)
    deaf = together(server, answers)
    # They request more snapshots, more often than allowed.
    for _ in range(5):
        for connection in deaf:
            try:
                connection.sendall(frame(1, b'{"action":"load"}'))
            except OSError:
                pass
        peak.watch(0.3)
    # A snapshot for each would be 60 MB, and 4 MB for each in the kernel: for 300 players 600 MB and 1.2 GB. Players
    # who join in the same tick share one snapshot, whatever their number, and 300 cost 75 MB in the kernel.
    assert peak.process < 40, f"{peak.process:.0f} MB more"
    assert peak.kernel < COUNT * 0.4, f"the kernel had {peak.kernel:.0f} MB"
    for connection in deaf:
        connection.close()
    until(lambda: memory(server) < peak.before + 15, "the memory is given back")


def together(server, answers):
    """Players who join at the same time and never read."""
    deaf = []
    threads = [
        threading.Thread(target=lambda answer=answer: deaf.append(deaf_player(server.port, answer)))
        for answer in answers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    until(lambda: server.metric("perigee_sessions") >= len(answers), "all are on the map")
    return deaf


def test_a_snapshot_too_often_is_refused_with_the_time_to_wait(serve):
    server = serve({**GAME, "game.yaml": "load_burst: 2\nloads_per_minute: 6\n"})
    player = server.join("ada")
    for _ in range(3):
        player.send("load/index")
    error, = player.wait(lambda: player.errors, "the refusal")
    assert error["code"] == "rate_limited" and error["action"] == "load/index"
    assert error["error"].startswith("more than 6 snapshots a minute with bursts of 2; ask again in ")
    player.wait(lambda: player.snapshots > 1, "the others are answered, perhaps together")


def test_memory_is_given_back_after_a_peak(large):
    server, answers = large
    peak = Peak(server)
    deaf = []
    for n, answer in enumerate(answers):
        deaf.append(deaf_player(server.port, answer))
        until(lambda n=n: server.metric("perigee_send_memory_bytes") > (n + 1) * 2 * 10**6, "its own snapshot waits")
    assert peak.look().process > 40, "each has a snapshot of its own"
    for connection in deaf:
        connection.close()
    until(lambda: memory(server) < peak.before + 15, "the memory is given back")
    assert server.metric("perigee_send_memory_bytes") < 1 << 20
