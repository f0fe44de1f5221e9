// The air: late sun and drifting cloud shadows above ground, darkness with holes of light below.

import { glow } from "./paint.js";
import { shines } from "./things.js";

export class Light {
  constructor() {
    this.dark = document.createElement("canvas");
  }

  // In screen pixels: warm from the upper left, darker in the corners.
  sun(c, width, height) {
    const warm = c.createLinearGradient(0, 0, width * 0.7, height);
    warm.addColorStop(0, "rgba(255, 226, 140, .16)");
    warm.addColorStop(0.5, "rgba(255, 236, 180, 0)");
    warm.addColorStop(1, "rgba(40, 50, 120, .1)");
    c.fillStyle = warm;
    c.fillRect(0, 0, width, height);
    const far = Math.hypot(width, height) / 2;
    const corners = c.createRadialGradient(width / 2, height / 2, far * 0.55, width / 2, height / 2, far);
    corners.addColorStop(0, "rgba(20, 36, 24, 0)");
    corners.addColorStop(1, "rgba(20, 36, 24, .34)");
    c.fillStyle = corners;
    c.fillRect(0, 0, width, height);
  }

  clouds(c, box, time) {
    const drift = time * 0.35;
    for (let i = Math.floor((box.left - drift) / 14) - 1; i <= (box.right - drift) / 14 + 1; i += 1) {
      for (let k = Math.floor(box.top / 11) - 1; k <= box.bottom / 11 + 1; k += 1) {
        const x = i * 14 + drift + ((k * 5) % 9), y = k * 11 + ((i * 7) % 6);
        glow(c, x, y, 4.4, "24, 44, 40", 0.13);
        glow(c, x + 3, y + 1, 3.4, "24, 44, 40", 0.12);
      }
    }
  }

  // Darkness at a quarter of the resolution: it is soft anyway.
  cave(c, width, height, view, world, lights, time) {
    const w = Math.ceil(width / 4), h = Math.ceil(height / 4);
    if (this.dark.width !== w || this.dark.height !== h) {
      this.dark.width = w;
      this.dark.height = h;
    }
    const d = this.dark.getContext("2d");
    d.setTransform(1, 0, 0, 1, 0, 0);
    d.globalCompositeOperation = "source-over";
    d.clearRect(0, 0, w, h);
    d.fillStyle = "rgba(14, 10, 30, .84)";
    d.fillRect(0, 0, w, h);
    d.globalCompositeOperation = "destination-out";
    view.apply(d, 0.25);
    const { box } = view;
    const near = (x, y, r) => x > box.left - r && x < box.right + r && y > box.top - r && y < box.bottom + r;
    for (const light of lights) if (near(light.x, light.y, light.radius)) glow(d, light.x, light.y, light.radius * (1 + Math.sin(time * 2 + light.x) * 0.04), "0, 0, 0", 0.85);
    for (const entity of world.entities.values()) {
      const { x, y } = entity.look.motion;
      if (entity.type === "players") {
        if (near(x, y, 5)) glow(d, x, y, (entity === world.self ? 5.4 : 3.4) + Math.sin(time * 8 + entity.id) * 0.06, "0, 0, 0", 0.98);
      } else if (shines[entity.prefab] && near(x, y, 4)) {
        glow(d, x, y, shines[entity.prefab].radius, "0, 0, 0", 0.9);
      }
    }
    c.imageSmoothingEnabled = true;
    c.drawImage(this.dark, 0, 0, w * 4, h * 4);
  }
}
