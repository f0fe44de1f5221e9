// Draws the map: a picture of its tiles, and the entities as marks with names.

import { looks, outline, picture } from "./geometry.js";
import { nameOf } from "./world.js";

const GLIDE = 120; // ms in which a mark follows its entity

export class MapView {
  constructor(canvas) {
    this.canvas = canvas;
    this.geometry = null;
    this.tiles = null; // its picture
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
    this.tiles = picture(geometry, 2048);
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
    this.drawTiles(context);
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

  drawTiles(context) {
    if (!this.tiles) return;
    const { x, y, width, height } = this.geometry;
    const { scale, center } = this;
    context.imageSmoothingEnabled = scale < this.tiles.width / width;
    // Whole-number positions are the centres of tiles.
    context.drawImage(this.tiles, (x - 0.5 - center.x) * scale, (y - 0.5 - center.y) * scale, width * scale, height * scale);
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
      outline(context, entity.type, x, y, size);
      context.fillStyle = looks[entity.type];
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
