// How late the messages of the world come, as a small graph with a line for each lane: the newest ten seconds, above the
// best of the last minute. A lost packet is a peak on the reliable lane, and nothing on the fast one.

const SHOWN = 10; // seconds
const KEPT = 60; // seconds in which the best counts
const LINES = { reliable: "#ffd27a", fast: "#b9f29a" };
const LEAST_HEIGHT = 50; // ms at the upper edge

export class LatencyGraph {
  constructor(canvas) {
    this.canvas = canvas;
    this.clear();
  }

  clear() {
    this.samples = { reliable: [], fast: [] }; // { at, late }: seconds here, and seconds that the message took and more
    this.best = []; // { at, late }: the least of each second
  }

  // `time` is that of a message on the server's clock.
  note(lane, time) {
    const at = performance.now() / 1000;
    // The clocks differ by an unknown time, which is the same for all messages.
    const late = (performance.timeOrigin + performance.now()) / 1000 - time;
    const samples = this.samples[lane];
    samples.push({ at, late });
    while (samples[0].at < at - SHOWN) samples.shift();
    const last = this.best.at(-1);
    if (last && Math.floor(last.at) === Math.floor(at)) last.late = Math.min(last.late, late);
    else this.best.push({ at, late });
    while (this.best[0].at < at - KEPT) this.best.shift();
  }

  // The milliseconds by which the messages of a lane came later than the best.
  delays(lane) {
    const best = this.best.reduce((least, { late }) => Math.min(least, late), Infinity);
    return this.samples[lane].map(({ at, late }) => ({ at, delay: (late - best) * 1000 }));
  }

  draw() {
    const context = this.canvas.getContext("2d");
    const { width, height } = this.canvas;
    context.clearRect(0, 0, width, height);
    const lines = Object.keys(LINES).map((lane) => [lane, this.delays(lane)]);
    const most = Math.max(LEAST_HEIGHT, ...lines.flatMap(([, points]) => points.map(({ delay }) => delay)));
    const end = performance.now() / 1000;
    context.fillStyle = "rgba(20, 32, 14, .45)";
    context.fillRect(0, 0, width, height);
    for (const [lane, points] of lines) {
      context.strokeStyle = LINES[lane];
      context.lineWidth = 1.5;
      context.beginPath();
      for (const { at, delay } of points) {
        context.lineTo(width * (1 - (end - at) / SHOWN), height - 2 - (height - 4) * (delay / most));
      }
      context.stroke();
    }
    context.fillStyle = "#fffdf2";
    context.font = "10px sans-serif";
    context.fillText(`${Math.round(most)} ms`, 4, 11);
  }
}
