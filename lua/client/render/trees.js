// Growing and lying things that block the way: trees, bushes, rocks, stumps, crystals.

import { chance, ellipse, line, pick, poly, rounded, shadow } from "./paint.js";

const GREENS = [["#3f7d3c", "#549847", "#6fb157", "#8cc76b"], ["#4a8239", "#609e44", "#7cb854", "#9bcd68"],
  ["#3a7646", "#4d9053", "#68aa63", "#86c27a"], ["#5b8436", "#74a03f", "#92b94e", "#b0cf66"]];
const NEEDLES = [["#2c5f43", "#397650", "#46895b"], ["#2f6647", "#3d7c52", "#4f9263"], ["#28583f", "#356d4b", "#447f58"], ["#346a45", "#438150", "#579662"]];

function trunk(c, width, height) {
  c.beginPath();
  c.moveTo(-width, 0.3);
  c.quadraticCurveTo(-width * 0.55, 0.1, -width * 0.55, -height);
  c.lineTo(width * 0.55, -height);
  c.quadraticCurveTo(width * 0.55, 0.1, width, 0.3);
  c.quadraticCurveTo(0, 0.4, -width, 0.3);
  c.fillStyle = "#7b5737";
  c.fill();
  c.beginPath();
  c.moveTo(width * 0.1, 0.3);
  c.lineTo(width * 0.1, -height);
  c.lineTo(width * 0.55, -height);
  c.quadraticCurveTo(width * 0.55, 0.1, width, 0.3);
  c.fillStyle = "rgba(58, 36, 18, .35)";
  c.fill();
}

function tree(c, v) {
  const greens = GREENS[v];
  shadow(c, 0.08, 0.34, 0.68, 0.26);
  trunk(c, 0.19, 0.5);
  // Four layers of leaf balls, each lighter, smaller and further to the light (upper left).
  const balls = [[-0.42, -0.62, 0.42], [0.42, -0.6, 0.42], [0, -0.48, 0.46], [-0.26, -1.06, 0.42], [0.3, -1.02, 0.42], [0, -1.32, 0.36], [0, -0.86, 0.5]];
  greens.forEach((green, layer) => {
    for (const [x, y, r] of balls) {
      const s = 1 - layer * 0.22;
      ellipse(c, x * (1 - layer * 0.07) - layer * 0.05, y - layer * 0.075 + (v % 2 ? 0.05 : 0), r * s, r * s * 0.9, layer > 1 ? `${green}b0` : green);
    }
  });
  for (let i = 0; i < 12; i += 1) {
    const x = (chance(i, v, 1) - 0.5) * 1.2, y = -0.5 - chance(i, v, 2) * 0.9;
    line(c, x, y, x + 0.06, y - 0.03, 0.035, i % 3 ? greens[3] : greens[0]);
  }
  if (v === 3) for (let i = 0; i < 6; i += 1) ellipse(c, (chance(i, 3, 3) - 0.5) * 1.1, -0.5 - chance(i, 3, 4) * 0.75, 0.06, 0.06, "#d9543f");
}

function pine(c, v) {
  const [dark, mid, light] = NEEDLES[v];
  const tall = 1.85 + v * 0.08;
  shadow(c, 0.08, 0.33, 0.56, 0.22);
  trunk(c, 0.14, 0.3);
  for (let i = 0; i < 4; i += 1) {
    const base = -0.02 - i * tall * 0.2, top = base - tall * 0.4, half = 0.64 - i * 0.13;
    const skirt = (side) => {
      c.beginPath();
      c.moveTo(0, top);
      c.quadraticCurveTo(side * half * 0.35, (top + base) / 2, side * half, base);
      c.quadraticCurveTo(side * half * 0.66, base + 0.02, side * half * 0.55, base + 0.1);
      c.quadraticCurveTo(side * half * 0.3, base + 0.05, 0, base + 0.13);
      c.closePath();
    };
    c.fillStyle = dark;
    skirt(1);
    c.fill();
    c.fillStyle = mid.slice(0, 7);
    skirt(-1);
    c.fill();
    c.beginPath();
    c.moveTo(0, top);
    c.quadraticCurveTo(-half * 0.4, (top + base) / 2, -half * 0.88, base);
    c.quadraticCurveTo(-half * 0.4, (top + base) / 2 + 0.02, 0, top);
    c.fillStyle = light;
    c.fill();
  }
}

