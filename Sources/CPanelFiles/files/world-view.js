// The live view of a map: its tiles, and where its entities are, asked five times a second while it is seen.

import { send, logInAgain } from "./api.js";
import { count } from "./elements.js";
import { looks, outline, picture } from "./geometry.js";

const period = 200; // ms
const patience = 5000; // ms until a map that was refused is asked for again
/** Objects lie below animals, and players above all. */
const order = ["objects", "animals", "enemys", "players"];

export function connectView(world) { return new View(world); }

class View {
  constructor(world) {
    this.world = world;
    this.canvas = document.getElementById("canvas");
    this.note = document.getElementById("view-note");
    this.context = this.canvas.getContext("2d");
    this.camera = { x: 0, y: 0, scale: 16 };
    this.places = new Map();
    this.moving = [];
    this.hidden = new Set();
    this.follows = false;
    this.arrived = 0;
    this.tiles = null;
    this.loading = null;
    this.nextLoad = 0;
    this.isSeen = true;
    this.pointers = new Map();
    this.listen();
    this.load();
    this.poll();
  }

  // MARK: What is shown

  /** Loads the tiles: one request at a time, and after a refusal the next one some seconds later. */
  load() {
    if (performance.now() < this.nextLoad) return;
    this.loading ??= this.loadTiles().finally(() => { this.loading = null; });
  }

  async loadTiles() {
    const answer = await send("GET", `${this.world.base}/geometry`).catch(() => null);
    const geometry = answer?.ok ? await answer.json().catch(() => null) : null;
    if (!geometry) {
      this.nextLoad = performance.now() + patience;
      return;
    }
    this.geometry = geometry;
    this.tiles = picture(geometry, 2048);
    this.fit();
  }

  async poll() {
    let wait = period;
    if (!document.hidden && this.isSeen) {
      const begun = performance.now();
      wait = await this.renew() ? Math.max(period - (performance.now() - begun), 20) : 1000;
    }
    setTimeout(() => this.poll(), wait);
  }

  async renew() {
    const answer = await send("GET", `${this.world.base}/positions`).catch(() => null);
    if (answer?.status === 401) logInAgain();
    const json = await answer?.json().catch(() => null);
    if (!answer?.ok) {
      this.note.textContent = json?.error ?? "The server does not answer.";
      return false;
    }
    if (!this.tiles) this.load();
    this.take(json);
    return true;
  }

  take({ places, total, shown, tick, microseconds }) {
    const known = this.places;
    this.places = new Map();
    /** The places that are on their way; most entities stand. */
    this.moving = [];
    for (const kind of order) {
      const list = places[kind];
      document.querySelector(`[data-count="${kind}"]`).textContent = (list.length / 3).toLocaleString();
      for (let index = 0; index < list.length; index += 3) {
        const key = `${kind}_${list[index]}`, x = list[index + 1], y = list[index + 2];
        const old = known.get(key);
        // What goes further than a step in this time was put there.
        const isStep = old && Math.hypot(old.x - x, old.y - y) < 3;
        const [fromX, fromY] = isStep ? [old.shownX, old.shownY] : [x, y];
        const place = { kind, x, y, fromX, fromY, shownX: fromX, shownY: fromY };
        this.places.set(key, place);
        if (fromX !== x || fromY !== y) this.moving.push(place);
      }
    }
    this.arrived = performance.now();
    const share = microseconds * (1000 / period) / 10000;
    const all = count(total, "entity", "entities");
    const part = shown < total ? `${shown.toLocaleString()} of ${all}, players first,` : all;
    const cost = share < 0.01 ? "less than 0.01" : share.toFixed(2);
    this.note.textContent = `${part} at tick ${tick.toLocaleString()}. This view takes ${cost} % of a core from the map.`;
    this.draw();
  }

  // MARK: Camera

  fit() {
    if (!this.geometry) return;
    const { x, y, width, height } = this.geometry;
    this.camera.x = x + width / 2 - 0.5;
    this.camera.y = y + height / 2 - 0.5;
    this.camera.scale = Math.min(this.canvas.clientWidth / width, this.canvas.clientHeight / height, 48);
    this.stopFollowing();
    this.draw();
  }

