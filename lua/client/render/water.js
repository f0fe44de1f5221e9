// What moves on water: light that glides over it and foam that breathes along the shore.

import { chance } from "./paint.js";

export function drawWater(c, map, ground, box, time) {
  c.save();
  c.lineCap = "round";
  c.strokeStyle = "#f2fcff";
  c.globalAlpha = 0.26 + Math.sin(time * 1.4) * 0.1;
  c.lineWidth = 0.07 + Math.sin(time * 1.4) * 0.025;
  c.stroke(ground.water);
  for (let y = Math.floor(box.top); y <= box.bottom; y += 1) {
    for (let x = Math.floor(box.left); x <= box.right; x += 1) {
      if (map.ground(x, y) !== "water" || chance(x, y, 3) > 0.5) continue;
      const life = (time * (0.13 + chance(x, y, 4) * 0.1) + chance(x, y, 5)) % 1;
      const glide = (life - 0.5) * 0.55, wide = 0.17 + chance(x, y, 6) * 0.16;
      const px = x + glide, py = y + (chance(x, y, 7) - 0.5) * 0.5;
      c.globalAlpha = Math.sin(life * Math.PI) * 0.5;
      c.lineWidth = 0.045;
      c.beginPath();
      c.moveTo(px - wide, py);
      c.quadraticCurveTo(px - wide / 2, py - 0.06, px, py);
      c.quadraticCurveTo(px + wide / 2, py + 0.06, px + wide, py);
      c.stroke();
    }
  }
  c.restore();
}
