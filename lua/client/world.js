// The world as the server tells it: a snapshot, then deltas applied on top. `entities` holds plain
// records by key, exactly the fields of the protocol; what drawing needs beside them is in `look`.

import { Motion } from "./motion.js";

export const KINDS = ["players", "enemys", "animals", "objects"];

export class World {
  // `listener` may have added(e), removed(e), acted(e, action), healed(e, by), loaded(world).
  constructor(listener = {}) {
    this.listener = listener;
    this.clear();
  }

  clear() {
    this.entities = new Map();
    this.timeouts = {};
    this.player = null;
    this.mapId = null;
    this.tick = 0;
    this.since = undefined; // ticks of another map count on their own
    this.loaded = false;
  }

  get self() {
    return this.entities.get(this.player);
  }

  * ofType(type) {
    for (const entity of this.entities.values()) if (entity.type === type) yield entity;
  }

  count(type) {
    let n = 0;
    for (const _ of this.ofType(type)) n += 1;
    return n;
  }

  // A snapshot replaces everything. What was on screen keeps its place in the picture, so that a
  // refresh doesn't make everybody twitch.
  load(snapshot) {
    const before = this.mapId === snapshot.map_id ? this.entities : new Map();
    this.clear();
    this.player = snapshot.player;
    this.mapId = snapshot.map_id;
    this.timeouts = snapshot.timeouts ?? {};
    this.tick = snapshot.tick ?? 0;
    for (const kind of KINDS) {
      for (const record of snapshot[kind] ?? []) {
        const entity = this.create(kind, record);
        const old = before.get(record.key);
        if (old) {
          entity.look = old.look;
          entity.look.motion.to(entity.x, entity.y);
        }
      }
    }
    this.loaded = true;
    this.listener.loaded?.(this);
  }

  create(kind, record) {
    const entity = { side: "down", action: "", ...record, type: record.type ?? kind };
    entity.components = { ...record.components };
    entity.events = { ...record.events };
    // Non-enumerable, so that `perigee.world` shows the server's data and nothing else.
    Object.defineProperty(entity, "look", {
      writable: true,
      value: { motion: new Motion(entity.x, entity.y), born: performance.now(), acted: {}, flash: 0 },
    });
    this.entities.set(entity.key, entity);
    return entity;
  }

  // Until the first snapshot there is nothing a delta could change.
  apply(delta) {
    if (!this.loaded) return;
    this.measure(delta);
    if (delta.timeouts) Object.assign(this.timeouts, delta.timeouts);
    for (const kind of KINDS) {
      for (const record of delta[kind] ?? []) this.change(kind, record);
    }
  }

  // How many ticks the server makes a second, by its own clock, over two seconds or more.
  measure({ tick, time }) {
    if (!tick || !time) return;
    this.tick = tick;
    this.since ??= { tick, time };
    const seconds = time - this.since.time;
    if (seconds < 2) return;
    this.tickRate = (tick - this.since.tick) / seconds;
    this.since = { tick, time };
  }

  change(kind, record) {
    const key = record.key ?? `${kind}_${record.id}`;
    const entity = this.entities.get(key);
    if (record.action === "remove") {
      this.entities.delete(key);
      if (entity) this.listener.removed?.(entity, record);
      return;
    }
    if (!entity) {
      if (record.x === undefined) return; // a change of something never announced
      const created = this.create(kind, { ...record, key });
      this.listener.added?.(created);
      if (created.action) this.acted(created, created.action);
      return;
    }
    const { components, events, ...fields } = record;
    const hp = entity.components.hp;
    const x = entity.x, y = entity.y;
    Object.assign(entity, fields);
    if (components) Object.assign(entity.components, components);
    for (const [group, event] of Object.entries(events ?? {})) {
      entity.events[group] = { ...entity.events[group], ...event };
    }
    if (entity.x !== x || entity.y !== y) {
      if (entity.action === "resurrect") entity.look.motion.jump(entity.x, entity.y);
      else entity.look.motion.to(entity.x, entity.y);
    }
    if (components && typeof hp === "number" && typeof entity.components.hp === "number" && entity.components.hp !== hp) {
      this.listener.healed?.(entity, entity.components.hp - hp);
    }
    if (record.action !== undefined) this.acted(entity, record.action);
  }

  acted(entity, action) {
    entity.look.acted[action] = performance.now();
    this.listener.acted?.(entity, action);
  }
}
