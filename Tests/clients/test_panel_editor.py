"""The panel's editor in a real browser (M0.11, M8.6, M11.14, rows 145 to 148)."""

import json
import re

import pytest

from harness.panel import WIDTHS, Panel, api, make_operator
from harness.waiting import until

SPIN = "events/spin/index.lua"


@pytest.fixture(params=WIDTHS, ids=lambda width: f"{width}px")
def editor(request, meadow, browser):
    """The page of an editor, logged in."""
    panel = Panel(browser, meadow)
    panel.resize(request.param)
    panel.width = request.param
    for login, role in (("eddie", "editor"), ("ada", "owner"), ("vic", "viewer")):
        make_operator(meadow, login, role)
    panel.log_in("eddie")
    panel.is_at("Maps")
    return panel


def open_file(panel, file, more=""):
    panel.open(f"/admin/editor?file={file}{more}")
    until(lambda: panel.find("#state").text not in ("", "Loading …"), "the file is open", pause=0.05)


def text(panel):
    return panel.browser.js("document.querySelector('.CodeMirror')?.CodeMirror.getValue() ?? document.getElementById('text').value")


def type_text(panel, value):
    """Puts a text in the place of the one that is there, as somebody does who pastes it."""
    panel.driver.execute_script(
        """
        const editor = document.querySelector(".CodeMirror")?.CodeMirror, area = document.getElementById("text");
        if (editor) editor.setSelection({line: 0, ch: 0}, {line: editor.lastLine()}), editor.replaceSelection(arguments[0]);
        else area.value = arguments[0], area.dispatchEvent(new Event("input"));
        """, value)


def state(panel):
    return panel.find("#state").text


def findings(panel):
    return panel.find("#findings").text


def result(panel):
    return panel.find("#result").text


def save(panel):
    panel.press("#save")
    until(lambda: state(panel) == "Saved", "it is saved", pause=0.05)


def choose(panel, selector, value):
    """Sets a field as somebody does who leaves it afterwards."""
    until(lambda: panel.find(selector).is_enabled() or not panel.find(selector).is_displayed(), f"{selector} can be changed")
    panel.driver.execute_script(
        """
        const field = document.querySelector(arguments[0]);
        if (field.type === "checkbox" || field.type === "radio") field.checked = arguments[1];
        else field.value = arguments[1];
        field.dispatchEvent(new Event("input", {bubbles: true}));
        field.dispatchEvent(new Event("change", {bubbles: true}));
        """, selector, value)


def test_a_mistake_is_marked_while_typing_and_a_saved_file_runs_at_once(editor):
    server = editor.server
    open_file(editor, "events/chat/say.lua")
    assert editor.find("#form [name=public]").is_selected(), "the form shows what the file says"
    until(lambda: "No mistakes in this file" in findings(editor), "the first check")
    good = text(editor)
    assert editor.fits()
    editor.shot(f"editor-file-{editor.width}")
    type_text(editor, good + "object.components.hpp = 3\nlocal x = = 1\n")
    until(lambda: "line " in findings(editor), "the mistake")
    type_text(editor, good + "object.components.hpp = 3\n")
    until(lambda: "did you mean 'hp'?" in findings(editor), "the mistake with its suggestion")
    if editor.browser.js("typeof CodeMirror") == "function":
        until(lambda: editor.all(".CodeMirror-lint-mark-error"), "the mark in the text", pause=0.05)
        assert editor.find(".CodeMirror-lint-mark-error").text == "hpp", "the wrong name is underlined"
    assert state(editor) == "Not saved"
    editor.driver.execute_script("document.querySelector('.findings').scrollIntoView({block: 'end'})")
    editor.shot(f"editor-mistake-{editor.width}")
    assert "hpp" not in server.read("events/chat/say.lua"), "nothing is saved by a check"
    type_text(editor, good + "print('said')\n")
    until(lambda: "No mistakes in this file" in findings(editor), "the mistake is mended")
    save(editor)
    assert "reloaded events/chat/say.lua" in result(editor), "what the running game did with it"
    assert server.read("events/chat/say.lua").endswith("print('said')\n")
    editor.driver.execute_script("document.getElementById('result').scrollIntoView({block: 'center'})")
    editor.shot(f"editor-saved-{editor.width}")
    type_text(editor, good + "local x = = 1\n")
    until(lambda: state(editor) == "Not saved", "changed")
    save(editor)
    until(lambda: "events/chat/say.lua:" in result(editor) and "with mistakes" in result(editor), "the reload's mistake")
    assert editor.fits()
    assert editor.browser.complaints() == []


