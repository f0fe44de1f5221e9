// Pictures of maps, and the marks of entities on them. A geometry has no pictures of its tiles, so each tile has a colour.

const mostPixels = 1 << 21;
/** The colours of entities, by their type; world.css gives them to the legend. */
export const looks = { players: "#2f6fed", enemys: "#d4322a", animals: "#f2a516", objects: "#8a56c2" };
/** The tiles of the bundled game, and what other games call by the same names. */
const tileColours = {
  grass: "#9cc56e", flower: "#b3cf75", path: "#d9c48f", water: "#6fb1d6", tree: "#4d8a45", pine: "#3c7347", rock: "#8d8f88",
  bush: "#6a9c4d", sand: "#e8d9a4", cliff: "#8b7355", floor: "#b9ad98", wall: "#6d6459", stone: "#9c9a92", bridge: "#b58d5a",
  fence: "#a17f54", house: "#b5653f", snow: "#eef3f5", lava: "#d65b2a", dirt: "#b08d62",
};

/** The colour of a tile: that of its property `color`, that of its name, or else one by its number. */
function colorOf(tile, { color, name } = {}) {
  if (/^#[0-9a-f]{6}$/i.test(color)) return color;
  return tileColours[name] ?? `hsl(${(tile * 47 + 80) % 360} 26% ${48 + (tile * 13) % 18}%)`;
}

/** The outline of a kind: the shapes of the legend. */
export function outline(context, kind, x, y, size) {
  context.beginPath();
  if (kind === "players") return context.arc(x, y, size, 0, 2 * Math.PI);
  const points = {
    enemys: [[0, -1.1], [1.1, 0.9], [-1.1, 0.9]], animals: [[0, -1.2], [1.2, 0], [0, 1.2], [-1.2, 0]],
    objects: [[-0.8, -0.8], [0.8, -0.8], [0.8, 0.8], [-0.8, 0.8]],
  }[kind];
  for (const [dx, dy] of points) context.lineTo(x + dx * size, y + dy * size);
  context.closePath();
}

/** A canvas with a whole map; a tile has as many pixels as fit `size`. */
export function picture(map, size) {
  const fitting = Math.min(size / Math.max(map.width, map.height), Math.sqrt(mostPixels / (map.width * map.height)));
  const scale = Math.max(1, Math.min(24, Math.floor(fitting)));
  const canvas = document.createElement("canvas");
  canvas.width = map.width * scale;
  canvas.height = map.height * scale;
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", `Map ${map.map_id}, ${map.width} by ${map.height} tiles; dark tiles can't be walked on`);
  const context = canvas.getContext("2d");
  for (let row = 0; row < map.height; row++) {
    for (let column = 0; column < map.width; column++) {
      const index = row * map.width + column;
      const square = (color, inset = 0) => {
        context.fillStyle = color;
        context.fillRect(column * scale + inset, row * scale + inset, scale - 2 * inset, scale - 2 * inset);
      };
      square((row + column) % 2 ? "#79a163" : "#7fa768");
      map.layers.forEach((layer, depth) => {
        const tile = layer.data[index] & 0x1fffffff; // without the bits of turned tiles
        // What lies on the ground leaves some of it to be seen.
        if (tile) square(colorOf(tile, map.tiles?.[tile]), depth && scale > 5 ? Math.floor(scale / 6) : 0);
      });
      if (map.blocked[index]) square("rgba(20, 24, 18, .45)");
    }
  }
  return canvas;
}
