// What the server told about the map: a snapshot, and the deltas after it.

export const KINDS = ["players", "enemys", "animals", "objects"];

export class World {
  constructor() {
    this.clear();
  }

  clear() {
    this.entities = new Map(); // records by key
    this.player = null; // the key of the own entity
    this.mapID = null;
    this.tick = 0;
    this.timeouts = {};
  }

  get self() { return this.entities.get(this.player); }

  /** Begins anew with a snapshot. */
  load(message) {
    this.clear();
    this.player = message.player;
    this.mapID = message.map_id;
    this.apply(message);
  }

  /** Applies the records of a message in their order. */
  apply(message) {
    this.tick = message.tick ?? this.tick;
    if (message.timeouts) this.timeouts = message.timeouts;
    for (const kind of KINDS) for (const record of message[kind] ?? []) this.change(kind, record);
  }

  change(kind, { components, events, ...fields }) {
    if (fields.action === "remove") {
      this.entities.delete(fields.key);
      return;
    }
    let entity = this.entities.get(fields.key);
    if (!entity) {
      entity = { type: kind, components: {}, events: {} };
      this.entities.set(fields.key, entity);
    }
    Object.assign(entity, fields);
    Object.assign(entity.components, components);
    for (const [group, event] of Object.entries(events ?? {})) {
      entity.events[group] = Object.assign(entity.events[group] ?? {}, event);
    }
  }
}

/** The name to show for an entity. */
export function nameOf(entity) { return entity.login || entity.prefab || entity.key; }