def test_a_line_of_a_traceback_opens_and_is_marked(editor):
    open_file(editor, "components/hp.lua", "&line=8")
    if editor.browser.js("typeof CodeMirror") == "function":
        marked = editor.browser.js("document.querySelector('.marked-line').parentElement.innerText")
        assert marked.strip().startswith("8")
    editor.shot(f"editor-line-{editor.width}")
    assert editor.browser.complaints() == []


def test_the_form_of_a_component_writes_what_a_person_would(editor):
    server = editor.server
    former = server.read("components/hp.lua")
    open_file(editor, "components/hp.lua")
    until(lambda: editor.find("#form [name=default]").get_attribute("value") == "10", "the form is filled")
    choose(editor, "#form [name=default]", "12")
    until(lambda: "--@default 12" in text(editor), "the text follows the form")
    choose(editor, "#form [name=entities][value=objects]", True)
    until(lambda: "objects" in text(editor).split("--@entities")[-1].split("\n")[0] or "--@entities" not in text(editor),
          "the types")
    choose(editor, "#form [name=private]", True)
    until(lambda: "--@private" in text(editor), "private")
    choose(editor, "#form [name=private]", False)
    until(lambda: "--@private" not in text(editor), "not private")
    editor.shot(f"editor-component-{editor.width}")
    save(editor)
    saved = server.read("components/hp.lua")
    assert saved == former.replace("--@default 10", "--@default 12").replace("--@entities players, enemys, animals\n", "")
    # The other way round: the form follows the text.
    type_text(editor, saved.replace("--@type number", "--@type string"))
    until(lambda: editor.find("#form [name=type]").get_attribute("value") == "string", "the form follows the text")


def test_events_timeouts_and_entry_code_are_made_by_forms(editor):
    server = editor.server
    editor.open("/admin/editor")
    editor.press("[data-dialog=new-file]")
    choose(editor, "#new-file [name=template]", "event")
    choose(editor, "#new-file [name=group]", "spin")
    assert editor.find("#new-path").text == SPIN
    editor.shot(f"editor-new-{editor.width}")
    editor.press("#new-file .buttons button")
    until(lambda: editor.all("#editor") and state(editor) == "New", "the new file")
    choose(editor, "#form [name=public]", True)
    until(lambda: "--@public true" in text(editor), "public")
    editor.press("#add-parameter")
    choose(editor, "#form tbody tr:last-child [data-field=name]", "times")
    until(lambda: "--@param times number" in text(editor), "the parameter")
    choose(editor, "#form tbody tr:last-child [data-field=default]", "2")
    until(lambda: "--@param times number = 2" in text(editor), "its default")
    editor.shot(f"editor-event-{editor.width}")
    code = text(editor)
    type_text(editor, "--@public true\n")
    until(lambda: "an event must say in Lua what it does" in findings(editor), "the check of an event without code")
    editor.press("#save")
    until(lambda: "must say in Lua" in editor.find("#problem").text, "the refusal (M11.14)")
    assert not (server.game / SPIN).exists()
    type_text(editor, code)
    save(editor)
    assert "loaded " + SPIN in result(editor)
    bob = server.join("bob")
    bob.send("spin/index", times=3)
    until(lambda: any(re.fullmatch(r"players_\d+\s+spin/index", line) for line in log(server)), "the new event runs")

    open_file(editor, "events/spin/timeout.lua")
    choose(editor, "#form [name=seconds]", "0.25")
    until(lambda: "return 0.25" in text(editor), "a timeout as a number")
    editor.shot(f"editor-timeout-{editor.width}")
    save(editor)
    assert server.read("events/spin/timeout.lua").endswith("return 0.25\n")

    for whom, name, path in (("id", "7", "spawn/enemys/7.lua"), ("prefab", "troll", "spawn/enemys/troll.lua")):
        editor.open("/admin/editor")
        editor.press("[data-dialog=new-file]")
        choose(editor, "#new-file [name=template]", "spawn")
        choose(editor, "#new-file [name=type]", "enemys")
        choose(editor, "#new-file [name=whom]", whom)
        choose(editor, f"#new-file [name={whom}]", name)
        assert editor.find("#new-path").text == path
        editor.press("#new-file .buttons button")
        until(lambda: editor.all("#editor") and state(editor) == "New", "the new file")
        save(editor)
        assert f"loaded {path}" in result(editor)
    assert editor.fits()


def log(server):
    return [line["text"] for line in server.diagnostics()["log"]]


