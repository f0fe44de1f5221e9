"""docs/protocol.md, row 48: "Nested JSON components sent partially", for clients that ask with `patches=1`."""

import random

import pytest

from harness import pages
from harness.compact import Reader, pack
from harness.games import bare
from harness.player import Player

SLOTS = '{slots = {{id = "sword", n = 1}, {id = "bow", n = 1}, {id = "arrow", n = 40}}, gold = 7}'
GAME = bare(
    components__chest="--@type json\n",
    components__purse="--@type json\n--@private\n--@entities players\n",
    spawn__players=f"object.components.chest = {SLOTS} object.components.purse = {SLOTS}\n",
    events__mess__timeout="return 0\n",
    events__mess__index="""--@public true
--@param dice number
--@param n number
for _, c in pairs({ object.components.chest, object.components.purse }) do
  local s = c.slots
  if data.dice == 0 then s[#s + 1] = { id = "thing", n = data.n }
  elseif data.dice == 1 and #s > 2 then table.remove(s, 1)
  elseif data.dice == 2 and #s > 0 then s[#s].n = data.n
  elseif data.dice == 3 then c.gold = data.n
  elseif data.dice == 4 then c['key "' .. data.n % 3] = { data.n }
  elseif data.dice == 5 then c['key "' .. data.n % 3] = nil
  elseif data.dice == 6 and #s > 1 then s[1], s[#s] = s[#s], s[1]
  elseif data.dice == 7 and #s > 0 then c.best = s[1] end
end
if data.dice == 8 then object.components.chest = SLOTS end
""".replace("SLOTS", SLOTS),
)


#: The function of the documentation.
DOCUMENTED = {}
exec(pages.python("protocol.md", "Patches"), DOCUMENTED)


class PatchedPlayer(Player):
    def __init__(self, port, answer, **options):
        self.patches = []
        super().__init__(port, answer, query="&patches=1", **options)

    def change(self, kind, change):
        patches = change.pop("component_patches", {})
        super().change(kind, change)
        for component, changes in patches.items():
            DOCUMENTED["patch"](self.entities[change["key"]]["components"][component], changes)
            self.patches.append((component, changes))


class CompactPatchedPlayer(PatchedPlayer):
    def __init__(self, port, answer):
        self.reader = Reader()
        super().__init__(port, answer, subprotocols=["perigee.msgpack"])

    def read(self, frame):
        assert isinstance(frame, bytes)
        return self.reader.message(frame)

    def send(self, action, **parameters):
        self.socket.send(pack({"action": action, **parameters}))


@pytest.mark.parametrize("make", [PatchedPlayer, CompactPatchedPlayer])
@pytest.mark.parametrize("view", ["", "view_distance: 9\n"])
def test_a_client_that_applies_patches_has_the_world_of_a_snapshot(serve, make, view):
    server = serve({**GAME, "game.yaml": GAME["game.yaml"] + view})
    ada, bob = server.join("ada", make=make), server.join("bob", make=Player)
    dice = random.Random(48)
    for n in range(1, 121):
        ada.send("mess", dice=dice.randrange(9), n=n, command_id=n)
        ada.wait(lambda: ada.commands.get("mess", {}).get("command_id") == n, "the command")
        if n % 20 == 0:
            for player in (ada, bob):
                player.reload()
                assert not player.differences
    assert len(ada.patches) > 60
    assert not any("component_patches" in record for record in bob.entities.values())


def test_the_documented_change(serve):
    server = serve(GAME)
    ada = server.join("ada", make=PatchedPlayer)
    ada.send("mess", dice=2, n=5)
    ada.wait(lambda: ada.me["components"]["chest"]["slots"][2]["n"] == 5, "the change")
    assert ada.patches == [(name, [["slots", 2, "n"], 5]) for name in ("chest", "purse")]
