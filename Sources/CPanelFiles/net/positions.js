// Puts the positions that come over the lane `fast` together with the deltas of the lane `reliable`, which may overtake
// each other: of each entity the newest position wins.

const KINDS = ["players", "enemys", "animals", "objects"];
const AXES = ["x", "y", "z"];

export class Positions {
  constructor() {
    this.ticks = new Map(); // the tick of the position that the game has, by the key of the entity
  }

  /** Notes the positions of a snapshot. */
  load(snapshot) {
    this.ticks.clear();
    for (const kind of KINDS) {
      for (const { key } of snapshot[kind] ?? []) this.ticks.set(key, snapshot.tick);
    }
  }

  /** Takes the positions out of a delta that are older than those that the game has. */
  filter(delta) {
    for (const kind of KINDS) {
      for (const record of delta[kind] ?? []) this.filterRecord(record, delta.tick);
    }
    return delta;
  }

  filterRecord(record, tick) {
    const { key } = record;
    if (record.action === "remove") {
      this.ticks.delete(key);
    } else if (record.type !== undefined || (this.ticks.get(key) ?? -1) < tick) {
      // A whole record is that of an entity which was not known, or was removed and came again.
      if (record.type !== undefined || AXES.some((axis) => axis in record)) this.ticks.set(key, tick);
    } else {
      for (const axis of AXES) delete record[axis];
    }
  }

  /**
   * Makes a delta of what came over `fast`, such as `{"tick":7,"time":1.5,"players":[[24,160,96.5]]}`.
   *
   * Returns `{"tick":7,"time":1.5,"players":[{"id":24,"key":"players_24","x":160,"y":96.5}]}` without the entities that
   * are unknown or have a newer position already, and `null` when none is left.
   */
  delta(message) {
    const delta = { tick: message.tick, time: message.time };
    let isEmpty = true;
    for (const kind of KINDS) {
      for (const [id, ...place] of message[kind] ?? []) {
        const key = `${kind}_${id}`;
        if (!((this.ticks.get(key) ?? Infinity) < message.tick)) continue;
        this.ticks.set(key, message.tick);
        const record = { id, key };
        place.forEach((value, index) => { record[AXES[index]] = value; });
        (delta[kind] ??= []).push(record);
        isEmpty = false;
      }
    }
    return isEmpty ? null : delta;
  }
}
