// Everything flat: grass, paths, shores, cliffs and cave floors. Painted once into squares of
// tiles ("chunks") and kept, because it never changes.

import { chance, ellipse, line, pick, rounded } from "./paint.js";
import { outline } from "./outline.js";
import { small } from "./plants.js";

const SIDE = 8; // tiles
const KEPT = 48; // chunks; at 100 pixels a tile that is 120 MB at most

const WET = new Set(["water", "bridge"]);
const SHORE = new Set(["water", "bridge", "sand"]);
const TRODDEN = new Set(["path", "plaza"]);
const UNDER = new Set(["cave_floor", "water", "bridge"]);

export class Ground {
  constructor(map) {
    this.map = map;
    this.chunks = new Map();
    this.scale = 0;
    const shape = (test, wobble, salt) => outline(map.width, map.height, (x, y) => test(map.ground(x, y)), wobble, salt);
    this.water = shape((t) => WET.has(t), 0.2, 1);
    this.shore = shape((t) => SHORE.has(t), 0.26, 2);
    this.path = shape((t) => TRODDEN.has(t), 0.2, 3);
    this.plaza = shape((t) => t === "plaza", 0.06, 4);
    this.cliff = shape((t) => t === "cliff", 0.3, 5);
    this.cave = shape((t) => UNDER.has(t), 0.3, 6);
  }

  // Draws what the box (in tiles) shows. `scale`: pixels a tile.
  draw(c, box, scale) {
    if (scale !== this.scale) {
      this.chunks.clear();
      this.scale = scale;
    }
    for (let cy = Math.floor((box.top + 0.5) / SIDE); cy <= Math.floor((box.bottom + 0.5) / SIDE); cy += 1) {
      for (let cx = Math.floor((box.left + 0.5) / SIDE); cx <= Math.floor((box.right + 0.5) / SIDE); cx += 1) {
        // A hair larger than its place: neighbours drawn at broken pixels would show a seam.
        c.drawImage(this.chunk(cx, cy), cx * SIDE - 0.5, cy * SIDE - 0.5, SIDE + 0.015, SIDE + 0.015);
      }
    }
  }

  chunk(cx, cy) {
    const key = `${cx},${cy}`;
    let chunk = this.chunks.get(key);
    if (chunk) {
      this.chunks.delete(key); // to the end: the least recently used one goes first
    } else {
      chunk = document.createElement("canvas");
      chunk.width = chunk.height = Math.ceil(SIDE * this.scale);
      const c = chunk.getContext("2d", { alpha: false });
      c.scale(this.scale, this.scale);
      c.translate(0.5 - cx * SIDE, 0.5 - cy * SIDE);
      c.lineJoin = c.lineCap = "round";
      this.paint(c, { left: cx * SIDE - 1, top: cy * SIDE - 1, right: (cx + 1) * SIDE + 1, bottom: (cy + 1) * SIDE + 1 });
      if (this.chunks.size >= KEPT) this.chunks.delete(this.chunks.keys().next().value);
    }
    this.chunks.set(key, chunk);
    return chunk;
  }

  paint(c, box) {
    if (this.map.dark) this.underground(c, box);
    else this.meadow(c, box);
    this.each(box, (x, y) => {
      if (this.map.ground(x, y) === "bridge") this.planks(c, x, y);
    });
    this.each(box, (x, y) => small(c, this.map.decor(x, y), x, y));
  }

  each(box, visit) {
    for (let y = box.top; y <= box.bottom; y += 1) for (let x = box.left; x <= box.right; x += 1) visit(x, y);
  }

  meadow(c, box) {
    c.fillStyle = "#8cc063";
    c.fillRect(box.left - 1, box.top - 1, SIDE + 5, SIDE + 5);
    // Soft patches of other greens, larger than a tile, so that no grid shows. A patch reaches
    // 2.6 tiles: look that much further for those that hang in.
    const wide = { left: box.left - 3, top: box.top - 3, right: box.right + 3, bottom: box.bottom + 3 };
    this.each(wide, (x, y) => {
      const n = chance(x, y, 11);
      if (n < 0.2) {
        ellipse(c, x + chance(x, y, 12) - 0.5, y + chance(x, y, 13) - 0.5, 1.1 + n * 7, 0.8 + n * 5,
          pick(["rgba(160, 208, 110, .26)", "rgba(112, 172, 80, .24)", "rgba(178, 214, 118, .2)"], chance(x, y, 14)));
      }
    });
    this.each(box, (x, y) => this.tufts(c, x, y));
    this.banks(c);
    this.paths(c, box);
    this.waters(c, ["#5db3c9", "#4b9fbe"], "#3d86a4");
    this.hills(c, box);
  }

