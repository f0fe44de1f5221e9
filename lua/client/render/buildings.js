// What somebody built: houses, a well, fences, lanterns, tents, a fire, the mouth of the mine.

import { ellipse, line, pick, poly, rounded, shadow } from "./paint.js";
import { flame, log, stones } from "./fire.js";

const ROOFS = [["#b8574a", "#9c4339", "#cd6f5e"], ["#5c7fa6", "#48678b", "#7697bb"], ["#c08a45", "#a27136", "#d5a25e"], ["#7c6aa0", "#655487", "#9583b6"]];

function window_(c, x, y) {
  rounded(c, x - 0.25, y - 0.25, 0.5, 0.46, 0.06, "#7a5a3c");
  rounded(c, x - 0.2, y - 0.2, 0.4, 0.36, 0.04, "#ffe9a8");
  line(c, x, y - 0.2, x, y + 0.16, 0.045, "#7a5a3c");
  line(c, x - 0.2, y - 0.02, x + 0.2, y - 0.02, 0.045, "#7a5a3c");
  rounded(c, x - 0.28, y + 0.2, 0.56, 0.1, 0.03, "#8d6a46");
  for (let i = 0; i < 4; i += 1) ellipse(c, x - 0.2 + i * 0.135, y + 0.19, 0.055, 0.055, i % 2 ? "#f2889e" : "#fff1d6");
}

// Four tiles wide and three deep: the wall stands on the lowest row, the roof rises over the rest.
function house(c, v) {
  const [roof, dark, light] = ROOFS[v];
  c.fillStyle = "rgba(28, 44, 22, .22)";
  c.beginPath();
  c.ellipse(0.2, 0.34, 2.2, 0.34, 0, 0, Math.PI * 2);
  c.fill();
  rounded(c, -1.78, -1.2, 3.56, 1.6, 0.08, "#f0e2c4");
  c.fillStyle = "rgba(150, 116, 70, .18)";
  c.fillRect(-1.78, -1.2, 3.56, 0.34);
  rounded(c, -1.82, 0.2, 3.64, 0.24, 0.06, "#a59a88");
  for (const x of [-1.7, -0.62, 0.62, 1.7]) line(c, x, -1.15, x, 0.2, 0.13, "#8a6440");
  line(c, -1.7, -0.45, -0.62, 0.18, 0.07, "#9b7450");
  line(c, 1.7, -0.45, 0.62, 0.18, 0.07, "#9b7450");
  // Door
  c.beginPath();
  c.moveTo(-0.34, 0.42);
  c.lineTo(-0.34, -0.36);
  c.quadraticCurveTo(0, -0.68, 0.34, -0.36);
  c.lineTo(0.34, 0.42);
  c.closePath();
  c.fillStyle = "#6d4a2d";
  c.fill();
  c.strokeStyle = "#8d6a46";
  c.lineWidth = 0.08;
  c.stroke();
  ellipse(c, 0.2, -0.02, 0.045, 0.045, "#f2c75c");
  rounded(c, -0.42, 0.38, 0.84, 0.13, 0.05, "#c9bda8");
  window_(c, -1.16, -0.45);
  window_(c, 1.16, -0.45);
  // Chimney behind the roof's ridge
  rounded(c, 0.86, -3.3, 0.42, 0.8, 0.05, "#94796a");
  rounded(c, 0.8, -3.36, 0.54, 0.16, 0.05, "#7c6458");
  poly(c, [[-2.02, -0.86], [-1.5, -2.85], [1.5, -2.85], [2.02, -0.86]], roof);
  for (let row = 0; row < 6; row += 1) { // shingles
    const y = -2.66 + row * 0.33, half = 1.53 + row * 0.088;
    line(c, -half, y + 0.08, half, y + 0.08, 0.035, dark);
    for (let x = -half + (row % 2 ? 0.18 : 0.36); x < half; x += 0.36) line(c, x, y - 0.2, x, y + 0.06, 0.028, dark);
  }
  poly(c, [[-1.5, -2.85], [1.5, -2.85], [1.54, -2.68], [-1.54, -2.68]], light);
  poly(c, [[-2.02, -0.86], [2.02, -0.86], [1.98, -1], [-1.98, -1]], dark);
}

function smoke(c, time) {
  for (let i = 0; i < 4; i += 1) {
    const life = (time * 0.16 + i / 4) % 1;
    ellipse(c, 1.07 + Math.sin(time * 0.7 + i) * 0.12 * life + life * 0.5, -3.4 - life * 1.3, 0.12 + life * 0.24, 0.11 + life * 0.2, `rgba(245, 245, 240, ${0.4 * (1 - life)})`);
  }
}

function well(c) {
  shadow(c, 0.06, 0.3, 0.62, 0.22);
  rounded(c, -0.46, -0.2, 0.92, 0.54, 0.14, "#968e83");
  for (let row = 0; row < 2; row += 1) for (let i = 0; i < 4; i += 1) rounded(c, -0.44 + i * 0.23 - row * 0.05, -0.08 + row * 0.2, 0.19, 0.16, 0.05, row ? "#aaa297" : "#b5ada2");
  ellipse(c, 0, -0.2, 0.46, 0.2, "#b9b1a5");
  ellipse(c, 0, -0.2, 0.34, 0.14, "#2f5f7a");
  ellipse(c, -0.06, -0.17, 0.16, 0.05, "#5a9cb8");
  line(c, -0.42, -0.2, -0.42, -1, 0.09, "#76522f");
  line(c, 0.42, -0.2, 0.42, -1, 0.09, "#76522f");
  line(c, -0.42, -0.78, 0.42, -0.78, 0.07, "#8a6440");
  line(c, 0.05, -0.78, 0.05, -0.4, 0.03, "#d8c8a0");
  rounded(c, -0.05, -0.46, 0.2, 0.18, 0.03, "#8f6b45");
  poly(c, [[-0.68, -0.92], [-0.5, -1.36], [0.5, -1.36], [0.68, -0.92]], "#b8574a");
  poly(c, [[-0.5, -1.36], [0.5, -1.36], [0.53, -1.28], [-0.53, -1.28]], "#cd6f5e");
  poly(c, [[-0.68, -0.92], [0.68, -0.92], [0.65, -1], [-0.65, -1]], "#9c4339");
}

