// One entity on the map: its body in the right pose, and above all bodies its name, life and words.

import { dummy, sheep } from "./beasts.js";
import { ellipse, line, rounded, shadow } from "./paint.js";
import { heightOf, person } from "./people.js";
import { stamp } from "./sprites.js";
import { thing } from "./things.js";

const FEET = 0.3; // a body's feet stand this far below its tile's centre
const SWING = 0.32; // seconds

const keyboard = !matchMedia("(pointer: coarse)").matches;

const seconds = (from) => (from === undefined ? Infinity : (performance.now() - from) / 1000);

const body = (entity) => (entity.prefab === "sheep" ? sheep : entity.prefab === "dummy" ? dummy : person);

export const dead = (entity) => typeof entity.components.hp === "number" && entity.components.hp <= 0;

export function drawEntity(c, entity, time) {
  const { motion, acted } = entity.look;
  c.save();
  c.translate(motion.x, motion.y);
  if (entity.type === "objects") {
    const age = seconds(entity.look.born);
    if (age < 0.3) c.scale(0.4 + age * 2, 0.4 + age * 2);
    thing(c, entity, time);
    c.restore();
    return;
  }
  c.translate(0, FEET);
  const lying = dead(entity) ? Math.min(1, seconds(acted.dead) / 0.4) : 0;
  const appear = Math.min(1, seconds(acted.resurrect ?? acted.appear) / 0.6);
  if (lying) c.globalAlpha = 1 - 0.45 * lying;
  else if (appear < 1) c.globalAlpha = appear;
  const size = entity.prefab === "brute" ? 1.4 : 1;
  shadow(c, 0, 0, 0.29 * size, 0.12 * size);
  const swing = seconds(acted.attack) / SWING;
  const hit = seconds(acted.hurt);
  if (swing < 1 && !lying) lunge(c, entity.side, Math.sin(swing * Math.PI) * 0.12);
  if (hit < 0.25) c.translate(Math.sin(hit * 60) * 0.04, 0);
  if (lying) {
    c.rotate((entity.side === "left" ? -1 : 1) * lying * Math.PI * 0.5);
    c.translate(0, lying * 0.1);
  }
  const pose = {
    time,
    walk: motion.moving ? motion.phase : undefined,
    swing: swing < 1 ? swing : undefined,
    closed: lying > 0 || Math.sin(time * 0.9 + (entity.id % 13)) > 0.997,
    since: (action) => seconds(acted[action]),
  };
  // Red while it hurts: painted over the body's own pixels, which needs a canvas of its own.
  if (hit < 0.2 && !lying) flashed(c, entity, pose, 1 - hit / 0.2);
  else body(entity)(c, entity, pose);
  c.restore();
}

function lunge(c, side, by) {
  c.translate(side === "left" ? -by : side === "right" ? by : 0, side === "up" ? -by : side === "down" ? by : 0);
}

let stencil;

function flashed(c, entity, pose, strength) {
  const { a, b } = c.getTransform();
  const scale = Math.hypot(a, b), size = Math.ceil(scale * 3);
  if (!stencil) stencil = document.createElement("canvas");
  if (stencil.width !== size) stencil.width = stencil.height = size;
  const s = stencil.getContext("2d");
  s.setTransform(1, 0, 0, 1, 0, 0);
  s.clearRect(0, 0, size, size);
  s.setTransform(scale, 0, 0, scale, size / 2, size * 0.75);
  s.lineJoin = s.lineCap = "round";
  body(entity)(s, entity, pose);
  s.globalCompositeOperation = "source-atop";
  s.fillStyle = `rgba(255, 70, 50, ${0.75 * strength})`;
  s.fillRect(-2, -3, 4, 4);
  s.globalCompositeOperation = "source-over";
  c.drawImage(stencil, -size / 2 / scale, (-size * 0.75) / scale, size / scale, size / scale);
}

const FONT = 'px ui-rounded, "Nunito", "Segoe UI", system-ui, sans-serif';

// A short text with a dark rim, its middle at (x, y). Outlined text is dear: it is stamped.
export function label(c, text, x, y, size, fill) {
  c.save();
  c.translate(x, y);
  const w = size * (0.72 * text.length + 0.8);
  stamp(c, `${text} ${size} ${fill}`, [-w / 2, -size * 1.15, w, size * 1.6], (s) => {
    s.scale(size / 20, size / 20); // fonts of less than a pixel don't exist
    s.font = `700 20${FONT}`;
    s.textAlign = "center";
    s.lineWidth = 5;
    s.strokeStyle = "rgba(30, 40, 24, .72)";
    s.strokeText(text, 0, 0);
    s.fillStyle = fill;
    s.fillText(text, 0, 0);
  });
  c.restore();
}

