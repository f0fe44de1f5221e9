// What stands on the map and hides what is behind it. Each look is painted once into a small canvas
// and then copied; only fire and light are drawn anew each frame.

import { chance, glow } from "./paint.js";
import { BUILDINGS } from "./buildings.js";
import { TREES } from "./trees.js";

// name → { w, h: room in tiles, paint(c, variant 0..1), live?(c, time) }. The origin is the tile's centre,
// and the room reaches 0.7 below it.
const LOOKS = { ...TREES, ...BUILDINGS };
const BELOW = 0.7;
const VARIANTS = 4;

export class Scenery {
  constructor(map) {
    this.map = map;
    this.sprites = new Map();
    this.scale = 0;
    this.rows = Array.from({ length: map.height }, () => []);
    this.lights = [];
    for (let y = 0; y < map.height; y += 1) {
      for (let x = 0; x < map.width; x += 1) {
        const tile = map.tile("decor", x, y);
        const look = LOOKS[tile?.name];
        if (tile?.light) this.lights.push({ x, y: y - (tile.name === "lantern" ? 0.9 : 0.2), radius: tile.light, name: tile.name });
        if (!look) continue;
        const variant = this.variant(tile.name, x, y);
        // A wide thing's tile is its left corner; it is drawn around its middle.
        const across = ((tile.tiles_wide ?? 1) - 1) / 2;
        // Grown things don't stand in rows.
        const dx = look.loose ? (chance(x, y, 5) - 0.5) * look.loose : 0, dy = look.loose ? (chance(x, y, 6) - 0.5) * look.loose : 0;
        this.rows[y].push({ name: tile.name, look, variant, x: x + across + dx, y: y + dy, depth: y + dy + (look.depth ?? 0.3), tall: look.h > 1.8 });
      }
    }
  }

  variant(name, x, y) {
    if (name === "house") return (this.houses = (this.houses ?? -1) + 1) % VARIANTS; // no two alike side by side
    if (name !== "fence") return Math.floor(chance(x, y, 9) * VARIANTS);
    const fence = (dx, dy) => (this.map.decor(x + dx, y + dy) === "fence" ? 1 : 0);
    return fence(1, 0) + 2 * fence(-1, 0) + 4 * fence(0, 1) + 8 * fence(0, -1);
  }

  // Appends what the box shows to `list`, as { depth, draw }.
  collect(list, box, scale, time, self) {
    if (scale !== this.scale) {
      this.sprites.clear();
      this.scale = scale;
    }
    const last = Math.min(this.map.height - 1, Math.ceil(box.bottom) + 3);
    for (let y = Math.max(0, Math.floor(box.top) - 1); y <= last; y += 1) {
      for (const thing of this.rows[y]) {
        if (thing.x < box.left - 3 || thing.x > box.right + 3) continue;
        list.push({ depth: thing.depth, draw: (c) => this.draw(c, thing, time, self) });
      }
    }
  }

  draw(c, thing, time, self) {
    const { look } = thing;
    // Who stands behind a tree still wants to see himself.
    const hides = thing.tall && self && self.y < thing.depth && self.y > thing.y - look.h + 0.6 && Math.abs(self.x - thing.x) < look.w / 2;
    if (hides) c.globalAlpha = 0.55;
    const sway = look.sway ? Math.sin(time * 1.3 + thing.x * 1.7 + thing.y) * look.sway : 0;
    if (sway) {
      c.save();
      c.transform(1, 0, sway, 1, -sway * (thing.y + 0.3), 0); // the top moves, the foot stays
    }
    c.drawImage(this.sprite(thing), thing.x - look.w / 2, thing.y + BELOW - look.h, look.w, look.h);
    if (sway) c.restore();
    if (look.live) {
      c.save();
      c.translate(thing.x, thing.y);
      look.live(c, time + thing.x);
      c.restore();
    }
    c.globalAlpha = 1;
  }

  sprite({ name, look, variant }) {
    const key = `${name} ${variant}`;
    let sprite = this.sprites.get(key);
    if (!sprite) {
      sprite = document.createElement("canvas");
      sprite.width = Math.ceil(look.w * this.scale);
      sprite.height = Math.ceil(look.h * this.scale);
      const c = sprite.getContext("2d");
      c.scale(sprite.width / look.w, sprite.height / look.h);
      c.translate(look.w / 2, look.h - BELOW);
      c.lineJoin = c.lineCap = "round";
      look.paint(c, variant);
      this.sprites.set(key, sprite);
    }
    return sprite;
  }

  // The warm pools of light around lanterns and fires, over everything.
  drawLights(c, box, time) {
    c.globalCompositeOperation = "lighter";
    for (const { x, y, radius, name } of this.lights) {
      if (x < box.left - radius || x > box.right + radius || y < box.top - radius || y > box.bottom + radius) continue;
      const flicker = 1 + Math.sin(time * 7 + x) * 0.04 + Math.sin(time * 13 + y) * 0.03;
      glow(c, x, y, radius * 0.62 * flicker, name === "crystal" ? "90, 190, 255" : "255, 190, 90", name === "campfire" ? 0.3 : 0.17);
    }
    c.globalCompositeOperation = "source-over";
  }
}
