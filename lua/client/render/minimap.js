// The small map in the corner: the land painted once, the living as dots on it.

const COLOURS = { water: "#4f9fc0", sand: "#e6d59d", path: "#d8c08c", plaza: "#c9bda6", bridge: "#a97f50", cliff: "#8d7f6b", cave_floor: "#8b8089", cave_wall: "#37334a" };
const DECOR = { tree: "#4d8740", pine: "#336b49", house: "#b8574a", fence: "#94703f", crystal: "#66d0f2", rock: "#8f8b86", campfire: "#f3762f", tent: "#b59a68" };
const DOTS = { players: "#ffffff", enemys: "#e2503f", animals: "#fff2cf" };

export class Minimap {
  constructor(canvas) {
    this.canvas = canvas;
    this.land = document.createElement("canvas");
    this.map = null;
  }

  show(map) {
    this.map = map;
    this.land.width = map.width;
    this.land.height = map.height;
    const c = this.land.getContext("2d");
    for (let y = 0; y < map.height; y += 1) {
      for (let x = 0; x < map.width; x += 1) {
        c.fillStyle = DECOR[map.decor(x, y)] ?? COLOURS[map.ground(x, y)] ?? (map.walkable(x, y) ? "#86b85f" : "#6b8f55");
        c.fillRect(x, y, 1, 1);
        if (map.decor(x, y) === "house") c.fillRect(x, y - 2, 4, 3);
      }
    }
  }

  draw(world) {
    const { canvas, map } = this;
    if (!map) return;
    const c = canvas.getContext("2d"), s = canvas.width / Math.max(map.width, map.height);
    c.setTransform(1, 0, 0, 1, 0, 0);
    c.imageSmoothingEnabled = false;
    c.clearRect(0, 0, canvas.width, canvas.height);
    c.drawImage(this.land, 0, 0, map.width * s, map.height * s);
    for (const e of world.entities.values()) {
      if (e.prefab === "portal") dot(c, e.x * s, e.y * s, 3.4, "#a98cf5");
      else if (DOTS[e.type] && !(e.components.hp <= 0)) dot(c, e.x * s, e.y * s, e.type === "players" ? 2.6 : 1.9, DOTS[e.type]);
    }
    const self = world.self;
    if (self) {
      dot(c, self.look.motion.x * s, self.look.motion.y * s, 4.6, "#3d2c12");
      dot(c, self.look.motion.x * s, self.look.motion.y * s, 3.4, "#ffd34d");
    }
  }
}

function dot(c, x, y, r, fill) {
  c.beginPath();
  c.arc(x + 1.5, y + 1.5, r, 0, Math.PI * 2);
  c.fillStyle = fill;
  c.fill();
}
