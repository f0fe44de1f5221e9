// Draws the field: a square for each player, at its place.

export const SQUARE = 10; // units, and pixels of the canvas
const GRID = 50; // units between two lines
const FLASH = 180; // ms for which a player who was hit shows it

export class Field {
  // `game` has `players`, a map of { x, y, hp } by id, and `id`, that of our own player.
  constructor(canvas, game) {
    this.canvas = canvas;
    this.game = game;
    this.hits = new Map(); // when the flash of a player is over, by id
    this.isDue = false;
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.redraw());
    this.redraw();
  }

  // However much changes, the field is drawn once for each frame of the screen.
  redraw() {
    if (this.isDue) return;
    this.isDue = true;
    requestAnimationFrame((now) => {
      this.isDue = false;
      this.draw(now);
    });
  }

  flash(id) {
    this.hits.set(id, performance.now() + FLASH);
    this.redraw();
  }

  draw(now) {
    const { width, height } = this.canvas;
    const context = this.canvas.getContext("2d");
    const style = getComputedStyle(this.canvas);
    const paint = (name) => { context.fillStyle = style.getPropertyValue(name); };
    context.clearRect(0, 0, width, height);
    paint("--grid");
    for (let at = GRID; at < width; at += GRID) context.fillRect(at, 0, 1, height);
    for (let at = GRID; at < height; at += GRID) context.fillRect(0, at, width, 1);
    for (const [id, until] of this.hits) if (until <= now) this.hits.delete(id);
    const { players, id: own } = this.game;
    const square = (id) => {
      const { x, y, hp } = players.get(id);
      paint(this.hits.has(id) ? "--hit" : hp <= 0 ? "--dead" : id === own ? "--me" : "--other");
      context.fillRect(x, y, SQUARE, SQUARE);
    };
    for (const id of players.keys()) if (id !== own) square(id);
    if (players.has(own)) square(own); // above the others
    if (this.hits.size) this.redraw();
  }
}
