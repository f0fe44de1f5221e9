// Keys, clicks and touches become commands. The rhythm: the next step is sent while the current one
// is still being walked, so that it waits on the server when the timeout ends.

const KEYS = {
  ArrowUp: "up", KeyW: "up", ArrowDown: "down", KeyS: "down", ArrowLeft: "left", KeyA: "left", ArrowRight: "right", KeyD: "right",
};
const DEEDS = { Space: "fight/attack", KeyE: "bag/pickup", KeyQ: "bag/drink" };
const AHEAD = 0.07; // seconds a step is sent before it is due: two frames of the server and some jitter
const REACH = 1.55;

const distance = (a, b) => Math.hypot(a.x - b.x, a.y - b.y);

export class Input {
  // `game`: { world, scene, send(action, params), ping(), map() }
  constructor(game, canvas) {
    this.game = game;
    this.held = []; // directions, the last pressed last
    this.attacking = false;
    this.hunt = null; // { key, deed } what a click on something asked for
    this.next = 0; // performance.now() at which the next step is sent
    this.waiting = 0; // when the last step was sent, 0 when it was executed
    this.struck = 0;
    addEventListener("keydown", (event) => this.down(event));
    addEventListener("keyup", (event) => this.up(event));
    addEventListener("blur", () => this.release());
    canvas.addEventListener("pointerdown", (event) => this.point(event, true));
    canvas.addEventListener("pointermove", (event) => event.buttons && this.point(event, false));
    canvas.addEventListener("contextmenu", (event) => event.preventDefault());
    for (const button of document.querySelectorAll("#pad [data-do]")) {
      const { do: deed } = button.dataset;
      button.addEventListener("pointerdown", (event) => {
        event.preventDefault();
        if (deed === "attack") this.attacking = true;
        else this.game.send(`bag/${deed}`);
      });
      for (const end of ["pointerup", "pointercancel", "pointerleave"]) button.addEventListener(end, () => { this.attacking = false; });
    }
  }

  release() {
    this.held = [];
    this.attacking = false;
  }

  down(event) {
    if (event.target.closest?.("input") || event.ctrlKey || event.metaKey || event.altKey) return;
    const direction = KEYS[event.code];
    if (!direction && !DEEDS[event.code]) return;
    event.preventDefault();
    if (event.repeat) return;
    this.hunt = null;
    if (direction) {
      this.held.push(direction);
      this.step(performance.now()); // a new direction replaces the step that waits on the server
    } else if (event.code === "Space") {
      this.attacking = true;
    } else {
      this.game.send(DEEDS[event.code]);
    }
  }

  up(event) {
    const direction = KEYS[event.code];
    if (direction) this.held = this.held.filter((held) => held !== direction);
    if (event.code === "Space") this.attacking = false;
  }

  // A click on something does something with it; on the ground it walks there. Dragging walks on.
  point(event, first) {
    const { world, scene } = this.game;
    document.activeElement?.blur?.();
    if (!world.self) return;
    const at = scene.place(event.clientX, event.clientY);
    if (first) {
      const hit = this.under(at);
      this.hunt = hit && { key: hit.key, deed: hit.type === "enemys" ? "fight/attack" : "bag/pickup" };
      if (hit) return;
    } else if (this.hunt || performance.now() < this.dragged) {
      return;
    }
    this.dragged = performance.now() + 150;
    this.walk(Math.round(at.x), Math.round(at.y));
  }

  under(at) {
    const { world } = this.game;
    let best, nearest = 0.75;
    for (const entity of world.entities.values()) {
      if (!(entity.type === "enemys" && entity.components.hp > 0) && entity.prefab !== "potion") continue;
      const { x, y } = entity.look.motion;
      const away = Math.hypot(at.x - x, at.y - (entity.type === "enemys" ? y - 0.25 : y));
      if (away < nearest) [best, nearest] = [entity, away];
    }
    return best;
  }

  walk(x, y) {
    this.game.scene.target = { x, y, until: performance.now() + 900 };
    this.game.send("move/to", { x, y });
  }

  step(now) {
    const direction = this.held.at(-1);
    if (!direction) return;
    if (this.game.send(`move/${direction}`)) this.waiting = now;
    this.next = Infinity; // until it is acknowledged
  }

  // The server executed a command of this group: the next one is due a timeout later.
  acknowledged(group) {
    if (group !== "move") return;
    const now = performance.now();
    const timeout = this.game.world.timeouts.move?.timeout ?? 0.2;
    this.waiting = 0;
    this.next = now + Math.max(0.02, timeout - this.game.ping() - AHEAD) * 1000;
  }

  update() {
    const { world, scene } = this.game;
    const now = performance.now(), self = world.self;
    if (!self || !(self.components.hp > 0)) return;
    if (this.held.length > 0) {
      // An answer that never came must not stop the walk.
      const lost = this.waiting && now - this.waiting > 1000;
      if (now >= this.next || lost || (!this.waiting && this.next === Infinity)) this.step(now);
    }
    if (this.attacking) this.strike(now);
    scene.marked = this.hunt?.deed === "fight/attack" ? world.entities.get(this.hunt.key) : null;
    if (this.hunt) this.pursue(now, self);
  }

  strike(now) {
    const timeout = (this.game.world.timeouts.fight?.timeout ?? 0.5) * 1000;
    if (now - this.struck < timeout - 40) return;
    this.struck = now;
    this.game.send("fight/attack");
  }

  pursue(now, self) {
    const prey = this.game.world.entities.get(this.hunt.key);
    if (!prey || prey.components.hp <= 0) {
      this.hunt = null;
      return;
    }
    if (distance(self, prey) <= REACH) {
      if (this.hunt.deed === "fight/attack") {
        this.strike(now);
      } else {
        this.game.send(this.hunt.deed);
        this.hunt = null;
      }
    } else if (now > (this.chased ?? 0)) {
      this.chased = now + 350;
      this.game.send("move/to", { x: Math.round(prey.x), y: Math.round(prey.y) });
    }
  }
}
