// A sheep, and the straw dummy that stands for an enemy in the village.

import { ellipse, hash, line, rounded } from "./paint.js";

export function sheep(c, entity, pose) {
  const stride = pose.walk === undefined ? 0 : Math.sin(pose.walk);
  const bob = pose.walk === undefined ? 0 : Math.abs(Math.cos(pose.walk)) * 0.05;
  const black = hash(entity.key) % 7 === 0;
  const wool = black ? "#6a625e" : "#fbf7ee", shade = black ? "#524b48" : "#dcd5c8", face = black ? "#3b3432" : "#4a4340";
  const side = entity.side === "left" || entity.side === "right";
  c.save();
  if (entity.side === "left") c.scale(-1, 1);
  for (const [x, s] of side ? [[-0.2, 1], [-0.1, -1], [0.12, -1], [0.22, 1]] : [[-0.15, 1], [0.15, -1]]) {
    line(c, x, -0.16, x + (side ? stride * s * 0.07 : 0), -0.02 - (side ? 0 : Math.max(0, stride * s) * 0.06), 0.08, face);
  }
  c.translate(0, -bob);
  const grazing = pose.walk === undefined && Math.sin(pose.time * 0.5 + (hash(entity.key) % 7)) > 0.3;
  const dip = grazing ? 0.16 + Math.sin(pose.time * 7) * 0.015 : 0;
  const headX = side ? 0.33 : 0;
  const drawHead = () => {
    if (entity.side === "up") return;
    const y = -0.42 + dip + (side ? 0 : 0.06);
    ellipse(c, headX - 0.12, y - 0.05, 0.09, 0.045, face);
    if (!side) ellipse(c, 0.12, y - 0.05, 0.09, 0.045, face);
    ellipse(c, headX, y, 0.12, 0.15, face);
    for (const x of side ? [0.05] : [-0.05, 0.05]) ellipse(c, headX + x, y - 0.02, 0.022, 0.028, "#fff");
    ellipse(c, headX - 0.01, y - 0.14, 0.11, 0.07, wool);
  };
  const puffs = side ? [[-0.24, -0.3], [0.18, -0.3], [-0.14, -0.46], [0.1, -0.46], [-0.02, -0.28], [0.24, -0.4], [-0.28, -0.42]] : [[-0.17, -0.28], [0.17, -0.28], [-0.13, -0.46], [0.13, -0.46], [0, -0.36]];
  for (const [x, y] of puffs) ellipse(c, x, y + 0.03, 0.18, 0.17, shade);
  for (const [x, y] of puffs) ellipse(c, x, y - 0.02, 0.17, 0.16, wool);
  drawHead();
  c.restore();
}

export function dummy(c, entity, pose) {
  const hit = pose.since("hurt");
  c.save();
  // A blow sets it swinging.
  c.rotate(hit < 0.8 ? Math.sin(hit * 22) * 0.22 * (0.8 - hit) : 0);
  line(c, 0, 0, 0, -0.5, 0.1, "#7b5737");
  line(c, -0.34, -0.5, 0.34, -0.5, 0.08, "#8a6440");
  rounded(c, -0.2, -0.6, 0.4, 0.42, 0.13, "#dcb963");
  line(c, -0.2, -0.3, 0.2, -0.3, 0.05, "#8f6b38");
  line(c, -0.14, -0.55, 0.1, -0.24, 0.025, "#b8933f");
  line(c, 0.14, -0.55, -0.06, -0.24, 0.025, "#b8933f");
  ellipse(c, 0, -0.78, 0.21, 0.2, "#e8cb7d");
  line(c, -0.12, -0.83, -0.05, -0.76, 0.03, "#6b4c26");
  line(c, -0.05, -0.83, -0.12, -0.76, 0.03, "#6b4c26");
  line(c, 0.12, -0.83, 0.05, -0.76, 0.03, "#6b4c26");
  line(c, 0.05, -0.83, 0.12, -0.76, 0.03, "#6b4c26");
  line(c, -0.07, -0.68, 0.07, -0.68, 0.025, "#6b4c26");
  ellipse(c, 0, -0.93, 0.3, 0.06, "#b58c45");
  ellipse(c, 0, -0.98, 0.16, 0.1, "#c79c50");
  ellipse(c, -0.36, -0.5, 0.07, 0.07, "#e8cb7d");
  ellipse(c, 0.36, -0.5, 0.07, 0.07, "#e8cb7d");
  c.restore();
}