def test_two_who_save_one_file_see_both_texts(editor):
    server = editor.server
    file = "lib/duel.lua"
    api(server, "PUT", "game/files/text", {"file": file, "text": "a = 1\nb = 2\nc = 3\n"})
    open_file(editor, file)
    base = api(server, "GET", f"game/files/text?file={file}")["version"]
    api(server, "PUT", "game/files/text", {"file": file, "text": "a = 1\nb = 20\nc = 3\n", "base": base})
    type_text(editor, "a = 1\nb = 3\nc = 3\nd = 4\n")
    editor.press("#save")
    until(lambda: editor.find("#merge").is_displayed(), "both texts")
    assert "b = 3" in editor.find("#merge").text and "b = 20" in editor.find("#merge").text
    assert editor.fits()
    editor.shot(f"editor-merge-{editor.width}")
    assert server.read(file) == "a = 1\nb = 20\nc = 3\n"
    editor.all("#merge .buttons button")[2].click()
    assert state(editor) == "Not saved" and "d = 4" in text(editor), "mine stays open to edit"
    save(editor)
    assert server.read(file) == "a = 1\nb = 3\nc = 3\nd = 4\n"
    # Take theirs.
    server.write(file, "theirs = 1\n")
    type_text(editor, "mine = 1\n")
    editor.press("#save")
    until(lambda: editor.find("#merge").is_displayed(), "both texts again")
    editor.all("#merge .buttons button")[1].click()
    until(lambda: text(editor) == "theirs = 1\n" and state(editor) == "Saved", "theirs")
    # Take mine.
    server.write(file, "theirs = 2\n")
    type_text(editor, "mine = 2\n")
    editor.press("#save")
    until(lambda: editor.find("#merge").is_displayed(), "both texts once more")
    editor.all("#merge .buttons button")[0].click()
    until(lambda: server.read(file) == "mine = 2\n", "mine")


def test_a_file_that_somebody_deleted_meanwhile_is_saved_anew(editor):
    server = editor.server
    file = "lib/lost.lua"
    base = api(server, "PUT", "game/files/text", {"file": file, "text": "a = 1\n"})["version"]
    open_file(editor, file)
    api(server, "DELETE", f"game/files/text?file={file}&base={base}")
    type_text(editor, "a = 2\n")
    editor.press("#save")
    until(lambda: editor.find("#merge").is_displayed(), "what happened")
    assert "The file is gone" in editor.find("#merge").text
    assert "null" not in editor.find("#merge").text and not editor.all("#merge .differences")
    editor.shot(f"editor-gone-{editor.width}")
    editor.find("#merge .buttons button").click()
    until(lambda: (server.game / file).exists() and server.read(file) == "a = 2\n", "it is a new file")
    until(lambda: state(editor) == "Saved" and not editor.find("#merge").is_displayed(), "it is saved")


def test_a_former_version_comes_back_also_of_a_deleted_file(editor):
    server = editor.server
    file = "lib/past.lua"
    server.write(file, "first = 1\n")
    open_file(editor, file)
    type_text(editor, "second = 2\n")
    save(editor)
    editor.press("#history summary")
    until(lambda: len(editor.all(".versions > li")) == 2, "two versions")
    assert "eddie" in editor.find(".versions").text and "found in the folder" in editor.find(".versions").text
    editor.press(".versions > li:last-child .actions button")
    until(lambda: "first = 1" in editor.find(".versions .compared").text or editor.all(".differences"), "the difference")
    editor.shot(f"editor-versions-{editor.width}")
    editor.press(".versions > li:last-child .restore")
    until(lambda: server.read(file) == "first = 1\n", "the first version is back")
    until(lambda: len(editor.all(".versions > li")) == 3, "the restored one is a version too")
    editor.press("#delete")
    until(lambda: editor.all("dialog[open]"), "the question")
    editor.all("dialog[open]")[-1].find_element("css selector", "button[value=yes]").click()
    until(lambda: editor.all("#editor[data-deleted] .restore"), "the page of the deleted file", pause=0.1)
    assert not (server.game / file).exists()
    editor.shot(f"editor-deleted-{editor.width}")
    editor.press("#editor[data-deleted] .versions > li:nth-child(2) .restore")
    until(lambda: (server.game / file).exists(), "the deleted file is back")
    assert editor.browser.complaints() == []


def test_files_are_found_renamed_and_tested(editor):
    server = editor.server
    editor.open("/admin/editor")
    assert editor.fits()
    editor.shot(f"editor-empty-{editor.width}")
    editor.find("#filter").send_keys("chat say")
    assert [link.text for link in editor.all(".tree a[data-path]") if link.is_displayed()] == ["say.lua"]
    editor.find("#filter").send_keys("zzz")
    assert editor.find("#no-match").is_displayed()
    server.write("lib/old.lua", "old_name = 1\n")
    open_file(editor, "lib/old.lua")
    editor.press("#rename")
    field = editor.find("#rename-file [name=to]")
    field.clear()
    field.send_keys("../new.lua")
    editor.press("#rename-file .buttons button")
    until(lambda: "stay within the game folder" in editor.find("#rename-file .problem").text, "the refusal")
    field.clear()
    field.send_keys("lib/new.lua")
    editor.press("#rename-file .buttons button")
    until(lambda: editor.all("#editor[data-file='lib/new.lua']"), "the new name", pause=0.1)
    assert (server.game / "lib/new.lua").exists() and not (server.game / "lib/old.lua").exists()
    for test in (server.game / "tests").glob("*.lua"):
        test.unlink()
    server.write("tests/broken.lua", "test('one and one', function() expect(1 + 1).is(3) end)\n")
    until(lambda: state(editor) == "Saved", "it is open")
    editor.press("#test")
    until(lambda: "1 test failed" in result(editor), "the tests ran", seconds=150)
    assert "tests/broken.lua:1" in result(editor)
    editor.driver.execute_script("document.getElementById('result').scrollIntoView({block: 'center'})")
    editor.shot(f"editor-tests-{editor.width}")


