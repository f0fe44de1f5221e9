// Colours and the few strokes that everything is drawn with. All drawing happens in tiles: one unit
// is one tile, whatever the screen.

// The same picture for everybody and every time: chance comes from the place, not from a generator.
export function chance(x, y, salt = 0) {
  let h = Math.imul(x | 0, 374761393) ^ Math.imul(y | 0, 668265263) ^ Math.imul(salt | 0, 2147483647 - 60);
  h = Math.imul(h ^ (h >>> 13), 1274126177);
  return ((h ^ (h >>> 16)) >>> 0) / 4294967296;
}

export function hash(text) {
  let h = 2166136261;
  for (let i = 0; i < text.length; i += 1) h = Math.imul(h ^ text.charCodeAt(i), 16777619);
  return h >>> 0;
}

export const pick = (list, n) => list[Math.floor(n * list.length) % list.length];

export function ellipse(c, x, y, rx, ry, fill) {
  c.beginPath();
  c.ellipse(x, y, rx, ry, 0, 0, Math.PI * 2);
  if (fill) {
    c.fillStyle = fill;
    c.fill();
  }
}

export function rounded(c, x, y, w, h, r, fill) {
  c.beginPath();
  c.roundRect(x, y, w, h, r);
  if (fill) {
    c.fillStyle = fill;
    c.fill();
  }
}

export function poly(c, points, fill) {
  c.beginPath();
  points.forEach(([x, y], i) => (i ? c.lineTo(x, y) : c.moveTo(x, y)));
  c.closePath();
  if (fill) {
    c.fillStyle = fill;
    c.fill();
  }
}

export function line(c, x1, y1, x2, y2, width, stroke) {
  c.beginPath();
  c.moveTo(x1, y1);
  c.lineTo(x2, y2);
  c.lineWidth = width;
  c.strokeStyle = stroke;
  c.stroke();
}

export function shadow(c, x, y, rx, ry, alpha = 0.22) {
  ellipse(c, x, y, rx, ry, `rgba(28, 44, 22, ${alpha})`);
}

export function glow(c, x, y, radius, rgb, alpha) {
  const light = c.createRadialGradient(x, y, 0, x, y, radius);
  light.addColorStop(0, `rgba(${rgb}, ${alpha})`);
  light.addColorStop(1, `rgba(${rgb}, 0)`);
  c.fillStyle = light;
  c.fillRect(x - radius, y - radius, radius * 2, radius * 2);
}
