// Draws the map: its tiles as plain colours, because a geometry has no pictures, and the entities as marks with names.

import { colorOf } from "./geometry.js";
import { nameOf } from "./world.js";

const MARKS = {
  players: { color: "#2f6fb5", shape: "circle" },
  enemys: { color: "#c0392b", shape: "diamond" },
  animals: { color: "#8a5a2b", shape: "triangle" },
  objects: { color: "#b58a13", shape: "square" },
};
const GLIDE = 120; // ms in which a mark follows its entity

export class MapView {
  constructor(canvas) {
    this.canvas = canvas;
    this.geometry = null;
    this.entities = new Map();
    this.follow = null; // the key of the entity in the middle
    this.picked = null;
    this.scale = 28; // pixels of a tile
    this.center = { x: 0, y: 0 };
    this.shown = new Map(); // where each mark is drawn
    this.time = 0;
    this.isDue = false;
    new ResizeObserver(() => this.redraw()).observe(canvas);
  }

  setGeometry(geometry) {
    this.geometry = geometry;
    this.redraw();
  }

  setEntities(entities, follow) {
    this.entities = entities;
    this.follow = follow;
    this.redraw();
  }

  zoom(factor) {
    this.scale = Math.min(96, Math.max(4, this.scale * factor));
    this.redraw();
  }

  /** The tile under a point of the window, and the entity there. */
  at(clientX, clientY) {
    const box = this.canvas.getBoundingClientRect();
    const x = (clientX - box.left - box.width / 2) / this.scale + this.center.x;
    const y = (clientY - box.top - box.height / 2) / this.scale + this.center.y;
    let entity = null;
    let nearest = Math.max(0.7, 12 / this.scale);
    for (const record of this.entities.values()) {
      const distance = Math.hypot(record.x - x, record.y - y);
      if (distance < nearest) [nearest, entity] = [distance, record];
    }
    return { x: Math.round(x), y: Math.round(y), entity };
  }

  redraw() {
    if (this.isDue) return;
    this.isDue = true;
    requestAnimationFrame(now => {
      this.isDue = false;
      this.draw(now);
    });
  }

  draw(now) {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    if (!width) return;
    const ratio = devicePixelRatio || 1;
    if (this.canvas.width !== Math.round(width * ratio) || this.canvas.height !== Math.round(height * ratio)) {
      this.canvas.width = Math.round(width * ratio);
      this.canvas.height = Math.round(height * ratio);
    }
    const isGliding = this.glide(Math.min(1, (now - this.time) / GLIDE));
    this.time = now;
    const place = this.shown.get(this.follow);
    if (place) this.center = { ...place };
    const context = this.canvas.getContext("2d");
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.fillStyle = "#20281f";
    context.fillRect(0, 0, width, height);
    context.translate(width / 2, height / 2);
    this.drawTiles(context, width, height);
    this.drawEntities(context, width, height);
    if (isGliding) this.redraw();
  }

  /** Moves the marks towards their entities; returns whether one is still on its way. */
  glide(part) {
    let isGliding = false;
    for (const key of this.shown.keys()) if (!this.entities.has(key)) this.shown.delete(key);
    for (const [key, { x, y }] of this.entities) {
      const place = this.shown.get(key);
      const distance = place ? Math.hypot(x - place.x, y - place.y) : 0;
      if (!place || distance > 4 || distance < 0.01) {
        this.shown.set(key, { x, y });
      } else {
        place.x += (x - place.x) * part;
        place.y += (y - place.y) * part;
        isGliding = true;
      }
    }
    return isGliding;
  }

  drawTiles(context, width, height) {
    const map = this.geometry;
    if (!map) return;
    const { scale, center } = this;
    // Whole-number positions are the centres of tiles.
    const left = Math.max(0, Math.floor(center.x - width / 2 / scale + 0.5) - map.x);
    const top = Math.max(0, Math.floor(center.y - height / 2 / scale + 0.5) - map.y);
    const right = Math.min(map.width, Math.ceil(center.x + width / 2 / scale + 0.5) - map.x);
    const bottom = Math.min(map.height, Math.ceil(center.y + height / 2 / scale + 0.5) - map.y);
    for (let row = top; row < bottom; row++) {
      for (let column = left; column < right; column++) {
        const index = row * map.width + column;
        const x = (column + map.x - 0.5 - center.x) * scale;
        const y = (row + map.y - 0.5 - center.y) * scale;
        context.fillStyle = (row + column) % 2 ? "#79a163" : "#7fa768";
        context.fillRect(x, y, scale + 0.5, scale + 0.5);
        map.layers.forEach((layer, depth) => {
          const tile = layer.data[index];
          if (!tile) return;
          const inset = depth ? scale * 0.14 : 0;
          context.fillStyle = colorOf(tile);
          context.fillRect(x + inset, y + inset, scale - 2 * inset + 0.5, scale - 2 * inset + 0.5);
        });
        if (map.blocked[index]) {
          context.fillStyle = "rgba(20, 24, 18, .45)";
          context.fillRect(x, y, scale + 0.5, scale + 0.5);
        }
      }
    }
  }

  drawEntities(context, width, height) {
    const { scale, center } = this;
    const size = Math.max(4, scale * 0.36);
    context.textAlign = "center";
    context.font = "600 12px system-ui, sans-serif";
    context.lineJoin = "round";
    const sorted = [...this.entities.values()].sort((a, b) => a.y - b.y || a.sort - b.sort);
    for (const entity of sorted) {
      const place = this.shown.get(entity.key);
      const x = (place.x - center.x) * scale;
      const y = (place.y - center.y) * scale;
      if (Math.abs(x) > width / 2 + 60 || Math.abs(y) > height / 2 + 60) continue;
      const mark = MARKS[entity.type];
      outline(context, mark.shape, x, y, size);
      context.fillStyle = mark.color;
      context.fill();
      context.lineWidth = entity.key === this.picked ? 4 : 2;
      context.strokeStyle = entity.key === this.follow || entity.key === this.picked ? "#ffe48a" : "#fffdf4";
      context.stroke();
      if (scale < 12 && entity.key !== this.follow && entity.key !== this.picked) continue;
      const name = nameOf(entity).slice(0, 24);
      context.lineWidth = 3.5;
      context.strokeStyle = "rgba(20, 26, 18, .8)";
      context.strokeText(name, x, y - size - 5);
      context.fillStyle = "#fff";
      context.fillText(name, x, y - size - 5);
    }
  }
}

function outline(context, shape, x, y, size) {
  context.beginPath();
  if (shape === "circle") {
    context.arc(x, y, size, 0, 2 * Math.PI);
  } else if (shape === "square") {
    context.rect(x - size * 0.85, y - size * 0.85, size * 1.7, size * 1.7);
  } else {
    const points = shape === "diamond" ? [[0, -1.15], [1.15, 0], [0, 1.15], [-1.15, 0]] : [[0, -1.1], [1.05, 0.85], [-1.05, 0.85]];
    points.forEach(([dx, dy], index) => context[index ? "lineTo" : "moveTo"](x + dx * size, y + dy * size));
    context.closePath();
  }
}
