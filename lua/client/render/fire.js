// Fire and what lies around it.

import { ellipse, line } from "./paint.js";

export function flame(c, x, y, size, time) {
  for (const [scale, colour] of [[1, "#f3762f"], [0.68, "#ffb13c"], [0.38, "#fff0b0"]]) {
    const tip = Math.sin(time * 9) * 0.12 * size, tall = size * scale * (1 + Math.sin(time * 14) * 0.1);
    c.beginPath();
    c.moveTo(x - size * 0.36 * scale, y);
    c.quadraticCurveTo(x - size * 0.4 * scale, y - tall * 0.5, x + tip * scale, y - tall);
    c.quadraticCurveTo(x + size * 0.42 * scale, y - tall * 0.45, x + size * 0.36 * scale, y);
    c.quadraticCurveTo(x, y + size * 0.16, x - size * 0.36 * scale, y);
    c.fillStyle = colour;
    c.fill();
  }
}

export function stones(c, radius, colour) {
  for (let i = 0; i < 9; i += 1) {
    const a = (i / 9) * Math.PI * 2;
    ellipse(c, Math.cos(a) * radius, 0.12 + Math.sin(a) * radius * 0.55, 0.1, 0.08, i % 2 ? colour : "#8b8378");
  }
}

export function log(c, x, y, angle) {
  c.save();
  c.translate(x, y);
  c.rotate(angle);
  line(c, -0.26, 0, 0.26, 0, 0.12, "#6f4a2c");
  ellipse(c, 0.27, 0, 0.045, 0.06, "#c89b66");
  c.restore();
}
