// One picture: camera, ground, everything that stands in order of depth, then air and words.

import { butterflies, Effects } from "./effects.js";
import { cross, dead, drawAbove, drawEntity, ring } from "./entities.js";
import { Ground } from "./ground.js";
import { Light } from "./light.js";
import { Scenery } from "./scenery.js";
import { spriteScale } from "./sprites.js";
import { drawWater } from "./water.js";

const NIGHT = "#1b2118";
const SPEEDS = { players: 5, enemys: 2.5, animals: 3, objects: 5 };

export class Scene {
  constructor(canvas, world) {
    this.canvas = canvas;
    this.c = canvas.getContext("2d", { alpha: false });
    this.world = world;
    this.effects = new Effects();
    this.light = new Light();
    this.camera = { x: 24, y: 24 };
    this.target = null; // { x, y, until } the place last clicked
    this.marked = null; // the entity that is being hunted
    this.time = 0;
    this.resize();
    addEventListener("resize", () => this.resize());
  }

  resize() {
    // More than two pixels a point costs and shows nothing.
    this.ratio = Math.min(devicePixelRatio || 1, 2);
    this.canvas.width = Math.round(innerWidth * this.ratio);
    this.canvas.height = Math.round(innerHeight * this.ratio);
    const tile = Math.min(84, Math.max(38, Math.sqrt(innerWidth * innerHeight / 300)));
    this.scale = Math.round(tile * this.ratio);
  }

  // Between two maps there is nothing to see; what comes then fades in.
  hide() {
    this.map = null;
    this.fade = 1;
  }

  show(map) {
    this.map = map;
    this.fade = 1;
    this.ground = new Ground(map);
    this.scenery = new Scenery(map);
    this.snap = true;
  }

  // Screen point (CSS pixels) to map units.
  place(px, py) {
    return {
      x: (px * this.ratio - this.canvas.width / 2) / this.scale + this.camera.x,
      y: (py * this.ratio - this.canvas.height / 2) / this.scale + this.camera.y,
    };
  }

  apply(c, factor = 1) {
    const s = this.scale * factor;
    c.setTransform(s, 0, 0, s, Math.round((this.canvas.width / 2 - this.camera.x * this.scale) * factor), Math.round((this.canvas.height / 2 - this.camera.y * this.scale) * factor));
  }

  get box() {
    const w = this.canvas.width / 2 / this.scale, h = this.canvas.height / 2 / this.scale;
    return { left: this.camera.x - w, right: this.camera.x + w, top: this.camera.y - h, bottom: this.camera.y + h };
  }

  follow(seconds) {
    const self = this.world.self;
    if (!this.map) return;
    // Nobody to follow (the login card): the camera strolls by itself.
    const motion = self?.look.motion ?? { x: 36 + Math.sin(this.time * 0.07) * 5, y: 25 + Math.sin(this.time * 0.11) * 2 };
    const keep = this.snap ? 1 : 1 - Math.exp(-seconds * 7);
    this.camera.x += (motion.x - this.camera.x) * keep;
    this.camera.y += (motion.y - 0.3 - this.camera.y) * keep;
    this.snap = false;
    // Not beyond the map's edge, unless the screen shows more than the map has.
    const hold = (value, half, size) => (size < half * 2 ? size / 2 - 0.5 : Math.min(size - 0.5 - half, Math.max(half - 0.5, value)));
    this.camera.x = hold(this.camera.x, this.canvas.width / 2 / this.scale, this.map.width);
    this.camera.y = hold(this.camera.y, this.canvas.height / 2 / this.scale, this.map.height);
  }

  draw(seconds) {
    this.time += seconds;
    const { c, world, map, time } = this;
    for (const entity of world.entities.values()) {
      const { motion } = entity.look;
      motion.update(seconds, entity.components.speed || SPEEDS[entity.type]);
      if (motion.moving && Math.random() < seconds * 5) this.effects.dust(entity);
    }
    this.effects.update(seconds);
    this.follow(seconds);
    c.setTransform(1, 0, 0, 1, 0, 0);
    c.fillStyle = NIGHT;
    c.fillRect(0, 0, this.canvas.width, this.canvas.height);
    if (!map) return;
    this.apply(c);
    spriteScale(this.scale);
    const { box } = this;
    c.lineJoin = c.lineCap = "round";
    this.ground.draw(c, box, this.scale);
    drawWater(c, map, this.ground, box, time);
    this.marks(c);
    const self = world.self;
    const seen = this.visible(box);
    const list = seen.map((entity) => ({ depth: entity.look.motion.y + (dead(entity) ? 0.05 : 0.3), draw: () => drawEntity(c, entity, time) }));
    this.scenery.collect(list, box, this.scale, time, self && self.look.motion);
    list.sort((a, b) => a.depth - b.depth);
    for (const item of list) item.draw(c);
    this.air(c, box);
    this.apply(c);
    this.effects.draw(c);
    this.above(c, seen, self);
    if (this.fade > 0) this.fadeIn(c, seconds);
  }

  fadeIn(c, seconds) {
    c.setTransform(1, 0, 0, 1, 0, 0);
    c.globalAlpha = this.fade;
    c.fillStyle = NIGHT;
    c.fillRect(0, 0, this.canvas.width, this.canvas.height);
    c.globalAlpha = 1;
    this.fade = Math.max(0, this.fade - seconds * 2);
  }

  // Names and bars; ours last, so that nobody's covers it. In a crowd only those close by are named.
  above(c, seen, self) {
    const crowd = seen.length > 90;
    const near = ({ look: { motion } }) => self && Math.hypot(motion.x - self.look.motion.x, motion.y - self.look.motion.y) < 4;
    for (const entity of seen) if (entity !== self) drawAbove(c, entity, self, this.time, !crowd || near(entity));
    if (self) drawAbove(c, self, self, this.time, true);
  }

  visible(box) {
    const seen = [];
    for (const entity of this.world.entities.values()) {
      const { x, y } = entity.look.motion;
      if (x > box.left - 2 && x < box.right + 2 && y > box.top - 2 && y < box.bottom + 3) seen.push(entity);
    }
    return seen;
  }

  marks(c) {
    const self = this.world.self;
    if (self && !dead(self)) ring(c, self.look.motion.x, self.look.motion.y, 0.4, "rgba(255, 244, 190, .75)");
    if (this.marked && this.world.entities.has(this.marked.key)) ring(c, this.marked.look.motion.x, this.marked.look.motion.y, 0.48 + Math.sin(this.time * 6) * 0.03, "rgba(235, 90, 70, .9)", 0.07);
    if (this.target && performance.now() < this.target.until) cross(c, this.target.x, this.target.y, this.time);
  }

  air(c, box) {
    const { width, height } = this.canvas;
    if (this.map.dark) {
      c.setTransform(1, 0, 0, 1, 0, 0);
      this.light.cave(c, width, height, this, this.world, this.scenery.lights, this.time);
      this.apply(c);
      this.scenery.drawLights(c, box, this.time);
      return;
    }
    butterflies(c, this.map, box, this.time);
    this.light.clouds(c, box, this.time);
    this.scenery.drawLights(c, box, this.time);
    c.setTransform(1, 0, 0, 1, 0, 0);
    this.light.sun(c, width, height);
  }
}
