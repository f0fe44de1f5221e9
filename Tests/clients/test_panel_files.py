"""The panel's page Files: maps, music and images are uploaded in a browser, seen by players, and bad ones refused."""

import os
import struct
import subprocess
import zlib

import pytest

from harness.games import BARE, MAP
from harness.panel import WIDTHS, Panel, make_operator
from harness.waiting import until

SONG = b"ID3\x04\x00\x00\x00\x00\x00\x00" + bytes(range(256)) * 400

#: A map as Tiled's own format has it; the tests let Tiled export it.
TMX = """<?xml version="1.0" encoding="UTF-8"?>
<map version="1.8" orientation="orthogonal" renderorder="right-down" width="12" height="8" tilewidth="16" tileheight="16" infinite="0">
 <tileset firstgid="1" source="ground.tsx"/>
 <layer id="1" name="ground" width="12" height="8"><data encoding="csv">
{rows}
</data></layer>
 <objectgroup id="2" name="spawns"><object id="1" type="players" x="88" y="56"><point/></object></objectgroup>
</map>
"""
TSX = """<?xml version="1.0" encoding="UTF-8"?>
<tileset version="1.8" name="ground" tilewidth="16" tileheight="16" tilecount="4" columns="2">
 <image source="ground.png" width="32" height="32"/>
 <tile id="1"><properties><property name="walkable" type="bool" value="false"/></properties></tile>
</tileset>
"""


