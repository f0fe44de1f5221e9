// Players, goblins and brutes: one small two-legged body, dressed differently. The origin is the
// feet; a body is a little more than one tile tall.

import { ellipse, hash, line, pick, poly, rounded } from "./paint.js";
import { stamp } from "./sprites.js";

const TUNICS = [["#4f86c6", "#3a689f"], ["#c9654f", "#a04a38"], ["#6da34d", "#507d37"], ["#9a6fb8", "#785295"],
  ["#d49a3a", "#ad7a27"], ["#3f9c95", "#2d7771"], ["#c7608c", "#9e456c"], ["#7d8899", "#5d6777"]];
// [hair, skin, long hair]: few enough that a crowd shares its pictures.
const HEADS = [["#5a3b22", "#f6d3ae", false], ["#b98a2e", "#ffdfc0", true], ["#2f2723", "#c98d5f", false], ["#8d4a25", "#f6d3ae", true],
  ["#2a2220", "#9a6642", true], ["#77706c", "#e8b98c", false], ["#a8482f", "#ffdfc0", false], ["#4a3326", "#e8b98c", true]];

const dressed = new Map();

// How somebody looks follows from the key, so that all clients agree without being told.
function dress(entity) {
  let look = dressed.get(entity.key);
  if (look) return look;
  const n = hash(entity.key);
  if (entity.type === "players") {
    const [cloth, fold] = TUNICS[n % TUNICS.length];
    const [hair, skin, long] = HEADS[(n >>> 7) % HEADS.length];
    look = { cloth, fold, hair, skin, long, feet: "#5b4432", size: 1, weapon: "sword" };
  } else {
    const brute = entity.prefab === "brute";
    look = {
      cloth: brute ? "#5b4a57" : pick(["#8a6a44", "#7a5a4c", "#94744c"], (n % 97) / 97), fold: brute ? "#433541" : "#5f4830",
      skin: brute ? "#7d9b6f" : pick(["#8fbf57", "#83b34f", "#9cc763"], (n % 89) / 89), goblin: true, feet: brute ? "#647d59" : "#719a42",
      size: brute ? 1.42 : 0.9, weapon: "club",
    };
  }
  look.id = Object.values(look).join(); // equal looks share their pictures
  if (dressed.size > 4000) dressed.clear(); // a bound: keys come and go
  dressed.set(entity.key, look);
  return look;
}

function eyes(c, look, x, gap, closed) {
  for (const side of gap ? [-1, 1] : [0]) {
    const px = x + side * gap;
    if (closed) {
      line(c, px - 0.035, -0.72, px + 0.035, -0.72, 0.022, "#33261f");
    } else if (look.goblin) {
      ellipse(c, px, -0.73, 0.055, 0.05, "#ffe66e");
      ellipse(c, px, -0.725, 0.024, 0.034, "#7a1f14");
    } else {
      ellipse(c, px, -0.725, 0.033, 0.045, "#2d2622");
      ellipse(c, px + 0.012, -0.742, 0.012, 0.014, "#fff");
    }
  }
}

function ears(c, look, view) {
  if (!look.goblin) return;
  const ear = (side) => poly(c, [[side * 0.16, -0.84], [side * 0.47, -0.86], [side * 0.2, -0.64]], look.skin);
  if (view !== "side") {
    ear(-1);
    ear(1);
    return;
  }
  poly(c, [[-0.02, -0.84], [-0.4, -0.9], [-0.08, -0.64]], look.skin);
}

function head(c, look, view, closed) {
  if (look.long && view !== "up") rounded(c, -0.25, -0.86, 0.5, 0.42, 0.16, look.hair);
  ears(c, look, view);
  ellipse(c, 0, -0.72, 0.245, 0.235, look.skin);
  if (view === "down") {
    eyes(c, look, 0, 0.095, closed);
    ellipse(c, -0.15, -0.65, 0.045, 0.028, look.goblin ? "rgba(60, 100, 30, .35)" : "rgba(230, 110, 90, .32)");
    ellipse(c, 0.15, -0.65, 0.045, 0.028, look.goblin ? "rgba(60, 100, 30, .35)" : "rgba(230, 110, 90, .32)");
  } else if (view === "side") {
    eyes(c, look, 0.13, 0, closed);
    ellipse(c, 0.245, -0.685, look.goblin ? 0.085 : 0.035, 0.03, look.skin);
  }
  if (look.goblin) {
    if (view === "down") {
      ellipse(c, 0, -0.67, 0.05, 0.04, "rgba(70, 110, 40, .6)");
      poly(c, [[-0.1, -0.58], [-0.06, -0.59], [-0.075, -0.64]], "#fff8df");
      poly(c, [[0.1, -0.58], [0.06, -0.59], [0.075, -0.64]], "#fff8df");
    }
    return;
  }
  c.fillStyle = look.hair;
  c.beginPath();
  if (view === "up") {
    c.ellipse(0, -0.74, 0.265, look.long ? 0.3 : 0.255, 0, 0, Math.PI * 2);
  } else if (view === "down") {
    c.ellipse(0, -0.76, 0.272, 0.245, 0, Math.PI * 0.95, Math.PI * 2.05);
    c.quadraticCurveTo(0.17, -0.86, 0.06, -0.81);
    c.quadraticCurveTo(-0.1, -0.88, -0.265, -0.72);
  } else {
    c.ellipse(-0.02, -0.77, 0.265, 0.225, 0, Math.PI * 0.72, Math.PI * 2.02);
    c.quadraticCurveTo(0.1, -0.86, 0, -0.8);
    c.quadraticCurveTo(-0.04, -0.7, -0.1, -0.62);
  }
  c.fill();
}

