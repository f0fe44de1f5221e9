// The battle: what the server tells is kept in `players`, drawn, and listed; keys and buttons become events.
//
// To use the stock client instead of ours, import its ESM build here: no other line has to change.
import { io } from "./socketio.js";
import { Field } from "./field.js";
import { listen } from "./input.js";
import { View } from "./view.js";

const PATIENCE = 3000; // ms for the server to acknowledge a move

const server = new URLSearchParams(location.search).get("server") ?? location.origin;
const socket = io(server, { reconnectionDelay: 500, reconnectionDelayMax: 5000 });

const game = {
  players: new Map(), // { x, y, hp } by id
  get id() { return socket.id; },
};
const field = new Field(document.querySelector("#field"), game);
const view = new View(game);

function show() {
  field.redraw();
  view.renew();
}

// After a connection broke, what we know may be wrong; unless the server sends what we missed.
let isStale = false;

function refresh() {
  if (isStale && !socket.recovered) game.players.clear();
  isStale = false;
  show();
}

function place(id, position) {
  refresh();
  game.players.set(id, position);
}

// What the server tells

socket.on("new_player", ({ id, position }) => place(id, position));
socket.on("player_moved", ({ id, position }) => place(id, position));
socket.on("player_left", ({ id }) => {
  refresh();
  game.players.delete(id);
});
socket.on("player_attacked", ({ id, hp }) => {
  refresh();
  const player = game.players.get(id);
  if (player) player.hp = hp;
  field.flash(id);
  const text = `player ${id} attacked, remaining hp ${hp}`;
  console.log(text);
  view.note(text);
});

// The connection

function showConnected() {
  const way = (socket.io?.engine.transport.name ?? socket.transport) === "websocket" ? "WebSocket" : "polling";
  view.showState("playing", `connected by ${way}`);
}

socket.on("connect", () => {
  refresh();
  showConnected();
});
socket.on("upgrade", showConnected);
socket.on("disconnect", (reason) => {
  isStale = true;
  aim.forget();
  view.showState(socket.active ? "waiting" : "ended", `connection lost: ${reason}`);
  show();
});
socket.on("connect_error", (error) => {
  view.showState(socket.active ? "waiting" : "ended", `can't connect: ${error.message}`);
});
socket.on("reconnecting", (attempt, delay) => {
  view.showState("waiting", `not connected; attempt ${attempt} in ${Math.ceil(delay / 1000)} s`);
});
view.showState("connecting", "connecting …");

const connectButton = document.querySelector("#connect");
connectButton.addEventListener("click", () => {
  view.showState("connecting", "connecting …");
  socket.disconnect().connect();
});

// What we tell

// A move is told as the place to get to. The next one counts from there, although the server may not have told that we
// are there; when it has answered all moves, what it told is the truth.
const aim = {
  place: null,
  open: 0, // moves without an answer
  forget() {
    this.place = null;
    this.open = 0;
  },
};

function move(dx, dy) {
  const from = aim.place ?? game.players.get(game.id);
  if (!socket.connected || !from) return;
  const to = { x: from.x + dx, y: from.y + dy };
  aim.place = to;
  aim.open += 1;
  socket.timeout(PATIENCE).emit("move", to, (error, answer) => {
    aim.open = Math.max(0, aim.open - 1);
    // After a refusal, all places that count from there are wrong.
    if (error || answer?.error || aim.open === 0) aim.place = null;
  });
}

function attack() {
  if (socket.connected) socket.emit("attack", {});
}

listen({ move, attack });

// For the page's console, and for tests.
window.battle = { socket, game, move, attack };
