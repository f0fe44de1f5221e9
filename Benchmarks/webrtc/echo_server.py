"""Data channels that send every message back, on aiortc, for `perigee bench webrtc --against aiortc`.

Listens on a free port of 127.0.0.1, prints it, and ends when its input ends. `POST /rtc/offer` answers an offer
{"type":"offer","sdp":…}. The packages and their versions are those of Tests/clients/requirements.txt;
`scripts/bootstrap test` installs them into .build/venv/.
"""

import asyncio
import os
import sys
import threading

import aioice.ice
from aiohttp import web
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription

# aioice leaves out the loopback address, from which the clients come.
aioice.ice.get_host_addresses = lambda use_ipv4, use_ipv6: ["127.0.0.1"]

connections = set()


async def answer(request):
    offer = await request.json()
    connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    connections.add(connection)

    @connection.on("datachannel")
    def opened(channel):
        channel.on("message", channel.send)

    @connection.on("connectionstatechange")
    async def changed():
        if connection.connectionState in ("failed", "closed"):
            await connection.close()
            connections.discard(connection)

    await connection.setRemoteDescription(RTCSessionDescription(offer["sdp"], offer["type"]))
    await connection.setLocalDescription(await connection.createAnswer())
    description = connection.localDescription
    return web.json_response({"type": description.type, "sdp": description.sdp})


def end_with_input():
    sys.stdin.buffer.read()
    os._exit(0)


async def serve():
    application = web.Application()
    application.router.add_post("/rtc/offer", answer)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


threading.Thread(target=end_with_input, daemon=True).start()
asyncio.run(serve())
