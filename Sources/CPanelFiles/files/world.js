// The page of a map's world: connects the live view, the table, the entity that is chosen, and the console.

import { call, Refusal, logInAgain } from "./api.js";
import { connectConsole } from "./world-console.js";
import { connectEntity } from "./world-entity.js";
import { connectTable } from "./world-table.js";
import { connectView } from "./world-view.js";

/** What the parts of the page share; `choose`, `chosen`, `changed` are events on the document. */
class World {
  constructor(root) {
    this.mapID = root.dataset.map;
    this.mayChange = root.dataset.editor === "true";
    this.base = `/server/api/v1/maps/${this.mapID}`;
    this.chosen = null;
    this.schema = { components: [], groups: [], api: [] };
  }

  /** Asks the server about this map; after the end of the session the login page opens. */
  async ask(method, path, body) {
    try {
      return await call(method, this.base + path, body);
    } catch (error) {
      if (error instanceof Refusal && error.status === 401) logInAgain();
      throw error;
    }
  }

  /** Chooses an entity by its key, or none with null. */
  choose(key) {
    if (key === this.chosen) return;
    this.chosen = key;
    history.replaceState(null, "", key ? `#${key}` : location.pathname + location.search);
    document.dispatchEvent(new CustomEvent("chosen", { detail: key }));
  }

  /** Tells the parts of the page that something in the world was changed here. */
  changed() { document.dispatchEvent(new Event("changed")); }
}

async function begin(root) {
  const world = new World(root);
  const view = connectView(world);
  connectTable(world, view);
  connectEntity(world, view);
  const editor = connectConsole(world);
  const load = async () => {
    world.schema = await world.ask("GET", "/schema").catch(() => world.schema);
    editor?.complete(world.schema);
  };
  addEventListener("perigee-back", load);
  await load();
  // The schema is there first: the entity's fields have the declared types.
  const begun = location.hash.slice(1);
  if (/^[a-z]+_\d+$/.test(begun)) world.choose(begun);
}

const root = document.getElementById("world");
if (root) begin(root);