function weapon(c, look, angle) {
  c.save();
  c.rotate(angle);
  if (look.weapon === "sword") {
    line(c, 0, -0.06, 0, 0.06, 0.06, "#6d4a2d");
    line(c, -0.09, -0.08, 0.09, -0.08, 0.045, "#d9b34d");
    poly(c, [[-0.045, -0.1], [-0.04, -0.5], [0, -0.58], [0.04, -0.5], [0.045, -0.1]], "#e3e9ee");
    poly(c, [[0, -0.1], [0, -0.58], [0.04, -0.5], [0.045, -0.1]], "#b7c2cb");
  } else {
    line(c, 0, 0.08, 0, -0.16, 0.07, "#6b4a2c");
    line(c, 0, -0.18, 0, -0.36, 0.15, "#7f5a36");
    ellipse(c, 0.05, -0.32, 0.03, 0.03, "#d8cdb8");
    ellipse(c, -0.05, -0.24, 0.03, 0.03, "#d8cdb8");
  }
  c.restore();
}

const STEPS = 6; // pictures of one stride
const ROOM = [-0.65, -1.15, 1.3, 1.3];

// Walking and standing repeat, so they are stamped; a swing is painted, it is rare and short.
export function person(c, entity, pose) {
  const look = dress(entity);
  const view = entity.side === "up" ? "up" : entity.side === "left" || entity.side === "right" ? "side" : "down";
  c.save();
  c.scale(entity.side === "left" ? -look.size : look.size, look.size);
  if (pose.swing !== undefined) {
    figure(c, look, view, 0, 0, pose);
  } else {
    const step = pose.walk === undefined ? -1 : Math.floor((pose.walk / (Math.PI * 2)) * STEPS) % STEPS;
    const angle = (step / STEPS) * Math.PI * 2;
    if (step < 0) c.scale(1, 1 + Math.sin(pose.time * 2.2 + entity.id) * 0.014); // breathing
    const key = `${look.id} ${view} ${step}${pose.closed ? " closed" : ""}`;
    const stride = step < 0 ? 0 : Math.sin(angle), bob = step < 0 ? 0 : Math.abs(Math.cos(angle)) * 0.055;
    stamp(c, key, ROOM, (s) => figure(s, look, view, stride, bob, pose), look.size);
  }
  c.restore();
}

// `stride` -1 to 1, `bob` in tiles, `pose.swing` 0 to 1 while attacking.
function figure(c, look, view, stride, bob, pose) {
  c.save();
  // Feet
  if (view === "side") {
    ellipse(c, stride * 0.13 + 0.02, -0.04 - Math.max(0, -stride) * 0.04, 0.1, 0.065, look.feet);
    ellipse(c, -stride * 0.13 + 0.02, -0.04 - Math.max(0, stride) * 0.04, 0.1, 0.065, look.feet);
  } else {
    ellipse(c, -0.1, -0.05 - Math.max(0, stride) * 0.07, 0.085, 0.065, look.feet);
    ellipse(c, 0.1, -0.05 - Math.max(0, -stride) * 0.07, 0.085, 0.065, look.feet);
  }
  c.translate(0, -bob);
  const swing = pose.swing;
  const hand = swing === undefined
    ? { x: view === "side" ? 0.06 - stride * 0.12 : 0.24, y: -0.28 + stride * 0.03, angle: view === "side" ? 0.9 : 0.5 }
    : { x: view === "side" ? 0.26 : 0.2, y: -0.34, angle: -1.3 + swing * 3.4 };
  const behind = view === "up";
  const arm = () => {
    c.save();
    c.translate(hand.x, hand.y);
    weapon(c, look, hand.angle);
    ellipse(c, 0, 0, 0.075, 0.075, look.skin);
    c.restore();
  };
  if (behind) arm();
  // Body
  c.beginPath();
  c.moveTo(-0.15, -0.52);
  c.quadraticCurveTo(-0.27, -0.3, -0.23, -0.12);
  c.quadraticCurveTo(0, -0.05, 0.23, -0.12);
  c.quadraticCurveTo(0.27, -0.3, 0.15, -0.52);
  c.closePath();
  c.fillStyle = look.cloth;
  c.fill();
  c.beginPath();
  c.moveTo(0.06, -0.52);
  c.quadraticCurveTo(0.13, -0.3, 0.08, -0.085);
  c.quadraticCurveTo(0.16, -0.09, 0.23, -0.12);
  c.quadraticCurveTo(0.27, -0.3, 0.15, -0.52);
  c.closePath();
  c.fillStyle = look.fold;
  c.fill();
  line(c, -0.235, -0.22, 0.235, -0.22, 0.06, "rgba(60, 38, 20, .7)");
  if (view === "down") ellipse(c, 0, -0.22, 0.04, 0.035, "#e3c15a");
  if (view !== "side") ellipse(c, -0.25, -0.27 - stride * 0.03, 0.07, 0.07, look.skin);
  head(c, look, view, pose.closed);
  if (!behind) arm();
  if (swing !== undefined && swing < 0.75) { // the trail of the blade
    c.globalAlpha *= 0.75 - swing;
    c.beginPath();
    c.arc(hand.x, hand.y, 0.52, -Math.PI / 2 - 1.3, -Math.PI / 2 - 1.3 + swing * 3.4);
    c.lineWidth = 0.14;
    c.strokeStyle = "#ffffff";
    c.stroke();
  }
  c.restore();
}

export const heightOf = (entity) => (entity.prefab === "brute" ? 1.5 : entity.prefab === "sheep" ? 0.85 : entity.prefab === "goblin" ? 0.98 : 1.08);
