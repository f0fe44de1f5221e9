// Meadow's browser client. Net brings messages, World holds what they say, Scene draws it, Input
// sends commands, UI is the HTML around. This file ties them together.

import { Input } from "./input.js";
import { LatencyGraph } from "./latency.js";
import { GameMap } from "./map.js";
import { Net } from "./net.js";
import { backdrop } from "./render/backdrop.js";
import { Minimap } from "./render/minimap.js";
import { Scene } from "./render/scene.js";
import { UI } from "./ui.js";
import { World } from "./world.js";

const canvas = document.querySelector("#view");
const minimap = new Minimap(document.querySelector("#minimap"));
const maps = new Map(); // geometry by map_id, until the server says that it changed
let map = null;
let state = "login"; // login, connecting, playing, reconnecting, waiting, replaced, removed
let ping; // seconds, smoothed
let paused = false; // between asking for the world and getting it

const world = new World({
  loaded: enterMap,
  removed(entity, record) {
    if (entity.type === "objects") scene.effects.vanished(entity);
    if (entity.type === "players" && record.reason !== "out_of_view") {
      ui.log(record.map_id ? `${entity.login} went to another place.` : `${entity.login} left.`);
    }
  },
  added(entity) {
    if (entity.type === "players") ui.log(`${entity.login} is here.`);
  },
  acted(entity, action) {
    if (action === "dead") scene.effects.died(entity);
    if (entity === world.self && action === "dead") ui.log("You fell. You will wake up in a moment.", "error");
    if (entity === world.self && action === "pickup") ui.log("A potion! Q drinks it.", "good");
  },
  healed(entity, by) {
    scene.effects.number(entity, by, entity === world.self);
  },
});

const scene = new Scene(canvas, world);

const latency = new LatencyGraph(document.querySelector("#latency"));

const net = new Net({ onMessage: receive, onState: connection, onLane: (lane, time) => latency.note(lane, time) });

const ui = new UI({
  async sign(kind, login, password) {
    await net.enter(kind, login, password);
  },
  say: (text) => send("chat/say", { text }),
  again: () => net.retry(),
  lanes() {
    net.wantsLanes = !net.wantsLanes;
  },
  leave() {
    net.leave();
    state = "login";
    map = null;
    scene.show(new GameMap(backdrop()));
    ui.banner();
    ui.showCard();
  },
});

const input = new Input({ world, scene, send, ping: () => ping ?? 0.03, map: () => map }, canvas);

function send(action, params = {}) {
  if (paused) return false;
  return net.send({ action, command_id: Date.now(), ...params });
}

// The whole world anew, for instance after the tab was hidden. Until it comes nothing else is sent
// and nothing is applied: a delta from before the snapshot would be older than it.
function reload() {
  if (state !== "playing" || !net.send({ action: "load/index" })) return;
  paused = true;
  setTimeout(() => { paused = false; }, 3000); // an answer that never comes must not stop the game
}

async function enterMap() {
  paused = false;
  const id = world.mapId;
  if (map?.id !== id) {
    map = null;
    scene.hide();
    try {
      if (!maps.has(id)) maps.set(id, new GameMap(await net.map(id)));
    } catch (error) {
      if (net.stopped) return;
      ui.log(error.message, "error");
      setTimeout(() => !net.stopped && world.mapId === id && enterMap(), 2000);
      return;
    }
    if (world.mapId !== id || net.stopped) return; // went on, or logged out, meanwhile
    map = maps.get(id);
    scene.show(map);
    minimap.show(map);
  }
  state = "playing";
  ui.banner();
  ui.showGame();
}

function receive(message) {
  if (message.error) {
    ui.log(message.error, "error");
    return;
  }
  // Only a delta has a tick and no action. Messages that we don't know are ignored.
  if (message.action === undefined && message.tick !== undefined) {
    acknowledge(message.commands);
    if (!paused) world.apply(message);
    return;
  }
  switch (message.action) {
    case "load/index":
      world.load(message);
      break;
    case "pause": // the map is closed: the server lets us in when it opens
      state = "waiting";
      ui.banner(`Please wait: ${message.reason}.`);
      break;
    case "map": // its geometry changed
      maps.delete(message.map_id);
      if (message.map_id === world.mapId) {
        map = null;
        enterMap();
      }
      break;
    case "reconnect":
      ui.banner("On the way …");
      break;
    case "chat": {
      ui.log(`${message.login}: ${message.text}`);
      const speaker = world.entities.get(message.key);
      if (speaker) speaker.look.said = { text: String(message.text), at: performance.now() };
      break;
    }
    case "notice":
      ui.log(String(message.text), "good");
      break;
  }
}

function acknowledge(commands) {
  for (const [group, { command_id: sent, wait_time: waited }] of Object.entries(commands ?? {})) {
    input.acknowledged(group);
    const measured = (Date.now() - sent) / 1000 - waited;
    if (measured >= 0 && measured < 10) ping = ping === undefined ? measured : ping * 0.8 + measured * 0.2;
  }
}

function connection(kind, detail = {}) {
  switch (kind) {
    case "connecting":
      if (state !== "login") state = "reconnecting";
      break;
    case "open":
      paused = false;
      latency.clear();
      break;
    case "waiting":
      if (state === "playing") ui.log("The connection is lost.", "error");
      state = "reconnecting";
      ui.banner(
        `Connection lost${detail.reason ? ` (${detail.reason})` : ""}. Trying again in ${Math.max(1, Math.round(detail.pause))} s …`, "Now");
      break;
    case "replaced":
      state = "replaced";
      ui.banner("You are playing in another window.", "Play here");
      break;
    case "removed":
      state = "removed";
      ui.banner(`You are out of the game: ${detail.reason}.`, "Come back");
      break;
    case "refused":
      state = "login";
      ui.banner();
      ui.showCard(detail.reason);
  }
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden) input.release();
  else reload();
});

let last = performance.now(), frames = 0, counted = last, fps = 0, shown = 0;

function frame(now) {
  // A tab that slept must not play an hour in one step.
  const seconds = Math.min(0.1, (now - last) / 1000);
  last = now;
  frames += 1;
  if (now - counted >= 500) {
    fps = Math.round((frames * 1000) / (now - counted));
    frames = 0;
    counted = now;
    minimap.draw(world);
  }
  input.update();
  scene.draw(seconds);
  if (now - shown > 100) {
    shown = now;
    ui.status(world, map, { ping, fps });
    ui.lanes(net.wantsLanes, net.transport);
    latency.draw();
  }
  requestAnimationFrame(frame);
}

scene.show(new GameMap(backdrop()));
if (net.session) {
  // The page was loaded again, or the tab was brought back.
  state = "reconnecting";
  ui.banner("On the way …");
  net.retry();
} else {
  ui.showCard();
}
requestAnimationFrame(frame);

// The debug hook, for the browser's console and for tests.
// The operator's page "Play", which shows this page in a frame, sends the commands of its form this way.
addEventListener("message", ({ data, origin, source }) => {
  if (parent === window || source !== parent || origin !== location.origin || !data?.perigeeCommand) return;
  if (net.send(data.perigeeCommand)) parent.postMessage({ perigeeTaken: data.perigeeCommand.command_id }, origin);
});

window.perigee = {
  world,
  send,
  self: () => world.self,
  get state() { return state; },
  get map() { return map; },
  get ping() { return ping; },
  get comesBack() { return net.isWaiting; },
  get transport() { return net.transport; },
  set lanes(isOn) { net.wantsLanes = isOn; },
  latency,
};
