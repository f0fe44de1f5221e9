// The built-in viewer: plays any game, in a plain way. It is a client of docs/protocol.md and nothing else.

import { Commands } from "./commands.js";
import { Connection } from "./connection.js";
import { MapView } from "./map.js";
import { showAround, showSelf } from "./tables.js";
import { World, nameOf } from "./world.js";

const find = id => document.getElementById(id);
const [sign, banner, messages] = [find("sign"), find("banner"), find("messages")];
const mostMessages = 300;
const tableRate = 250; // ms between two renewals of the tables

const world = new World();
const view = new MapView(find("map"));
const connection = new Connection({ message: receive, state: enter });
const commands = new Commands(find("events"), message => connection.send(message));
let trip = null; // the last round trip, s
let tablesAreDue = false;

// What the panel's page "Play", and tests, may look at.
window.perigee = { state: "out", world, view };

// MARK: Logging in and out

sign.addEventListener("submit", async event => {
  event.preventDefault();
  const problem = sign.querySelector(".problem");
  const buttons = [...sign.querySelectorAll("button")];
  problem.textContent = "";
  for (const button of buttons) button.disabled = true;
  try {
    await connection.enter(event.submitter?.value ?? "auth", sign.login.value, sign.password.value);
    sign.password.value = "";
  } catch (error) {
    problem.textContent = error.message;
  }
  for (const button of buttons) button.disabled = false;
});
find("leave").addEventListener("click", () => connection.leave());
banner.addEventListener("click", event => { if (event.target.matches("button")) connection.again(); });

function enter(state, text) {
  perigee.state = state;
  const isOut = state === "out";
  find("card").hidden = !isOut;
  find("play").hidden = isOut;
  find("leave").hidden = isOut;
  if (isOut) {
    world.clear();
    for (const id of ["place", "figures"]) find(id).textContent = "";
    sign.querySelector(".problem").textContent = text ?? "";
    sign.login.focus();
  }
  banner.hidden = !["waiting", "paused", "ended"].includes(state);
  banner.textContent = text ?? "";
  if (state === "ended") {
    const button = document.createElement("button");
    button.className = "quiet";
    button.textContent = "Come back";
    banner.append(" ", button);
  }
}

// MARK: What the server says

function receive(message) {
  if (message.action === "load/index") {
    const isOther = world.mapID !== message.map_id;
    world.load(message);
    if (isOther) view.shown.clear();
    loadMap();
    loadGame();
  } else if (!("action" in message) && "tick" in message) {
    world.apply(message);
    for (const done of commands.acknowledged(message.commands)) {
      trip = done.trip ?? trip;
      const times = [`waited ${milliseconds(done.wait)}`];
      if (done.trip !== null) times.unshift(`round trip ${milliseconds(done.trip)}`);
      say(`${done.group}: ${times.join(", ")}`, "done");
    }
  } else if (message.action === "map") {
    say("The map has changed.");
    loadMap();
  } else if (message.error) {
    say(message.action ? `${message.action}: ${message.error}` : message.error, "refused");
  } else if (message.action !== "pause") {
    say(JSON.stringify(message));
  }
  view.setEntities(world.entities, world.player);
  showTables();
}

async function loadMap() {
  try {
    const geometry = await connection.geometry(world.mapID);
    if (geometry.map_id !== world.mapID) return;
    view.setGeometry(geometry);
    find("place").textContent = `map ${geometry.map_id}, ${geometry.name}`;
  } catch (error) {
    say(error.message, "refused");
  }
}

async function loadGame() {
  const answer = await fetch("/server/api/game", { cache: "no-cache" }).catch(() => null);
  if (!answer?.ok) return say("The game's events can't be read.", "refused");
  const game = await answer.json();
  find("game").textContent = document.title = game.name;
  commands.show(game.groups);
}

function milliseconds(seconds) { return `${(seconds * 1000).toFixed(1)} ms`; }

function say(text, style) {
  const wasAtEnd = messages.scrollTop + messages.clientHeight >= messages.scrollHeight - 8;
  messages.querySelector(".empty")?.remove();
  const line = document.createElement("p");
  const time = document.createElement("time");
  time.textContent = new Date().toLocaleTimeString();
  line.append(time, text);
  if (style) line.className = style;
  messages.append(line);
  while (messages.childElementCount > mostMessages) messages.firstChild.remove();
  if (wasAtEnd) messages.scrollTop = messages.scrollHeight;
}

function showTables() {
  if (tablesAreDue) return;
  tablesAreDue = true;
  setTimeout(() => {
    tablesAreDue = false;
    const figures = [`tick ${world.tick}`];
    if (trip !== null) figures.push(milliseconds(trip));
    if (perigee.state !== "out") find("figures").textContent = figures.join(" · ");
    showSelf(find("you"), world.self);
    showAround(find("around"), find("count"), world.entities, world.self, view.picked);
  }, tableRate);
}

// MARK: Hands

const canvas = find("map");
canvas.addEventListener("click", event => {
  const { x, y, entity } = view.at(event.clientX, event.clientY);
  pick(entity?.key ?? null);
  commands.fill(x, y);
  find("spot").textContent = entity ? `${nameOf(entity)} (${entity.key}) at ${x}, ${y}` : `Tile ${x}, ${y}`;
});
canvas.addEventListener("wheel", event => {
  event.preventDefault();
  view.zoom(event.deltaY < 0 ? 1.15 : 1 / 1.15);
}, { passive: false });
find("closer").addEventListener("click", () => view.zoom(1.3));
find("farther").addEventListener("click", () => view.zoom(1 / 1.3));
find("around").addEventListener("click", event => {
  const key = event.target.closest("[data-key]")?.dataset.key;
  if (key) pick(key);
});

function pick(key) {
  view.picked = key;
  view.redraw();
  showTables();
}

canvas.addEventListener("keydown", event => {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.key === "+" || event.key === "-") return view.zoom(event.key === "+" ? 1.3 : 1 / 1.3);
  const direction = { ArrowLeft: "left", ArrowRight: "right", ArrowUp: "up", ArrowDown: "down" }[event.key];
  if (!direction) return;
  event.preventDefault();
  const step = commands.stepFor(direction);
  if (step && !event.repeat) commands.command(step.action);
});

// The panel's page "Play" sends the commands of its form in this way.
addEventListener("message", event => {
  if (event.origin !== location.origin || event.source !== parent) return;
  const command = event.data?.perigeeCommand;
  if (typeof command !== "object" || command === null) return;
  parent.postMessage({ perigeeTaken: command.command_id }, location.origin);
  if (!commands.relay(command)) say("There is no connection to the server.", "refused");
});

loadGame();
connection.again();