  tufts(c, x, y) {
    for (let i = 0; i < 3; i += 1) {
      if (chance(x, y, 20 + i) > 0.55) continue;
      const px = x + chance(x, y, 30 + i) - 0.5, py = y + chance(x, y, 40 + i) - 0.5;
      const colour = pick(["#74ad4f", "#a4d377", "#7cb557"], chance(x, y, 50 + i));
      line(c, px, py, px - 0.05, py - 0.1, 0.03, colour);
      line(c, px + 0.04, py, px + 0.08, py - 0.11, 0.03, colour);
    }
  }

  banks(c) {
    c.strokeStyle = "rgba(94, 140, 62, .55)";
    c.lineWidth = 0.2;
    c.stroke(this.shore);
    c.fillStyle = "#ead9a2";
    c.fill(this.shore, "evenodd");
    c.strokeStyle = "rgba(190, 156, 92, .38)"; // wet sand along the water
    c.lineWidth = 0.62;
    c.stroke(this.water);
  }

  paths(c, box) {
    c.strokeStyle = "rgba(118, 150, 70, .6)";
    c.lineWidth = 0.16;
    c.stroke(this.path);
    c.fillStyle = "#dcc391";
    c.fill(this.path, "evenodd");
    c.save();
    c.clip(this.path, "evenodd");
    c.strokeStyle = "rgba(150, 116, 62, .26)";
    c.lineWidth = 0.24;
    c.stroke(this.path);
    this.each(box, (x, y) => {
      if (!TRODDEN.has(this.map.ground(x, y))) return;
      for (let i = 0; i < 4; i += 1) {
        const r = 0.03 + chance(x, y, 60 + i) * 0.05;
        ellipse(c, x + chance(x, y, 64 + i) - 0.5, y + chance(x, y, 68 + i) - 0.5, r * 1.3, r,
          pick(["rgba(176, 142, 90, .5)", "rgba(240, 222, 178, .7)"], chance(x, y, 72 + i)));
      }
    });
    c.restore();
    this.cobbles(c, box);
  }

  cobbles(c, box) {
    c.fillStyle = "#b9ad98";
    c.fill(this.plaza, "evenodd");
    c.save();
    c.clip(this.plaza, "evenodd");
    this.each(box, (x, y) => {
      const near = [[0, 0], [1, 0], [-1, 0], [0, 1], [0, -1]];
      if (!near.some(([dx, dy]) => this.map.ground(x + dx, y + dy) === "plaza")) return;
      for (let row = 0; row < 3; row += 1) {
        for (let i = 0; i < 3; i += 1) {
          const shift = row % 2 ? 0.17 : 0;
          const sx = x - 0.5 + i / 3 + shift, sy = y - 0.5 + row / 3;
          const n = chance(x * 3 + i, y * 3 + row, 80);
          rounded(c, sx + 0.02, sy + 0.025, 0.28 + n * 0.03, 0.28, 0.1, pick(["#d6cbb5", "#cdc1aa", "#dfd5c1", "#c6bba6"], n));
        }
      }
    });
    c.restore();
    c.strokeStyle = "#a1937a";
    c.lineWidth = 0.1;
    c.stroke(this.plaza);
  }

  // Deep in the middle, lighter to the shore, a dark edge where the bank throws its shadow.
  waters(c, [light, deep], bank) {
    c.fillStyle = light;
    c.fill(this.water, "evenodd");
    c.save();
    c.clip(this.water, "evenodd");
    c.fillStyle = deep;
    c.fill(this.water, "evenodd");
    for (const [width, alpha] of [[2.6, 0.25], [1.6, 0.3], [0.8, 0.45]]) {
      c.strokeStyle = light;
      c.globalAlpha = alpha;
      c.lineWidth = width;
      c.stroke(this.water);
    }
    c.globalAlpha = 1;
    c.translate(0, 0.1);
    c.strokeStyle = bank;
    c.lineWidth = 0.12;
    c.stroke(this.water);
    c.restore();
  }

