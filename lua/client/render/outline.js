// Turns a set of square tiles into one smooth shape: the borders between "in" and "out" are walked
// around once per map, then rounded. Lakes and paths get shores instead of staircases.

import { chance } from "./paint.js";

// Directions along grid lines, clockwise with the inside to the right: east, south, west, north.
const STEP = [[1, 0], [0, 1], [-1, 0], [0, -1]];

// `inside(x, y)` is asked one tile beyond the map as well, so shapes reach over the edge.
function loops(width, height, inside) {
  // Every border edge once, by its start corner and direction.
  const edges = new Map();
  const add = (x, y, direction) => {
    const key = `${x},${y}`;
    if (!edges.has(key)) edges.set(key, []);
    edges.get(key).push(direction);
  };
  const within = (x, y) => x >= -1 && y >= -1 && x <= width && y <= height && inside(x, y);
  for (let y = -1; y <= height; y += 1) {
    for (let x = -1; x <= width; x += 1) {
      if (!within(x, y)) continue;
      if (!within(x, y - 1)) add(x, y, 0);
      if (!within(x + 1, y)) add(x + 1, y, 1);
      if (!within(x, y + 1)) add(x + 1, y + 1, 2);
      if (!within(x - 1, y)) add(x, y + 1, 3);
    }
  }
  const found = [];
  for (const [start, directions] of edges) {
    while (directions.length > 0) {
      let direction = directions.pop();
      let [x, y] = start.split(",").map(Number);
      const loop = [];
      for (;;) {
        loop.push([x, y]);
        x += STEP[direction][0];
        y += STEP[direction][1];
        const next = edges.get(`${x},${y}`);
        if (!next || next.length === 0) break;
        // Where two tiles touch at a corner, turning left keeps them one shape.
        const turn = [3, 0, 1].map((t) => (direction + t) % 4).find((d) => next.includes(d));
        if (turn === undefined) break;
        next.splice(next.indexOf(turn), 1);
        direction = turn;
      }
      if (loop.length > 2) found.push(loop);
    }
  }
  return found;
}

// Each corner moves towards its neighbours, which turns a staircase into a slope. Small shapes
// would shrink, so they stay.
function relax(corners) {
  const n = corners.length;
  if (n < 8) return corners;
  return corners.map(([x, y], i) => {
    const a = corners[(i + n - 1) % n], b = corners[(i + 1) % n];
    return [x * 0.5 + (a[0] + b[0]) * 0.25, y * 0.5 + (a[1] + b[1]) * 0.25];
  });
}

// `wobble` in tiles moves the corners a little, so that straight borders look grown.
export function outline(width, height, inside, wobble = 0.16, salt = 0) {
  const path = new Path2D();
  for (const loop of loops(width, height, inside)) {
    // Tile (x, y) covers x - 0.5 to x + 0.5.
    const corners = loop.map(([x, y]) => [
      x - 0.5 + (chance(x, y, salt + 1) - 0.5) * 2 * wobble,
      y - 0.5 + (chance(x, y, salt + 2) - 0.5) * 2 * wobble,
    ]);
    const soft = relax(relax(corners));
    const middle = (i) => {
      const a = soft[i % soft.length], b = soft[(i + 1) % soft.length];
      return [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
    };
    path.moveTo(...middle(0));
    for (let i = 1; i <= soft.length; i += 1) {
      path.quadraticCurveTo(...soft[i % soft.length], ...middle(i));
    }
    path.closePath();
  }
  return path;
}