  /** Zooms; the place under a point of the canvas stays there. */
  zoom(factor, at = { x: this.canvas.clientWidth / 2, y: this.canvas.clientHeight / 2 }) {
    const before = this.place(at);
    this.camera.scale = Math.min(Math.max(this.camera.scale * factor, 0.5), 96);
    const after = this.place(at);
    if (!this.follows) {
      this.camera.x += before.x - after.x;
      this.camera.y += before.y - after.y;
    }
    this.draw();
  }

  pan(dx, dy) {
    this.stopFollowing();
    this.camera.x -= dx / this.camera.scale;
    this.camera.y -= dy / this.camera.scale;
    this.draw();
  }

  setFollowing(follows) {
    this.follows = follows && this.world.chosen !== null;
    this.button("follow").setAttribute("aria-pressed", this.follows);
    if (this.follows && this.camera.scale < 14) this.camera.scale = 22;
    this.draw();
  }

  stopFollowing() { if (this.follows) this.setFollowing(false); }

  /** The place of the map under a point of the canvas. */
  place({ x, y }) {
    return {
      x: this.camera.x + (x - this.canvas.clientWidth / 2) / this.camera.scale,
      y: this.camera.y + (y - this.canvas.clientHeight / 2) / this.camera.scale,
    };
  }

  /** The middle of the view, in whole tiles. */
  get middle() { return { x: Math.round(this.camera.x), y: Math.round(this.camera.y) }; }

  // MARK: Drawing

  draw() {
    if (this.isDrawing) return;
    this.isDrawing = true;
    requestAnimationFrame(time => {
      this.isDrawing = false;
      const step = matchMedia("(prefers-reduced-motion: reduce)").matches ? 1 : Math.min((time - this.arrived) / period, 1);
      this.paint(Math.max(step, 0));
      if (step < 1 && this.moving.length) this.draw();
    });
  }

