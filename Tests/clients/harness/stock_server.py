"""python-socketio's own server, so that the game's Socket.IO client is tested against one that is not ours."""

import asyncio
import threading

import socketio
from aiohttp import web

from .server import ROOT, free_port
from .waiting import PATIENCE, until

CLIENT = ROOT / "games/battle/client"
NAMESPACES = ("/", "/custom")

#: A page with the client and nothing else.
PAGE = """<!doctype html>
<title>Socket.IO</title>
<link rel="icon" href="data:,">
<script type="module">
import { io } from "/play/socketio.js";
window.io = io;
</script>
"""


class StockServer:
    """A Socket.IO server and a page with our client, on one port, in a thread of its own.

    In the namespaces `/` and `/custom` the events are: `message` (comes back as `message-back`), `ask` (its values
    come back as the acknowledgement), `silence` (is not acknowledged), `push` (n: as many events `number`), `question`
    (its value is asked back, and the answer comes as `answered`), `kick` (the server disconnects).
    """

    def __init__(self, port=None, **settings):
        """`settings`: of `socketio.AsyncServer`, such as `ping_interval`."""
        self.port = port or free_port()
        self.settings = {"cors_allowed_origins": "*", **settings}
        self.connected = {}  # by socket id: the auth object
        self.left = {}  # by socket id: the reason
        self.transports = {}  # by socket id: a function that tells the transport
        self.requests = []  # (method, transport) of each request to the path of Socket.IO
        self.thread = None
        self.loop = None

    def url(self, path=""):
        return f"http://127.0.0.1:{self.port}{path}"

    def start(self):
        self.ready = threading.Event()
        self.thread = threading.Thread(target=lambda: asyncio.run(self.serve()), daemon=True)
        self.thread.start()
        assert self.ready.wait(PATIENCE), "the stock server starts"
        return self

    def stop(self):
        """Ends the server as a crash does: connections break without a word."""
        if self.thread is not None:
            self.loop.call_soon_threadsafe(self.stopped.set)
            self.thread.join(PATIENCE)
            self.thread = None

    async def serve(self):
        self.loop = asyncio.get_running_loop()
        self.stopped = asyncio.Event()
        self.io = socketio.AsyncServer(async_mode="aiohttp", **self.settings)
        self.register()
        app = web.Application(middlewares=[self.note_request])
        app.router.add_get("/", self.page)
        app.router.add_static("/play", CLIENT)
        self.io.attach(app)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", self.port, reuse_address=True).start()
        self.ready.set()
        await self.stopped.wait()
        for transport in [*runner.server.connections]:
            if transport.transport:
                transport.transport.abort()
        await runner.cleanup()

    async def page(self, _):
        return web.Response(text=PAGE, content_type="text/html")

    @web.middleware
    async def note_request(self, request, handler):
        if request.path == "/socket.io/":
            self.requests.append((request.method, request.query.get("transport")))
        return await handler(request)

    def register(self):
        for namespace in NAMESPACES:
            self.register_in(namespace)

    def register_in(self, namespace):
        io = self.io

        async def connect(sid, environ, auth):
            if auth and "refuse" in auth:
                raise socketio.exceptions.ConnectionRefusedError("no entry", auth["refuse"])
            self.connected[sid] = auth
            self.transports[sid] = lambda: io.transport(sid, namespace)
            # This server sends it before it tells the client that it is connected.
            await io.emit("welcome", {"sid": sid}, to=sid, namespace=namespace)

        async def disconnect(sid, reason):
            self.left[sid] = reason

        async def message(sid, *values):
            await io.emit("message-back", values, to=sid, namespace=namespace)

        async def ask(sid, *values):
            return values

        async def silence(sid, *values):
            await asyncio.sleep(3600)

        async def push(sid, count):
            for n in range(count):
                await io.emit("number", n, to=sid, namespace=namespace)

        async def question(sid, value):
            answer = await io.call("question", value, to=sid, namespace=namespace)
            await io.emit("answered", answer, to=sid, namespace=namespace)

        async def kick(sid):
            await io.disconnect(sid, namespace)

        for handler in (connect, disconnect, message, ask, silence, push, question, kick):
            io.on(handler.__name__, handler, namespace=namespace)

    def wait_left(self, sid):
        return until(lambda: self.left.get(sid), f"{sid} has left")
