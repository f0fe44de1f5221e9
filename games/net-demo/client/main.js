// The page: a lobby with the list of servers, and the game. `#join=KEY:PORT` in its address joins at once.

import * as net from "/net/perigee-net.js";
import { listen } from "./keys.js";
import { isBuilt, run } from "./program.js";
import { draw, list, readWorld } from "./view.js";

const PORT = 9000; // where a page hosts
const INTERVAL = 2000; // ms between two looks at the list of servers

const find = (selector) => document.querySelector(selector);
const game = { program: null, world: null, lines: [] };

function state(text, isProblem = false) {
  find("#state").textContent = text;
  find("#state").classList.toggle("problem", isProblem);
}

function show(isPlaying) {
  find("#lobby").hidden = isPlaying;
  find("#game").hidden = !isPlaying;
}

// What the program says

function heard(line) {
  game.lines = [...game.lines.slice(-99), line];
  const world = readWorld(line);
  if (world) {
    if (!game.world) state("Playing");
    game.world = world;
    draw(world);
    list(world);
  } else if (line === "silence") {
    state("The server does not answer.", true);
    game.world = null;
  } else if (line.startsWith("net-demo:")) {
    state(line, true);
  }
}

function ended(status) {
  game.program = null;
  game.world = null;
  history.replaceState(null, "", location.pathname + location.search);
  if (status === 0) state("You have left the game."); // else it has said why
  show(false);
  look();
}

async function play(...words) {
  state(words[0] === "client" ? "Connecting …" : "Opening the server …");
  show(true);
  draw(null);
  list(null);
  try {
    game.program = await run(words, heard, ended);
    find("#field").focus();
  } catch (error) {
    ended(1);
    state(error.message, true);
  }
}

// The lobby

function row(server) {
  const item = document.createElement("li");
  const name = document.createElement("b"), players = document.createElement("span"), join = document.createElement("a");
  name.textContent = server.name;
  players.textContent = `${server.players} of ${server.max} players`;
  join.className = "join";
  join.textContent = "Join";
  join.href = `#join=${server.key}:${server.port}`;
  join.setAttribute("aria-label", `Join ${server.name}`);
  item.append(name, players, join);
  return item;
}

let shown = ""; // a row that is the same must not lose the focus or a click

async function look() {
  if (game.program || document.hidden) return;
  const servers = (await net.servers().catch(() => [])).filter(({ address }) => address === undefined);
  const text = JSON.stringify(servers);
  if (text === shown) return;
  shown = text;
  find("#servers").replaceChildren(...servers.map(row));
  find("#empty").hidden = servers.length > 0;
}

find("#host").addEventListener("submit", (event) => {
  event.preventDefault();
  if (!game.program) play("host", String(PORT), find("#title").value.trim() || "Coins");
});
find("#leave").addEventListener("click", () => game.program?.press("q"));
addEventListener("hashchange", () => {
  const target = net.joinTarget();
  if (target && !game.program) play("client", `${target.key}:${target.port}`);
});
listen((key) => game.program?.press(key));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => draw(game.world));

async function begin() {
  if (!(await isBuilt())) {
    state("The program is not built: run scripts/net-demo web on the server's machine.", true);
    return;
  }
  const target = net.joinTarget();
  await net.init({ room: target?.room ?? new URLSearchParams(location.search).get("room") ?? "" });
  setInterval(look, INTERVAL);
  if (target) return play("client", `${target.key}:${target.port}`);
  state("Host a game, or join one.");
  show(false);
  look();
}

// For the page's console, and for tests.
window.demo = { game, net };

begin().catch((error) => state(error.message, true));