def test_completion_offers_the_names_of_this_game(editor):
    if editor.browser.js("1") and not has_codemirror(editor):
        pytest.skip("libjs-codemirror is not installed")
    open_file(editor, "events/chat/say.lua")
    until(lambda: "No mistakes" in findings(editor), "it is checked")
    for typed, expected in (("object.components.m", "max_hp"), ("object.events.add('mo", "move"),
                            ("objects.add('en", "enemys"), ("map.wa", "walkable"), ("math.fl", "floor"), ("--@re", "repeat")):
        editor.driver.execute_script(
            """
            const editor = document.querySelector(".CodeMirror").CodeMirror;
            editor.focus();
            editor.setCursor(editor.lastLine(), 0);
            editor.replaceSelection("\\n" + arguments[0]);
            editor.options.extraKeys["Ctrl-Space"](editor);
            """, typed)
        until(lambda: editor.all(".CodeMirror-hint"), f"completions of {typed}", pause=0.05)
        assert expected in [hint.text.split("\n")[0].split(" ")[0] for hint in editor.all(".CodeMirror-hint")], typed
        if typed.startswith("object.components"):
            editor.shot(f"editor-hints-{editor.width}")
        editor.driver.execute_script(
            """
            const editor = document.querySelector(".CodeMirror").CodeMirror;
            editor.state.completionActive?.close();
            editor.undo();
            """)


def has_codemirror(panel):
    return panel.server.get("/admin/library/codemirror.js").status_code == 200


def test_a_viewer_reads_and_a_dark_page_is_readable(editor):
    editor.dark()
    open_file(editor, "components/hp.lua")
    until(lambda: "No mistakes" in findings(editor), "the check")
    editor.shot(f"editor-dark-{editor.width}")
    editor.open("/admin/")
    editor.dark(False)
    editor.driver.delete_all_cookies()
    editor.log_in("vic")
    editor.is_at("Maps")
    open_file(editor, "components/hp.lua")
    until(lambda: "trigger" in text(editor), "the text")
    assert not editor.all("#save") and not editor.all("[data-dialog=new-file]")
    assert not editor.find("#form [name=default]").is_enabled()
    editor.shot(f"editor-viewer-{editor.width}")


def test_without_codemirror_it_is_a_plain_text_area(editor):
    editor.driver.execute_cdp_cmd("Network.enable", {})
    editor.driver.execute_cdp_cmd("Network.setBlockedURLs", {"urls": ["*/admin/library/*"]})
    open_file(editor, "lib/rules.lua")
    assert editor.find("#text").is_displayed() and editor.browser.js("typeof CodeMirror") == "undefined"
    type_text(editor, text(editor) + "plain = 1\n")
    until(lambda: state(editor) == "Not saved", "changed")
    editor.shot(f"editor-plain-{editor.width}")
    save(editor)
    assert editor.server.read("lib/rules.lua").endswith("plain = 1\n")


def test_bad_paths_by_hand_are_refused(meadow):
    for path in ("../evil.lua", "/etc/evil.txt", "lib/.evil.lua", "lib/evil\0.lua", "lib/" + "x" * 300 + ".lua"):
        answer = api(meadow, "PUT", "game/files/text", {"file": path, "text": "x = 1"}, status=400)
        assert "not allowed" in answer["error"] and answer["field"] == "file"
    outside = meadow.game.parent / "outside"
    outside.mkdir()
    (meadow.game / "lib/away").symlink_to(outside)
    answer = api(meadow, "PUT", "game/files/text", {"file": "lib/away/evil.lua", "text": "x = 1"}, status=409)
    assert "leads out of the game folder" in answer["error"] and not list(outside.iterdir())
    api(meadow, "PUT", "game/files/text", {"file": "lib/big.lua", "text": "-" * (1 << 20) + "-"}, status=413)
    refusals = api(meadow, "GET", "audit?action=files.&refused=true")
    assert len(refusals) == 7, json.dumps(refusals)
