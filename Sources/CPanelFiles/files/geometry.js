// Pictures of maps. A geometry has no pictures of its tiles, so each tile number has a colour.

const mostPixels = 1 << 21;

export function colorOf(tile) { return `hsl(${(tile * 47 + 80) % 360} 26% ${48 + (tile * 13) % 18}%)`; }

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
        if (layer.data[index]) square(colorOf(layer.data[index]), depth && scale > 5 ? scale * 0.15 : 0);
      });
      if (map.blocked[index]) square("rgba(20, 24, 18, .5)");
    }
  }
  return canvas;
}
