// Pictures that are needed again and again: painted once, then copied. A crowd of five hundred is
// a few hundred copies a frame instead of ten thousand strokes.

const MOST = 2400; // sprites, 5 to 80 kB each; a crowd in all its poses needs 1,400

const sprites = new Map();
let scale = 0;

// Pixels a tile, told once a frame. Another zoom: nothing fits any more.
export function spriteScale(pixels) {
  if (pixels !== scale) sprites.clear();
  scale = pixels;
}

// Draws the picture `key` at the origin of `c`. `w`, `h`: its room in tiles; (left, top): where that
// room begins, relative to the origin. `paint(c)` is called when the picture doesn't exist yet;
// `detail` is how much larger than usual it will be shown.
export function stamp(c, key, [left, top, w, h], paint, detail = 1) {
  let sprite = sprites.get(key);
  const pixels = scale * detail;
  if (!sprite) {
    if (sprites.size >= MOST) sprites.delete(sprites.keys().next().value);
    sprite = document.createElement("canvas");
    sprite.width = Math.ceil(w * pixels);
    sprite.height = Math.ceil(h * pixels);
    const s = sprite.getContext("2d");
    s.scale(pixels, pixels);
    s.translate(-left, -top);
    s.lineJoin = s.lineCap = "round";
    paint(s);
    sprites.set(key, sprite);
  }
  c.drawImage(sprite, left, top, sprite.width / pixels, sprite.height / pixels);
}