// `v` has a bit for each side where the fence goes on: right, left, below, above.
function fence(c, v) {
  shadow(c, 0.02, 0.26, 0.2, 0.08);
  const rail = (x1, y1, x2, y2) => {
    line(c, x1, y1 - 0.02, x2, y2 - 0.02, 0.1, "#8a6640");
    line(c, x1, y1 - 0.24, x2, y2 - 0.24, 0.1, "#a47c50");
  };
  if (v & 8) rail(0, 0.06, 0, -0.5);
  if (v & 1) rail(0, 0.06, 0.5, 0.06);
  if (v & 2) rail(0, 0.06, -0.5, 0.06);
  if (v & 4) rail(0, 0.06, 0, 0.5);
  rounded(c, -0.09, -0.38, 0.18, 0.64, 0.06, "#94703f");
  rounded(c, -0.09, -0.38, 0.09, 0.64, 0.05, "#b18a58");
  ellipse(c, 0, -0.36, 0.09, 0.05, "#c9a372");
}

function lantern(c) {
  shadow(c, 0.03, 0.26, 0.22, 0.09);
  line(c, 0, 0.24, 0, -0.74, 0.1, "#5d4a3c");
  rounded(c, -0.14, 0.14, 0.28, 0.14, 0.05, "#4d3d31");
  rounded(c, -0.16, -1.12, 0.32, 0.4, 0.06, "#4d3d31");
  rounded(c, -0.11, -1.07, 0.22, 0.3, 0.05, "#ffdf8a");
  ellipse(c, 0, -0.9, 0.06, 0.09, "#fffbe0");
  poly(c, [[-0.22, -1.1], [0, -1.32], [0.22, -1.1]], "#5d4a3c");
}

function campfire(c) {
  shadow(c, 0, 0.16, 0.5, 0.24, 0.3);
  stones(c, 0.38, "#a39a8c");
  log(c, 0, 0.12, 0.4);
  log(c, 0, 0.1, -0.5);
}

function fire(c, time) {
  flame(c, 0, 0.14, 0.62, time);
  for (let i = 0; i < 4; i += 1) {
    const life = (time * 0.5 + i / 4) % 1;
    ellipse(c, Math.sin(time * 2 + i * 2) * 0.2 * life, -0.3 - life * 0.9, 0.025, 0.025, `rgba(255, 190, 90, ${1 - life})`);
  }
}

function tent(c, v) {
  const [cloth, dark, light] = pick([["#b59a68", "#8c7447", "#d0b787"], ["#a98458", "#80603c", "#c7a478"]], v / 4);
  shadow(c, 0.06, 0.3, 0.95, 0.25);
  poly(c, [[-0.9, 0.34], [0, -0.98], [0.9, 0.34]], cloth);
  poly(c, [[0, -0.98], [0.9, 0.34], [0.34, 0.34]], dark);
  poly(c, [[-0.9, 0.34], [0, -0.98], [-0.5, 0.34]], light);
  poly(c, [[-0.24, 0.34], [0, -0.5], [0.3, 0.34]], "#3f3020");
  line(c, -0.12, -1.12, 0.03, -0.92, 0.06, "#6d4a2d");
  line(c, 0.12, -1.12, -0.03, -0.92, 0.06, "#6d4a2d");
  line(c, -0.9, 0.34, -0.6, 0.02, 0.03, "#77623c");
}

function mouth(c) {
  c.beginPath();
  c.moveTo(-0.66, 0.66);
  c.lineTo(-0.62, -0.3);
  c.quadraticCurveTo(0, -1.15, 0.62, -0.3);
  c.lineTo(0.66, 0.66);
  c.closePath();
  c.fillStyle = "#231d26";
  c.fill();
  c.strokeStyle = "#6d5a45";
  c.lineWidth = 0.16;
  c.stroke();
  line(c, -0.68, 0.66, -0.6, -0.5, 0.17, "#8a6440");
  line(c, 0.68, 0.66, 0.6, -0.5, 0.17, "#7b5736");
  line(c, -0.78, -0.52, 0.78, -0.56, 0.2, "#94703f");
}

export const BUILDINGS = {
  house: { w: 4.6, h: 4.4, paint: house, live: smoke, depth: 0.4 },
  well: { w: 1.6, h: 2.2, paint: well },
  fence: { w: 1.1, h: 1.4, paint: fence, depth: 0.2 },
  lantern: { w: 1, h: 2.1, paint: lantern },
  campfire: { w: 1.2, h: 1.4, paint: campfire, live: fire },
  tent: { w: 2, h: 2, paint: tent },
  cave_mouth: { w: 2, h: 2.2, paint: mouth, depth: -0.4 },
};
