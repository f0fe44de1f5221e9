// The page around the field: connection, health, players, and what happened.

const MOST_ROWS = 50; // of players; more are counted
const MOST_LINES = 60; // of what happened
const FULL = 100; // hp

const find = (selector) => document.querySelector(selector);

function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

// Ids are long, and differ in their first letters.
export const short = (id) => id.slice(0, 6);

export class View {
  constructor(game) {
    this.game = game;
    this.isDue = false;
    find("#log").append(element("li", "empty", "Nothing yet."));
    this.renew();
  }

  // `state` is connecting, playing, waiting or ended.
  showState(state, text) {
    find("#state").dataset.state = state;
    find("#state span").textContent = text;
    find("#connect").hidden = state !== "ended" && state !== "waiting";
  }

  // Shows health and players once for each frame of the screen.
  renew() {
    if (this.isDue) return;
    this.isDue = true;
    requestAnimationFrame(() => {
      this.isDue = false;
      this.showHealth();
      this.showPlayers();
    });
  }

  showHealth() {
    const player = this.game.players.get(this.game.id);
    const bar = find("#health");
    const hp = player?.hp ?? 0;
    bar.classList.toggle("low", hp <= 30);
    bar.firstElementChild.style.width = `${Math.max(0, Math.min(FULL, hp))}%`;
    bar.lastElementChild.textContent = !player ? "not on the field" : hp > 0 ? `${hp} hp` : `${hp} hp: dead`;
  }

  showPlayers() {
    const { players, id: own } = this.game;
    const ids = [...players.keys()].filter((id) => id !== own).slice(0, MOST_ROWS - 1);
    if (players.has(own)) ids.unshift(own);
    const rows = ids.map((id) => {
      const { x, y, hp } = players.get(id);
      const row = element("li", [id === own && "me", hp <= 0 && "dead"].filter(Boolean).join(" "));
      row.title = id;
      row.append(
        element("i"), element("span", "name", id === own ? `${short(id)} (you)` : short(id)),
        element("span", "place", `${x}, ${y}`), element("span", "hp", `${hp} hp`));
      return row;
    });
    if (!rows.length) rows.push(element("li", "empty", "Nobody is here."));
    if (players.size > rows.length) rows.push(element("li", "empty", `… and ${players.size - ids.length} more`));
    find("#players").replaceChildren(...rows);
    find("#count").textContent = players.size || "";
  }

  note(text) {
    const log = find("#log");
    log.querySelector(".empty")?.remove();
    log.prepend(element("li", "", text));
    while (log.children.length > MOST_LINES) log.lastElementChild.remove();
  }
}
