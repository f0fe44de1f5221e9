// The land behind the login card: a small map of the client's own, because the real one is only
// told to players. Built like an answer of get_map, so that everything draws it as any other.

import { chance } from "./paint.js";

const WIDTH = 72, HEIGHT = 48;
const NAMES = ["grass", "water", "sand", "path", "tree", "pine", "flower", "tall_grass", "bush", "rock", "lily", "reed", "house", "lantern", "well"];

export function backdrop() {
  const tiles = Object.fromEntries(NAMES.map((name, i) => [i + 1, { name, walkable: true }]));
  const gid = (name) => NAMES.indexOf(name) + 1;
  const ground = [], decor = [];
  for (let y = 0; y < HEIGHT; y += 1) {
    for (let x = 0; x < WIDTH; x += 1) {
      const wave = Math.sin(x * 0.35) * 1.2 + Math.cos(y * 0.4) * 1.1;
      const lake = Math.hypot((x - 44) / 1.5, y - 20) + wave * 0.6;
      const road = Math.abs(y - 28 - Math.sin(x * 0.22) * 2.4);
      const kind = lake < 4.6 ? "water" : lake < 6 ? "sand" : road < 1.1 ? "path" : "grass";
      ground.push(gid(kind));
      decor.push(gid(standing(x, y, kind, road)));
    }
  }
  for (const [x, y, name] of [[24, 26, "house"], [30, 24, "house"], [29, 27, "lantern"], [38, 30, "lantern"], [47, 27, "lantern"]]) decor[y * WIDTH + x] = gid(name);
  return { map_id: -1, name: "backdrop", width: WIDTH, height: HEIGHT, tiles, blocked: [], layers: [{ name: "ground", data: ground }, { name: "decor", data: decor }] };
}

function standing(x, y, kind, road) {
  const n = chance(x, y, 200);
  if (kind === "water") return n < 0.07 ? "lily" : undefined;
  if (kind === "sand") return n < 0.16 ? "reed" : undefined;
  if (kind === "path" || (x > 21 && x < 36 && y > 19 && y < 28)) return n < 0.14 && kind === "grass" ? "flower" : undefined;
  const wood = Math.hypot((x - 36) / 17, (y - 25) / 9.5) - 1 + Math.sin(x * 0.7 + y) * 0.12;
  if (n < wood * 1.5 && road > 1.8) return chance(x, y, 201) < 0.55 ? "pine" : "tree";
  if (n < 0.16) return chance(Math.floor(x / 3), Math.floor(y / 3), 202) < 0.4 ? "flower" : undefined;
  return n > 0.975 ? "bush" : n > 0.93 ? "tall_grass" : undefined;
}
