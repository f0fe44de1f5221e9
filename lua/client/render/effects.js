// Short-lived things in the air: numbers, sparks, dust, hearts, and butterflies that just live there.

import { chance, ellipse, hash, pick } from "./paint.js";
import { label } from "./entities.js";

const MOST = 300; // particles; beyond that the oldest go

export class Effects {
  constructor() {
    this.list = [];
  }

  add(effect) {
    this.list.push({ age: 0, life: 0.6, vx: 0, vy: 0, gravity: 0, size: 0.05, ...effect });
    if (this.list.length > MOST) this.list.shift();
  }

  burst(x, y, n, options) {
    for (let i = 0; i < n; i += 1) {
      const a = Math.random() * Math.PI * 2, v = (0.4 + Math.random()) * (options.speed ?? 1);
      this.add({ x, y, vx: Math.cos(a) * v, vy: Math.sin(a) * v * 0.7 - (options.up ?? 0), ...options, life: (options.life ?? 0.5) * (0.6 + Math.random() * 0.6) });
    }
  }

  number(entity, by, mine) {
    const { x, y } = entity.look.motion;
    const colour = by > 0 ? "#b4f08a" : mine ? "#ff8f7a" : "#ffe9a0";
    this.add({ x: x + (Math.random() - 0.5) * 0.3, y: y - 0.75, vy: -1.1, gravity: 0.9, life: 0.95, text: by > 0 ? `+${by}` : String(by), colour, size: Math.abs(by) > 2 ? 0.44 : 0.38 });
    if (by < 0) this.burst(x, y - 0.3, 7, { colour: mine ? "#ff7a66" : "#ffe7a3", speed: 2, gravity: 5, size: 0.05, life: 0.4 });
    else this.burst(x, y - 0.2, 5, { colour: "#b4f08a", speed: 0.5, up: 0.8, size: 0.045, life: 0.8 });
  }

  died(entity) {
    const { x, y } = entity.look.motion;
    this.burst(x, y - 0.1, 14, { colour: "rgba(240, 236, 220, .8)", speed: 1.2, size: 0.13, life: 0.7, grow: -0.12 });
  }

  vanished(entity) {
    const { x, y } = entity.look.motion;
    const colour = entity.prefab === "potion" ? "#ff9fae" : "#efe9ff";
    this.burst(x, y - 0.2, 10, { colour, speed: 0.9, up: 0.7, size: 0.06, life: 0.7 });
  }

  dust(entity) {
    const { x, y } = entity.look.motion;
    this.add({ x: x + (Math.random() - 0.5) * 0.2, y: y + 0.3, vx: (Math.random() - 0.5) * 0.4, vy: -0.25, colour: "rgba(236, 222, 186, .5)", size: 0.07, life: 0.45, grow: 0.1 });
  }

  update(seconds) {
    for (const e of this.list) {
      e.age += seconds;
      e.x += e.vx * seconds;
      e.y += e.vy * seconds;
      e.vy += e.gravity * seconds;
    }
    this.list = this.list.filter((e) => e.age < e.life);
  }

  draw(c) {
    for (const e of this.list) {
      const left = 1 - e.age / e.life;
      c.globalAlpha = Math.min(1, left * 1.8);
      if (e.text) {
        const pop = 1 + Math.max(0, 0.18 - e.age) * 3;
        c.save();
        c.transform(pop, 0, 0, pop, e.x - e.x * pop, e.y - e.y * pop);
        label(c, e.text, e.x, e.y, e.size, e.colour);
        c.restore();
      } else {
        const r = Math.max(0.01, e.size + (e.grow ?? 0) * e.age);
        ellipse(c, e.x, e.y, r, r, e.colour);
      }
    }
    c.globalAlpha = 1;
  }
}

// Where flowers are, butterflies are: one for every few tiles, each on its own small round.
export function butterflies(c, map, box, time) {
  for (let y = Math.floor(box.top); y <= box.bottom; y += 1) {
    for (let x = Math.floor(box.left); x <= box.right; x += 1) {
      if (map.decor(x, y) !== "flower" || chance(x, y, 77) > 0.13) continue;
      const n = hash(`${x},${y}`) % 100;
      const px = x + Math.sin(time * 0.7 + n) * 1.1 + Math.sin(time * 1.9 + n) * 0.3;
      const py = y - 0.5 + Math.cos(time * 0.9 + n * 2) * 0.6 + Math.sin(time * 3) * 0.08;
      const flap = 0.35 + Math.abs(Math.sin(time * 11 + n)) * 0.65;
      ellipse(c, px, py + 0.75, 0.06, 0.025, "rgba(30, 50, 20, .16)");
      const colour = pick(["#ffd75e", "#ffffff", "#ff9ac2", "#9fc7ff"], n / 100);
      ellipse(c, px - 0.055 * flap, py, 0.06 * flap, 0.075, colour);
      ellipse(c, px + 0.055 * flap, py, 0.06 * flap, 0.075, colour);
      ellipse(c, px, py + 0.01, 0.014, 0.06, "#4a3b2c");
    }
  }
}