  paint(step) {
    const { canvas, context, camera } = this;
    const ratio = devicePixelRatio || 1, width = canvas.clientWidth, height = canvas.clientHeight;
    if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
    }
    for (const place of this.moving) {
      // The sum may miss the end by a rounding error.
      place.shownX = step === 1 ? place.x : place.fromX + (place.x - place.fromX) * step;
      place.shownY = step === 1 ? place.y : place.fromY + (place.y - place.fromY) * step;
    }
    const chosen = this.places.get(this.world.chosen);
    if (this.follows && chosen) [camera.x, camera.y] = [chosen.shownX, chosen.shownY];
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.fillStyle = "#20281f";
    context.fillRect(0, 0, width, height);
    const toX = x => (x - camera.x) * camera.scale + width / 2, toY = y => (y - camera.y) * camera.scale + height / 2;
    if (this.tiles) {
      const { x, y, width: columns, height: rows } = this.geometry;
      context.imageSmoothingEnabled = camera.scale < this.tiles.width / columns;
      context.drawImage(this.tiles, toX(x - 0.5), toY(y - 0.5), columns * camera.scale, rows * camera.scale);
    }
    const size = Math.min(Math.max(camera.scale * 0.36, 3), 13);
    context.lineWidth = size > 4 ? 1.5 : 0.75;
    context.strokeStyle = "rgba(20, 20, 16, .85)";
    for (const { kind, shownX, shownY } of this.places.values()) {
      if (this.hidden.has(kind)) continue;
      const x = toX(shownX), y = toY(shownY);
      if (x < -20 || y < -20 || x > width + 20 || y > height + 20) continue;
      context.fillStyle = looks[kind];
      outline(context, kind, x, y, size);
      context.fill();
      context.stroke();
    }
    if (chosen) mark(context, this.world.chosen, toX(chosen.shownX), toY(chosen.shownY), size);
  }

  // MARK: Input

  button(name) { return document.querySelector(`[data-view="${name}"]`); }

  listen() {
    const { canvas } = this;
    this.button("in").addEventListener("click", () => this.zoom(1.5));
    this.button("out").addEventListener("click", () => this.zoom(1 / 1.5));
    this.button("fit").addEventListener("click", () => this.fit());
    this.button("follow").addEventListener("click", () => this.setFollowing(!this.follows));
    for (const box of document.querySelectorAll(".legend input")) {
      box.addEventListener("change", () => {
        if (box.checked) this.hidden.delete(box.value); else this.hidden.add(box.value);
        this.draw();
      });
    }
    canvas.addEventListener("wheel", event => {
      event.preventDefault();
      this.zoom(Math.exp(-Math.max(Math.min(event.deltaY, 200), -200) / 300), { x: event.offsetX, y: event.offsetY });
    }, { passive: false });
    canvas.addEventListener("keydown", event => this.press(event));
    canvas.addEventListener("pointerdown", event => {
      canvas.setPointerCapture(event.pointerId);
      this.pointers.set(event.pointerId, { x: event.offsetX, y: event.offsetY });
      this.moved = this.pointers.size > 1 ? 99 : 0;
    });
    canvas.addEventListener("pointermove", event => this.drag(event));
    canvas.addEventListener("pointerup", event => {
      this.pointers.delete(event.pointerId);
      if (this.moved < 5) this.pick({ x: event.offsetX, y: event.offsetY });
    });
    canvas.addEventListener("pointercancel", event => this.pointers.delete(event.pointerId));
    document.addEventListener("chosen", ({ detail }) => {
      this.button("follow").disabled = detail === null;
      if (detail === null) this.stopFollowing();
      this.draw();
    });
    addEventListener("resize", () => this.draw());
    new IntersectionObserver(entries => { this.isSeen = entries.some(entry => entry.isIntersecting); }).observe(canvas);
  }

  drag(event) {
    const old = this.pointers.get(event.pointerId);
    if (!old) return;
    const now = { x: event.offsetX, y: event.offsetY };
    const other = [...this.pointers].find(([id]) => id !== event.pointerId)?.[1];
    if (other) {
      const spread = point => Math.hypot(point.x - other.x, point.y - other.y) || 1;
      this.zoom(spread(now) / spread(old), { x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 });
    } else {
      this.moved += Math.abs(now.x - old.x) + Math.abs(now.y - old.y);
      if (this.moved >= 5) this.pan(now.x - old.x, now.y - old.y);
    }
    this.pointers.set(event.pointerId, now);
  }

  press(event) {
    const steps = { ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60] };
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (steps[event.key]) this.pan(...steps[event.key]);
    else if (event.key === "+" || event.key === "=") this.zoom(1.5);
    else if (event.key === "-") this.zoom(1 / 1.5);
    else if (event.key === "0") this.fit();
    else if (event.key === "f") this.setFollowing(!this.follows);
    else if (event.key === "Escape") this.world.choose(null);
    else return;
    event.preventDefault();
  }

  /** Chooses the entity nearest to a point of the canvas, if one is there. */
  pick(point) {
    const at = this.place(point);
    let nearest = null, distance = Math.max(14 / this.camera.scale, 0.6);
    for (const [key, place] of this.places) {
      if (this.hidden.has(place.kind)) continue;
      const far = Math.hypot(place.x - at.x, place.y - at.y);
      if (far <= distance) [nearest, distance] = [key, far];
    }
    this.world.choose(nearest);
  }
}

/** A ring and the key at the chosen entity. */
function mark(context, key, x, y, size) {
  context.lineWidth = 5;
  context.strokeStyle = "#101410";
  context.beginPath();
  context.arc(x, y, size + 6, 0, 2 * Math.PI);
  context.stroke();
  context.lineWidth = 2.5;
  context.strokeStyle = "#fff";
  context.stroke();
  context.font = "600 13px system-ui, sans-serif";
  context.textAlign = "center";
  context.lineWidth = 4;
  context.strokeStyle = "#101410";
  context.strokeText(key, x, y - size - 12);
  context.fillStyle = "#fff";
  context.fillText(key, x, y - size - 12);
}
