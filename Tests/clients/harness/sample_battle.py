"""The battle as its description has it [B7-B14], on python-socketio. Tests of ours are right when this passes them."""

import math
import random

from .stock_server import StockServer


class SampleBattle(StockServer):
    def register(self):
        io = self.io
        self.players = players = {}

        @io.event
        async def connect(sid, environ):
            players[sid] = {"x": random.randint(0, 100), "y": random.randint(0, 100), "hp": 100}
            await io.emit("new_player", {"id": sid, "position": players[sid]}, skip_sid=sid)

        @io.event
        async def disconnect(sid):
            players.pop(sid, None)
            await io.emit("player_left", {"id": sid})

        @io.event
        async def move(sid, data):
            if sid in players:
                players[sid].update(x=data["x"], y=data["y"])
                await io.emit("player_moved", {"id": sid, "position": players[sid]})

        @io.event
        async def attack(sid, data):
            me = players[sid]
            for other, player in players.items():
                if other != sid and math.dist((me["x"], me["y"]), (player["x"], player["y"])) <= 10:
                    player["hp"] -= 10
                    if player["hp"] <= 0:
                        await io.emit("player_killed", {"id": other})
                    await io.emit("player_attacked", {"id": other, "hp": player["hp"]})