export function drawAbove(c, entity, self, time, named) {
  if (entity.type === "objects") {
    const away = self ? Math.hypot(self.look.motion.x - entity.x, self.look.motion.y - entity.y) : Infinity;
    if (entity.prefab === "potion" && away < 1.6 && keyboard) label(c, "E", entity.x, entity.y - 0.45, 0.3, "#fff3bd");
    if (entity.components.text && away < 2.3) bubble(c, entity.components.text, entity.x, entity.y - 0.62, 0.235);
    return;
  }
  const { motion, acted } = entity.look;
  const x = motion.x, top = motion.y + FEET - heightOf(entity);
  const { hp, max_hp: max } = entity.components;
  const isDead = dead(entity);
  if (hp < max && !isDead) {
    const w = entity.prefab === "brute" ? 0.95 : 0.7;
    rounded(c, x - w / 2 - 0.03, top - 0.13, w + 0.06, 0.13, 0.06, "rgba(40, 30, 24, .75)");
    const part = Math.max(0.06, hp / max);
    rounded(c, x - w / 2, top - 0.1, w * part, 0.07, 0.035, part > 0.55 ? "#8fd45f" : part > 0.3 ? "#f2c14e" : "#ec6a55");
  }
  if (entity.login && named) label(c, entity.login, x, top - (hp < max && !isDead ? 0.2 : 0.06), 0.27, entity === self ? "#fff3bd" : "#ffffff");
  const noticed = seconds(acted.notice);
  if (noticed < 0.9 && !isDead) {
    const hop = Math.sin(Math.min(1, noticed * 4) * Math.PI * 0.5) * 0.16;
    label(c, "!", x, top - 0.16 - hop, 0.55, entity.prefab === "sheep" ? "#fff4c2" : "#ff8466");
  }
  const said = entity.look.said;
  if (said && seconds(said.at) < 5) bubble(c, said.text, x, top - (entity.login ? 0.38 : 0.12), 0.25);
  if (isDead && entity.type === "players") ghost(c, x, top, time);
}

function ghost(c, x, top, time) {
  const y = top + 0.25 + Math.sin(time * 2.4) * 0.06;
  c.globalAlpha = 0.8;
  c.beginPath();
  c.arc(x, y, 0.17, Math.PI, 0);
  for (let i = 0; i <= 4; i += 1) c.lineTo(x + 0.17 - i * 0.085, y + 0.26 + (i % 2 ? -0.05 : 0) + Math.sin(time * 4 + i) * 0.015);
  c.closePath();
  c.fillStyle = "#fbfdff";
  c.fill();
  ellipse(c, x - 0.06, y, 0.025, 0.04, "#45506b");
  ellipse(c, x + 0.06, y, 0.025, 0.04, "#45506b");
  c.globalAlpha = 1;
}

const wrapped = new Map();

function wrap(c, text, width) {
  const known = wrapped.get(text);
  if (known) return known;
  const lines = [];
  let current = "";
  for (const word of text.split(" ")) {
    const longer = current ? `${current} ${word}` : word;
    if (current && c.measureText(longer).width > width) {
      lines.push(current);
      current = word;
    } else {
      current = longer;
    }
  }
  lines.push(current);
  const result = { lines, width: Math.min(width * 1.4, Math.max(...lines.map((l) => c.measureText(l).width))) };
  if (wrapped.size > 200) wrapped.clear();
  wrapped.set(text, result);
  return result;
}

function bubble(c, text, x, y, size) {
  c.save();
  c.translate(x, y);
  c.scale(size / 20, size / 20);
  c.font = `500 20${FONT}`;
  const { lines, width } = wrap(c, text, 330);
  const w = width + 28, h = lines.length * 25 + 16;
  c.shadowColor = "rgba(30, 40, 20, .3)";
  c.shadowBlur = 12;
  rounded(c, -w / 2, -h - 12, w, h, 14, "rgba(255, 252, 240, .96)");
  c.shadowBlur = 0;
  c.beginPath();
  c.moveTo(-9, -13);
  c.lineTo(0, 0);
  c.lineTo(9, -13);
  c.fill();
  c.fillStyle = "#39412f";
  c.textAlign = "center";
  lines.forEach((l, i) => c.fillText(l, 0, -h + 13 + i * 25));
  c.restore();
}

export function ring(c, x, y, radius, colour, width = 0.05) {
  c.beginPath();
  c.ellipse(x, y + FEET, radius, radius * 0.5, 0, 0, Math.PI * 2);
  c.lineWidth = width;
  c.strokeStyle = colour;
  c.stroke();
}

export function cross(c, x, y, time) {
  const r = 0.26 + Math.sin(time * 6) * 0.04;
  ring(c, x, y - 0.3, r, "rgba(255, 250, 220, .85)", 0.06);
  line(c, x, y, x, y - 0.01, 0.12, "rgba(255, 250, 220, .9)");
}
