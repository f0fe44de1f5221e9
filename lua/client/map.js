// A map's geometry as get_map delivers it, with the questions the picture asks about it.

export class GameMap {
  constructor(data) {
    this.id = data.map_id;
    this.name = data.name;
    this.width = data.width;
    this.height = data.height;
    this.blocked = data.blocked;
    this.tiles = data.tiles;
    this.layers = Object.fromEntries(data.layers.map((layer) => [layer.name, layer.data]));
    // Under ground there is no sun: one tile property decides it for the map.
    this.dark = Object.entries(data.tiles).some(([gid, tile]) => tile.dark && this.layers.ground?.includes(Number(gid)));
  }

  has(x, y) {
    return x >= 0 && y >= 0 && x < this.width && y < this.height;
  }

  // The properties of a layer's tile; outside the map its nearest tile, so that edges look endless.
  tile(layer, x, y) {
    const cx = Math.min(this.width - 1, Math.max(0, x));
    const cy = Math.min(this.height - 1, Math.max(0, y));
    const gid = this.layers[layer]?.[cy * this.width + cx];
    return gid ? this.tiles[gid & 0x1fffffff] : undefined; // the upper bits are Tiled's flips
  }

  ground(x, y) {
    return this.tile("ground", x, y)?.name ?? "grass";
  }

  decor(x, y) {
    return this.has(x, y) ? this.tile("decor", x, y)?.name : undefined;
  }

  walkable(x, y) {
    return this.has(x, y) && !this.blocked[y * this.width + x];
  }
}
