"""Tables that scripts read from components, and that are replaced later, don't accumulate in the server's memory."""

from harness.lab import memory
from harness.games import BARE

#: Each table weighs 200 KB.
FILES = {
    **BARE,
    "game.yaml": "name: Held\nworld_limit_mb: 2\nevent_time_limit_ms: 10000\n",
    "components/list.lua": "--@type json\n--@default []\n",
    "events/churn/index.lua": """--@public true
local list = { ("x"):rep(200000) }
for i = 1, 500 do
  local read = object.components.list
  object.components.list = list
end
object.components.hp = 1
""",
    "events/hoard/index.lua": """--@public true
held = {}
local list = { ("x"):rep(200000) }
local ok, message = pcall(function()
  for i = 1, 500 do
    object.components.list = list
    held[i] = object.components.list
  end
end)
object.components.mood = message
""",
}


# Without the bound 500 of these tables would take 100 MB in one tick. Tables of many small values take six times their
# weight: 1,934 of them would take 1.2 GB.


def test_tables_that_were_read_once_and_replaced_go_within_a_tick(serve):
    server = serve(FILES)
    ada = server.join("ada")
    before = memory(server)
    ada.send("churn")
    ada.wait(lambda: ada.me["components"]["hp"] == 1, "all were replaced")
    assert memory(server) < before + 35


def test_tables_that_a_script_keeps_are_refused_when_the_map_is_full(serve):
    server = serve(FILES)
    ada = server.join("ada")
    before = memory(server)
    ada.send("hoard")
    ada.wait(lambda: ada.me["components"].get("mood"), "the script was refused")
    assert "events/hoard/index.lua:6: " in ada.me["components"]["mood"]
    assert "tables of components that scripts hold" in ada.me["components"]["mood"]
    assert memory(server) < before + 50
