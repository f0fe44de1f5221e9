// The list of servers as a page: one click on a server opens the game and joins there. The address of this page may
// have `?room=NAME`, and `?page=/PATH/` for a game whose page is not /play/.

const INTERVAL = 5000; // ms between two looks at the list

const find = (selector) => document.querySelector(selector);
const query = new URLSearchParams(location.search);
const room = query.get("room") ?? "";

// A page of this server only: nobody must be sent elsewhere by a link to this list.
function gamePage() {
  const wanted = new URL(query.get("page") ?? "/play/", location.origin);
  return wanted.origin === location.origin ? wanted.pathname + wanted.search : "/play/";
}

// The texts come from anybody, so they are only ever the text of an element.
function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.textContent = text;
  return made;
}

function row(server) {
  const made = document.createElement("li");
  made.append(
    element("h2", "", server.name),
    element("p", "about", [server.map, server.mode].filter(Boolean).join(" · ")),
    element("p", "players", `${server.players} of ${server.max} players`),
  );
  if (server.address !== undefined) {
    made.append(element("span", "address", `${server.address} port ${server.port}`));
    return made;
  }
  const link = element("a", "join", "Join");
  const target = new URLSearchParams({ join: `${server.key}:${server.port}` });
  if (room) target.set("room", room);
  // A key needs no escapes, and a colon reads better than %3A.
  link.href = `${gamePage()}#${target.toString().replace("%3A", ":")}`;
  link.setAttribute("aria-label", `Join ${server.name}`);
  made.append(link);
  return made;
}

let shown = ""; // the list on the page: a row that is the same must not lose the focus or a click

function show(servers) {
  const text = JSON.stringify(servers);
  if (text !== shown) {
    const focused = document.activeElement?.href;
    find("#servers").replaceChildren(...servers.map(row));
    if (focused) [...document.querySelectorAll("a.join")].find(({ href }) => href === focused)?.focus();
    shown = text;
  }
  find("#empty").hidden = servers.length > 0;
}

function state(text, isProblem) {
  const place = find("#state");
  if (place.textContent !== text) place.textContent = text;
  place.classList.toggle("problem", isProblem);
}

async function look() {
  try {
    const answer = await fetch(`servers?room=${encodeURIComponent(room)}`, { cache: "no-cache" });
    const body = await answer.json();
    if (!answer.ok) throw new Error(body.error);
    show(body.servers);
    const place = room ? ` in room ${room}` : "";
    state(body.servers.length === 1 ? `1 server${place}` : `${body.servers.length} servers${place}`, false);
  } catch (error) {
    state(`The list can't be read: ${error.message}`, true);
  }
}

// A list in a hidden page is looked at again when somebody looks at the page.
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) look();
});
setInterval(() => {
  if (!document.hidden) look();
}, INTERVAL);
look();