  // A raised shape: its shadow, then the rock face upwards in slices, then its top.
  hills(c, box) {
    const rise = 1.15;
    c.save();
    c.translate(0.1, 0.28);
    c.fillStyle = "rgba(40, 60, 28, .25)";
    c.fill(this.cliff, "evenodd");
    c.restore();
    for (let i = 0; i <= 10; i += 1) {
      c.save();
      c.translate(0, (-rise * i) / 10);
      c.fillStyle = ["#77695a", "#7d6f5f", "#857665", "#8a7b69", "#84755f"][Math.floor(i / 2.2)];
      c.fill(this.cliff, "evenodd");
      c.restore();
    }
    c.save();
    c.translate(0, -rise);
    c.fillStyle = "#a2937c";
    c.fill(this.cliff, "evenodd");
    c.clip(this.cliff, "evenodd");
    c.strokeStyle = "#beb097";
    c.lineWidth = 0.22;
    c.stroke(this.cliff);
    this.each({ ...box, bottom: box.bottom + 2 }, (x, y) => {
      if (this.map.ground(x, y) !== "cliff") return;
      const n = chance(x, y, 90);
      ellipse(c, x + n - 0.5, y + chance(x, y, 91) - 0.5, 0.55 + n * 0.5, 0.35 + n * 0.3,
        pick(["rgba(132, 164, 88, .75)", "rgba(148, 178, 98, .7)", "rgba(176, 164, 140, .8)", "rgba(120, 108, 92, .25)"], chance(x, y, 92)));
    });
    c.restore();
  }

  underground(c, box) {
    c.fillStyle = "#2d2a38";
    c.fillRect(box.left - 1, box.top - 1, SIDE + 5, SIDE + 5);
    this.each(box, (x, y) => {
      const n = chance(x, y, 100);
      if (n < 0.5) ellipse(c, x + n - 0.3, y + chance(x, y, 101) - 0.5, 0.3 + n, 0.2 + n * 0.6, "rgba(58, 53, 72, .55)");
    });
    for (let i = 9; i >= 0; i -= 1) { // the wall behind the floor, seen from the front
      c.save();
      c.translate(0, -i * 0.1);
      c.fillStyle = i > 8 ? "#746b84" : i > 4 ? "#575067" : "#4b4559";
      c.fill(this.cave, "evenodd");
      c.restore();
    }
    c.fillStyle = "#857a83";
    c.fill(this.cave, "evenodd");
    c.save();
    c.clip(this.cave, "evenodd");
    this.each(box, (x, y) => {
      for (let i = 0; i < 3; i += 1) {
        const n = chance(x, y, 110 + i);
        ellipse(c, x + chance(x, y, 113 + i) - 0.5, y + chance(x, y, 116 + i) - 0.5, 0.06 + n * 0.22, 0.04 + n * 0.13,
          pick(["rgba(154, 142, 148, .5)", "rgba(104, 94, 106, .5)"], chance(x, y, 119 + i)));
      }
    });
    c.strokeStyle = "rgba(40, 34, 50, .5)";
    c.lineWidth = 0.3;
    c.stroke(this.cave);
    c.restore();
    this.waters(c, ["#4a93a8", "#2f6f8d"], "#24526b");
  }

  planks(c, x, y) {
    // Boards lie across the way: its direction is where the next dry or wooden tile is.
    const dry = (dx, dy) => this.map.ground(x + dx, y + dy) !== "water";
    const along = dry(-1, 0) || dry(1, 0);
    c.save();
    c.translate(x, y);
    if (!along) c.rotate(Math.PI / 2);
    c.fillStyle = "rgba(20, 50, 60, .28)";
    c.fillRect(-0.52, -0.36, 1.04, 1);
    for (let i = 0; i < 4; i += 1) {
      rounded(c, -0.5 + i * 0.25, -0.47, 0.235, 0.94, 0.04, pick(["#b58a5a", "#a97f50", "#bd9464"], chance(x, y, 130 + i)));
    }
    c.fillStyle = "rgba(96, 64, 34, .35)";
    c.fillRect(-0.5, -0.4, 1, 0.04);
    c.fillRect(-0.5, 0.36, 1, 0.04);
    c.restore();
  }
}