function bush(c, v) {
  const greens = GREENS[v];
  shadow(c, 0.03, 0.28, 0.46, 0.17);
  const balls = [[-0.24, 0.08, 0.25], [0.24, 0.08, 0.25], [0, -0.06, 0.32], [0, 0.14, 0.27]];
  greens.forEach((green, layer) => {
    for (const [x, y, r] of balls) ellipse(c, x - layer * 0.03, y - layer * 0.055, r * (1 - layer * 0.2), r * (0.86 - layer * 0.18), green);
  });
  for (let i = 0; i < 7; i += 1) {
    ellipse(c, (chance(i, v, 5) - 0.5) * 0.7, -0.18 + chance(i, v, 6) * 0.36, 0.04, 0.04, pick(["#e0506a", "#f5f0ff", "#7b63c9", "#f2b84b"], v / 4));
  }
}

function rock(c, v) {
  shadow(c, 0.06, 0.26, 0.46, 0.17);
  const w = 0.36 + v * 0.03, h = 0.4 + (v % 2) * 0.12;
  poly(c, [[-w, 0.24], [-w * 0.88, -0.06], [-w * 0.4, 0.24 - h - 0.08], [w * 0.25, 0.24 - h - 0.12], [w * 0.85, -0.02], [w, 0.22], [w * 0.4, 0.33], [-w * 0.5, 0.33]], "#8f8b86");
  poly(c, [[-w * 0.4, 0.16 - h], [w * 0.25, 0.12 - h], [w * 0.05, 0.02], [-w * 0.88, -0.06]], "#b4b0a8");
  poly(c, [[w * 0.25, 0.12 - h], [w * 0.85, -0.02], [w, 0.22], [w * 0.4, 0.33], [w * 0.05, 0.02]], "#797570");
  ellipse(c, -w * 0.4, 0.26, 0.14, 0.06, "#7fae58");
  ellipse(c, -w * 0.62, 0.2, 0.09, 0.05, "#8fbd66");
}

function stump(c) {
  shadow(c, 0.04, 0.28, 0.36, 0.14);
  rounded(c, -0.25, -0.06, 0.5, 0.36, 0.1, "#77522f");
  ellipse(c, 0, -0.06, 0.25, 0.13, "#d2a874");
  ellipse(c, 0, -0.06, 0.16, 0.08, "#bd9059");
  ellipse(c, 0, -0.06, 0.07, 0.035, "#d2a874");
}

function crystal(c, v) {
  shadow(c, 0, 0.26, 0.4, 0.15, 0.4);
  const tone = pick([["#66d0f2", "#2f8fc9", "#c8f6ff"], ["#a58bf0", "#6a4fc4", "#e2d6ff"], ["#66e2c4", "#2d9a8d", "#d2fff0"], ["#7fb2ff", "#3d66cc", "#dbe9ff"]], v / 4);
  for (const [x, tall, lean, w] of [[-0.22, 0.5, -0.14, 0.11], [0.22, 0.58, 0.13, 0.12], [0, 0.95, 0.02, 0.16]]) {
    const top = 0.24 - tall;
    poly(c, [[x - w, 0.24], [x - w + lean, top + 0.18], [x + lean, top], [x + lean, 0.24]], tone[0]);
    poly(c, [[x + lean, top], [x + w + lean, top + 0.2], [x + w, 0.26], [x + lean * 0.5, 0.26]], tone[1]);
    line(c, x - w * 0.4 + lean, top + 0.2, x - w * 0.5, 0.1, 0.03, tone[2]);
  }
}

export const TREES = {
  tree: { w: 2.1, h: 2.7, paint: tree, sway: 0.012, loose: 0.45 },
  pine: { w: 1.8, h: 2.9, paint: pine, sway: 0.014, loose: 0.45 },
  bush: { w: 1.2, h: 1.4, paint: bush, loose: 0.3 },
  rock: { w: 1.2, h: 1.4, paint: rock, loose: 0.3 },
  stump: { w: 1, h: 1.2, paint: stump },
  crystal: { w: 1.3, h: 1.8, paint: crystal },
};