def png():
    """A picture of 32 x 32 green pixels."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = (b"\x00" + b"\x60\x90\x50" * 32) * 32
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 32, 32, 8, 2, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def made_by_tiled(folder):
    """A map and its tileset that Tiled exported, as files to upload."""
    def tile(row, column):
        return "2" if row in (0, 7) or column in (0, 11) else "1"

    rows = ",\n".join(",".join(tile(row, column) for column in range(12)) for row in range(8))
    (folder / "field.tmx").write_text(TMX.format(rows=rows))
    (folder / "ground.tsx").write_text(TSX)
    (folder / "ground.png").write_bytes(png())
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "HOME": str(folder), "XDG_RUNTIME_DIR": str(folder)}
    subprocess.run(["tiled", "--export-map", "json", "field.tmx", "1-bare.tmj"], cwd=folder, env=environment, check=True,
                   capture_output=True)
    return [folder / name for name in ("1-bare.tmj", "ground.tsx", "ground.png")]


@pytest.fixture(params=WIDTHS, ids=lambda width: f"{width}px")
def panel(request, serve, browser):
    panel = Panel(browser, serve({**BARE, "client/index.html": "<title>Own</title>"}))
    panel.resize(request.param)
    panel.width = request.param
    make_operator(panel.server, "eddie", "editor")
    panel.log_in("eddie")
    panel.is_at("Maps")
    panel.open("/admin/files")
    panel.is_at("Files")
    return panel


def part(folder):
    return f".files[data-folder={folder}]"


def upload(panel, folder, *files):
    panel.find(f"{part(folder)} input[type=file]").send_keys("\n".join(map(str, files)))


def done(panel, folder, text):
    def is_done():
        problem = panel.find(f"{part(folder)} .problem").text
        assert not problem, problem
        return text in panel.find(f"{part(folder)} .done").text

    until(is_done, text)


def refused(panel, folder, text):
    until(lambda: text in panel.find(f"{part(folder)} .problem").text, text)


def write(folder, name, content):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_a_map_made_by_tiled_is_shown_replaced_and_seen_by_a_playing_client(panel, tmp_path):
    server = panel.server
    bob = server.join("bob")
    etag = geometry(server, bob).headers["ETag"]
    upload(panel, "maps", *made_by_tiled(tmp_path))
    until(lambda: panel.find("#preview").is_displayed(), "the question")
    assert "12 × 8 tiles" in panel.find("#preview .facts").text
    assert panel.find("#preview .take").text == "Replace map 1"
    assert panel.browser.js("document.querySelector('#preview canvas').width") >= 12 * 8
    panel.shot(f"files-preview-{panel.width}")
    assert geometry(server, bob).headers["ETag"] == etag, "nothing is replaced before the answer"
    panel.press("#preview .take")
    done(panel, "maps", "maps/1-bare.tmj was replaced.")
    done(panel, "maps", "maps/ground.tsx was uploaded.")
    bob.wait(lambda: any(each.get("action") == "map" for each in bob.others), "bob is told that the map has changed")
    answer = geometry(server, bob)
    assert (answer.json()["width"], answer.json()["height"]) == (12, 8)
    assert answer.headers["ETag"] != etag and answer.json()["blocked"][0] == 1
    assert "ground.tsx" in panel.find(part("maps")).text
    panel.shot(f"files-{panel.width}")
    # What is there can be looked at.
    panel.press(f"{part('maps')} [data-map='1']")
    until(lambda: "12 × 8" in panel.find("#preview .facts").text, "the picture of the running map")
    assert panel.fits()
    panel.find("#preview [data-close]").click()
    assert panel.fits()


def geometry(server, player):
    session = server.sign("auth", "bob")["session"]
    return server.get("/server/sign/get_map/?map_id=1", headers={"Authorization": f"Bearer {session}"})


def test_a_map_with_mistakes_replaces_nothing(panel, tmp_path):
    before = (panel.server.game / "maps/1-bare.tmj").read_text()
    upload(panel, "maps", write(tmp_path, "1-bare.tmj", MAP.replace("orthogonal", "isometric")))
    refused(panel, "maps", 'the orientation is "isometric"')
    panel.shot(f"files-mistake-{panel.width}")
    upload(panel, "maps", write(tmp_path, "1-two.tmj", MAP))
    refused(panel, "maps", "has the number 1 as maps/1-bare.tmj has")
    upload(panel, "maps", write(tmp_path, "forest.tmj", MAP))
    refused(panel, "maps", "ID-NAME.tmj")
    assert (panel.server.game / "maps/1-bare.tmj").read_text() == before
    assert sorted(path.name for path in (panel.server.game / "maps").iterdir()) == ["1-bare.tmj"]


def test_music_is_uploaded_played_in_parts_replaced_and_deleted(panel, tmp_path):
    server = panel.server
    upload(panel, "music", write(tmp_path, "song one.mp3", SONG))
    done(panel, "music", "music/song one.mp3 was uploaded.")
    assert panel.all(f"{part('music')} audio")
    whole = server.get("/music/song%20one.mp3")
    assert whole.content == SONG and whole.headers["Content-Type"] == "audio/mpeg" and whole.headers["ETag"]
    middle = server.get("/music/song%20one.mp3", headers={"Range": "bytes=10-265", "If-Range": whole.headers["ETag"]})
    assert middle.status_code == 206 and middle.content == bytes(range(256))
    assert middle.headers["Content-Range"] == f"bytes 10-265/{len(SONG)}"
    assert server.get("/music/song%20one.mp3", headers={"Range": f"bytes={len(SONG)}-"}).status_code == 416
    upload(panel, "music", write(tmp_path, "song one.mp3", SONG + b"more"))
    until(lambda: panel.find("#preview .take").text == "Replace song one.mp3", "the question")
    panel.press("#preview .take")
    done(panel, "music", "was replaced")
    changed = server.get("/music/song%20one.mp3", headers={"Range": "bytes=0-9", "If-Range": whole.headers["ETag"]})
    assert changed.status_code == 200 and changed.content == SONG + b"more", "another version comes whole"
    assert panel.fits()
    panel.shot(f"files-music-{panel.width}")
    panel.press(f"{part('music')} button[aria-label='Delete song one.mp3']")
    panel.all("dialog[open]")[-1].find_element("css selector", "button[value=yes]").click()
    until(lambda: "no file in music/" in panel.text(), "it is gone")
    assert server.get("/music/song%20one.mp3").status_code == 404


def test_wrong_kinds_odd_names_and_large_files_are_refused_and_audited(panel, tmp_path):
    server = panel.server
    upload(panel, "music", write(tmp_path, "page.mp3", "<html><script>alert(1)</script>"))
    refused(panel, "music", "is not an MP3 file")
    upload(panel, "music", write(tmp_path, "page.html", "<html>"))
    refused(panel, "music", "no ending that music/ takes")
    upload(panel, "images", write(tmp_path, "drawing.svg", "<svg onload='alert(1)'/>"))
    refused(panel, "images", "no ending")
    upload(panel, "music", write(tmp_path, "<img src=x>.mp3", SONG))
    refused(panel, "music", "U+003C is not allowed")
    large = tmp_path / "long.mp3"
    with open(large, "wb") as file:
        file.write(SONG)
        file.truncate((64 << 20) + 1)
    upload(panel, "music", large)
    refused(panel, "music", "a file here may have 64 MiB")
    panel.shot(f"files-refused-{panel.width}")
    # The server itself refuses too, for programs.
    key = {"Authorization": f"Bearer {server.operator_key()}"}

    def put(path, body):
        return server.http.put(server.url(f"/server/api/v1/files/{path}"), data=body, headers=key, timeout=60)

    with open(large, "rb") as file:
        assert put("music/long.mp3", file).status_code == 413
    assert put("music/..%2F..%2Fgame.mp3", SONG).status_code == 400
    assert put("events/evil.lua", b"x = 1").status_code == 404
    assert put("maps/evil.lua", b"x = 1").status_code == 400
    assert not (server.game / "music").exists() or not list((server.game / "music").iterdir())
    assert not (server.game.parent / "game.mp3").exists()
    audit = server.get("/server/api/v1/audit?action=uploads&refused=true", headers=key).text
    for reason in ("is not an MP3 file", "64 MiB", "U+003C", "begins with a dot"):
        assert reason in audit, reason


def test_pictures_are_uploaded_and_a_viewer_only_looks(panel, tmp_path):
    server = panel.server
    upload(panel, "images", write(tmp_path, "green.png", png()))
    done(panel, "images", "client/images/green.png was uploaded.")
    assert server.get("/play/images/green.png").content == png()
    panel.press(f"{part('images')} [data-image]")
    until(lambda: panel.browser.js("document.querySelector('#preview img')?.naturalWidth") == 32, "the picture")
    panel.find("#preview [data-close]").click()
    make_operator(server, "vic", "viewer")
    panel.driver.delete_all_cookies()
    panel.log_in("vic")
    panel.is_at("Maps")
    panel.open("/admin/files")
    panel.is_at("Files")
    assert not panel.all("input[type=file]") and not panel.all("[data-call^='DELETE /server/api/v1/files']")
    assert panel.all("[data-image]")
    for is_dark in (False, True):
        panel.dark(is_dark)
        panel.shot(f"files-viewer-{'dark' if is_dark else 'light'}-{panel.width}")
    assert panel.fits() and panel.browser.complaints() == []
