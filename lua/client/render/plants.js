// Small flat decoration, painted into the ground: flowers, tall grass, mushrooms, reeds, lilies.

import { chance, ellipse, line, pick } from "./paint.js";

const PETALS = ["#fff6f0", "#ffd66b", "#f59bb4", "#c99df0", "#ff9d7a", "#8fb7f5"];

function flower(c, x, y) {
  // Neighbouring tiles bloom alike, so that clusters have a colour.
  const family = pick(PETALS, chance(Math.floor(x / 4), Math.floor(y / 4), 7));
  const n = 3 + Math.floor(chance(x, y, 1) * 3);
  for (let i = 0; i < n; i += 1) {
    const px = x + (chance(x, y, 2 + i) - 0.5) * 0.86, py = y + (chance(x, y, 12 + i) - 0.5) * 0.8;
    const colour = chance(x, y, 22 + i) < 0.72 ? family : pick(PETALS, chance(x, y, 32 + i));
    const r = 0.05 + chance(x, y, 42 + i) * 0.025;
    line(c, px, py + 0.12, px, py, 0.025, "#5d9a45");
    line(c, px, py + 0.1, px + 0.06, py + 0.05, 0.03, "#68a64d");
    for (let k = 0; k < 5; k += 1) {
      const a = (k / 5) * Math.PI * 2 + px;
      ellipse(c, px + Math.cos(a) * r, py + Math.sin(a) * r * 0.85, r * 0.78, r * 0.7, colour);
    }
    ellipse(c, px, py, r * 0.62, r * 0.55, colour === "#ffd66b" ? "#d98d2b" : "#ffcf4a");
  }
}

function grass(c, x, y) {
  for (let i = 0; i < 9; i += 1) {
    const px = x + (chance(x, y, 2 + i) - 0.5) * 0.8, py = y + 0.3 - chance(x, y, 12 + i) * 0.4;
    const lean = (chance(x, y, 22 + i) - 0.5) * 0.2, tall = 0.24 + chance(x, y, 32 + i) * 0.2;
    c.beginPath();
    c.moveTo(px - 0.03, py);
    c.quadraticCurveTo(px, py - tall * 0.6, px + lean, py - tall);
    c.quadraticCurveTo(px + 0.04, py - tall * 0.5, px + 0.03, py);
    c.fillStyle = pick(["#5f9d43", "#6fae4e", "#7dbb58"], chance(x, y, 42 + i));
    c.fill();
  }
}

function mushroom(c, x, y) {
  const n = 1 + Math.floor(chance(x, y, 1) * 3);
  for (let i = 0; i < n; i += 1) {
    const px = x + (chance(x, y, 2 + i) - 0.5) * 0.6, py = y + (chance(x, y, 12 + i) - 0.5) * 0.5, r = 0.08 + chance(x, y, 22 + i) * 0.06;
    ellipse(c, px, py + 0.02, r, r * 0.4, "rgba(30, 40, 20, .25)");
    ellipse(c, px, py - r * 0.4, r * 0.45, r * 0.8, "#f3e6cf");
    c.beginPath();
    c.ellipse(px, py - r, r, r * 0.8, 0, Math.PI, 0);
    c.fillStyle = pick(["#d9584a", "#c9733c", "#b9694f"], chance(x, y, 32 + i));
    c.fill();
    ellipse(c, px - r * 0.35, py - r * 1.35, r * 0.16, r * 0.13, "#fff3e2");
    ellipse(c, px + r * 0.3, py - r * 1.2, r * 0.13, r * 0.11, "#fff3e2");
  }
}

function reed(c, x, y) {
  for (let i = 0; i < 5; i += 1) {
    const px = x + (chance(x, y, 2 + i) - 0.5) * 0.7, py = y + 0.3 - chance(x, y, 12 + i) * 0.3;
    const lean = (chance(x, y, 22 + i) - 0.5) * 0.16, tall = 0.5 + chance(x, y, 32 + i) * 0.3;
    line(c, px, py, px + lean, py - tall, 0.035, pick(["#6f9a4a", "#86ab57"], chance(x, y, 42 + i)));
    if (i % 2 === 0) line(c, px + lean, py - tall, px + lean * 1.1, py - tall - 0.15, 0.075, "#7a5534");
  }
}

function lily(c, x, y) {
  for (let i = 0; i < 2; i += 1) {
    const px = x + (chance(x, y, 2 + i) - 0.5) * 0.5, py = y + (chance(x, y, 12 + i) - 0.5) * 0.5, r = 0.16 + chance(x, y, 22 + i) * 0.1;
    ellipse(c, px, py + 0.03, r, r * 0.7, "rgba(20, 70, 90, .3)");
    c.beginPath();
    c.moveTo(px, py);
    const gap = chance(x, y, 32 + i) * 6;
    c.ellipse(px, py, r, r * 0.7, 0, gap, gap + Math.PI * 1.75);
    c.fillStyle = i ? "#6fb065" : "#7fbf6c";
    c.fill();
    if (i === 0 && chance(x, y, 42) < 0.5) {
      for (let k = 0; k < 6; k += 1) ellipse(c, px + Math.cos(k) * 0.06, py - 0.03 + Math.sin(k) * 0.04, 0.05, 0.035, "#ffe3ef");
      ellipse(c, px, py - 0.03, 0.035, 0.03, "#ffd35c");
    }
  }
}

const SMALL = { flower, tall_grass: grass, mushroom, reed, lily };

export function small(c, name, x, y) {
  SMALL[name]?.(c, x, y);
}
