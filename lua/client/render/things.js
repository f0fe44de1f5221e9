// Objects: potions, the portal, cauldrons, signs; anything else gets a plain crate, so that a new
// prefab is visible before somebody draws it.

import { ellipse, glow, line, rounded, shadow } from "./paint.js";
import { flame } from "./fire.js";

function potion(c, time) {
  const hover = Math.sin(time * 2.4) * 0.04;
  glow(c, 0, -0.12, 0.5, "255, 120, 140", 0.3 + Math.sin(time * 2.4) * 0.08);
  shadow(c, 0, 0.12, 0.15 - hover, 0.06, 0.3);
  c.translate(0, hover - 0.04);
  ellipse(c, 0, -0.05, 0.16, 0.155, "#f4fbff");
  ellipse(c, 0, -0.03, 0.135, 0.125, "#e2475f");
  ellipse(c, 0, -0.09, 0.12, 0.045, "#f47d8d");
  rounded(c, -0.055, -0.3, 0.11, 0.15, 0.03, "#f4fbff");
  rounded(c, -0.05, -0.37, 0.1, 0.1, 0.03, "#a97a48");
  ellipse(c, -0.06, -0.08, 0.028, 0.055, "rgba(255, 255, 255, .85)");
}

function portal(c, time) {
  glow(c, 0, -0.3, 1.3, "150, 120, 255", 0.45 + Math.sin(time * 2) * 0.1);
  ellipse(c, 0, 0.2, 0.48, 0.2, "rgba(180, 150, 255, .35)");
  for (let i = 4; i >= 0; i -= 1) {
    c.save();
    c.translate(0, -0.38);
    c.rotate(time * (0.5 + i * 0.2) * (i % 2 ? 1 : -1));
    ellipse(c, 0, 0, 0.14 + i * 0.075, 0.2 + i * 0.085, ["#fdf6ff", "#d9c6ff", "#a98cf5", "#7c5fd8", "rgba(84, 60, 170, .75)"][i]);
    c.restore();
  }
  for (let i = 0; i < 7; i += 1) {
    const life = (time * 0.4 + i / 7) % 1, a = i * 2.4 + time;
    ellipse(c, Math.cos(a) * 0.5 * (1 - life * 0.5), -0.1 - life * 0.95, 0.03, 0.03, `rgba(230, 215, 255, ${1 - life})`);
  }
}

function cauldron(c, time) {
  shadow(c, 0, 0.26, 0.46, 0.18, 0.3);
  for (const x of [-0.16, 0.02, 0.18]) flame(c, x, 0.28, 0.24, time + x * 5);
  line(c, -0.28, 0.28, -0.2, 0.06, 0.07, "#33363c");
  line(c, 0.28, 0.28, 0.2, 0.06, 0.07, "#33363c");
  ellipse(c, 0, -0.1, 0.4, 0.32, "#43474f");
  ellipse(c, -0.12, -0.04, 0.2, 0.2, "#545963");
  ellipse(c, 0, -0.3, 0.38, 0.15, "#33363c");
  ellipse(c, 0, -0.3, 0.31, 0.11, "#d9485f");
  for (let i = 0; i < 5; i += 1) {
    const life = (time * 0.7 + i / 5) % 1;
    const x = Math.sin(i * 2.6) * 0.2, r = 0.03 + life * 0.05;
    ellipse(c, x + Math.sin(time * 2 + i) * 0.05 * life, -0.3 - life * 0.55, r, r, `rgba(255, 150, 165, ${0.9 - life * 0.9})`);
  }
}

function sign(c) {
  shadow(c, 0.02, 0.26, 0.3, 0.1);
  line(c, 0, 0.26, 0, -0.2, 0.1, "#76522f");
  rounded(c, -0.4, -0.52, 0.8, 0.44, 0.06, "#8a6440");
  rounded(c, -0.36, -0.49, 0.72, 0.37, 0.05, "#c59a63");
  for (let i = 0; i < 3; i += 1) line(c, -0.25, -0.4 + i * 0.1, 0.25 - (i === 2 ? 0.2 : 0), -0.4 + i * 0.1, 0.032, "#7a5836");
}

function crate(c) {
  shadow(c, 0.02, 0.24, 0.34, 0.12);
  rounded(c, -0.3, -0.34, 0.6, 0.6, 0.06, "#a97f50");
  c.strokeStyle = "#7b5736";
  c.lineWidth = 0.06;
  c.strokeRect(-0.26, -0.3, 0.52, 0.52);
  line(c, -0.24, -0.28, 0.24, 0.2, 0.05, "#7b5736");
}

const THINGS = { potion, portal, cauldron, sign };

export function thing(c, entity, time) {
  (THINGS[entity.prefab] ?? crate)(c, time + (entity.id % 7));
}

export const shines = { portal: { radius: 3.2, name: "portal" }, cauldron: { radius: 2.6, name: "campfire" }, potion: { radius: 1.2, name: "potion" } };
