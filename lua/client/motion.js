// From steps to movement. The server says "now at (4, 7)" once a step; this walks there so that
// the next step finds it just arriving.

const LONGEST_WALK = 3.2; // tiles; further is a jump: a portal, a resurrection
const MOST_STEPS = 6; // to be walked yet; more come together only while the tab is hidden

export class Motion {
  constructor(x, y) {
    this.jump(x, y);
    this.phase = Math.random() * 6;
    this.still = 1; // seconds since it last moved
  }

  jump(x, y) {
    this.x = x;
    this.y = y;
    this.way = [];
  }

  get goal() {
    return this.way.at(-1) ?? this;
  }

  get moving() {
    return this.still < 0.09;
  }

  to(x, y) {
    if (Math.hypot(x - this.x, y - this.y) > LONGEST_WALK || this.way.length >= MOST_STEPS) {
      this.jump(x, y);
    } else {
      this.way.push({ x, y });
    }
  }

  // `speed` in tiles a second. Running a little slower with little way left, and faster with much,
  // evens out packets that come early or late, and never overtakes the server.
  update(seconds, speed) {
    let left = 0, from = this;
    for (const point of this.way) {
      left += Math.hypot(point.x - from.x, point.y - from.y);
      from = point;
    }
    if (left === 0) {
      this.way.length = 0;
      this.still += seconds;
      return;
    }
    this.still = 0;
    this.phase += seconds * Math.min(speed, 6) * 2.6;
    let step = seconds * speed * (0.82 + 0.26 * left + (left > 1.8 ? left - 1.8 : 0));
    while (step > 0 && this.way.length > 0) {
      const [next] = this.way;
      const distance = Math.hypot(next.x - this.x, next.y - this.y);
      if (distance <= step) {
        this.x = next.x;
        this.y = next.y;
        this.way.shift();
        step -= distance;
      } else {
        this.x += ((next.x - this.x) / distance) * step;
        this.y += ((next.y - this.y) / distance) * step;
        step = 0;
      }
    }
  }
}
