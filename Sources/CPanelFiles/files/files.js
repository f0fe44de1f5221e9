// The page of files: uploads with a look at what comes, and a look at what is there.

import { call } from "./api.js";
import { closed, element } from "./elements.js";
import { picture } from "./geometry.js";
import { fragment } from "./renewal.js";

const dialog = document.getElementById("preview");
const token = document.querySelector("meta[name=perigee-token]")?.content;
const tiled = /\.(tmj|tsj|tj|tmx|tsx|tx|world)$/;

/** Sends a file; resolves to the answer's JSON, rejects with an error in the server's words. */
function put(folder, file, query, report = () => {}) {
  return new Promise((resolve, reject) => {
    // Only XMLHttpRequest tells how much was sent.
    const request = new XMLHttpRequest();
    request.open("PUT", `/server/api/v1/files/${folder}/${encodeURIComponent(file.name)}?${query}`);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    if (token) request.setRequestHeader("X-Perigee-Token", token);
    request.responseType = "json";
    request.upload.onprogress = event => report(event.loaded / event.total);
    request.onerror = () => reject(new Error("The server ended the upload, or does not answer."));
    request.onload = () => {
      if (request.status === 200) return resolve(request.response);
      const refusal = new Error(request.response?.error ?? `The server answered with status ${request.status}.`);
      refusal.code = request.response?.code;
      reject(refusal);
    };
    request.send(file);
  });
}

// MARK: Looking

/** Opens the dialog; resolves to whether its button was pressed. */
function show(title, stage, { facts = "", notes = [], button } = {}) {
  dialog.querySelector("h2").textContent = title;
  dialog.querySelector(".stage").replaceChildren(...stage);
  dialog.querySelector(".facts").textContent = facts;
  dialog.querySelector(".problem").textContent = "";
  dialog.querySelector(".notes").replaceChildren(...notes.map(note => element("li", {}, note)));
  const take = dialog.querySelector(".take");
  take.hidden = !button;
  take.textContent = button ?? "";
  let isTaken = false;
  take.onclick = () => {
    isTaken = true;
    dialog.close();
  };
  dialog.showModal();
  return new Promise(resolve => dialog.addEventListener("close", () => resolve(isTaken), { once: true }));
}

function factsOf(map) {
  const layers = map.layers.length === 1 ? "one visible layer" : `${map.layers.length} visible layers`;
  return `Map ${map.map_id}, ${map.name}: ${map.width} × ${map.height} tiles, ${layers}. ` +
    "Dark tiles can't be walked on.";
}

document.addEventListener("click", async event => {
  const button = event.target.closest("[data-map], [data-image]");
  if (!button) return;
  const name = button.closest("tr").dataset.name;
  if (button.dataset.image) {
    const image = new Image();
    image.src = button.dataset.image;
    image.alt = name;
    return show(name, [image]);
  }
  try {
    const map = await call("GET", `/server/api/v1/maps/${button.dataset.map}/geometry`);
    show(name, [picture(map, 800)], { facts: factsOf(map) });
  } catch (error) {
    show(name, [], { facts: error.message });
  }
});

// MARK: Uploading

for (const section of document.querySelectorAll(".files")) {
  const drop = section.querySelector(".drop");
  if (!drop) continue;
  const input = drop.querySelector("input");
  input.addEventListener("change", () => {
    takeLater(section, [...input.files]);
    // The same file can be chosen again.
    input.value = "";
  });
  for (const [name, isOver] of [["dragover", true], ["dragleave", false], ["drop", false]]) {
    drop.addEventListener(name, event => {
      event.preventDefault();
      drop.classList.toggle("over", isOver);
      if (name === "drop") takeLater(section, [...event.dataTransfer.files]);
    });
  }
}

let uploads = Promise.resolve();

/** Uploads files after those that were chosen before: a question about them may still be open. */
function takeLater(section, files) {
  for (const name of [".problem", ".done"]) section.querySelector(name).textContent = "";
  uploads = uploads.then(() => takeAll(section, files));
}

/** Uploads files one after another; tilesets and pictures first, because maps refer to them. */
async function takeAll(section, files) {
  const [problem, done, progress] = ["problem", "done", "progress"].map(
    name => section.querySelector(name === "progress" ? name : `.${name}`));
  const order = ({ name }) => name.endsWith(".world") ? 2 : name.endsWith(".tmj") ? 1 : 0;
  files.sort((a, b) => order(a) - order(b));
  const say = (place, text) => { place.textContent = [place.textContent, text].filter(Boolean).join("\n"); };
  const taken = [];
  progress.hidden = false;
  for (const file of files) {
    progress.value = 0;
    try {
      // A browser that is refused while it still sends may not see the reason.
      const most = Number(section.dataset.max);
      if (file.size > most) throw new Error(`${file.name} is too large; a file here may have ${most / (1 << 20)} MiB.`);
      const lines = await take(section.dataset.folder, file, part => { progress.value = part; });
      if (lines) taken.push(...lines);
    } catch (error) {
      say(problem, closed(error.message));
      break;
    }
  }
  progress.hidden = true;
  if (!taken.length) return;
  say(done, taken.join("\n"));
  // What was done stands there already; only the list is old when this fails.
  await renew().catch(() => say(problem, "The list can't be renewed now; load the page again."));
}

/** Uploads one file, after a question when it replaces another or is a map; returns what was done. */
async function take(folder, file, report) {
  const row = document.querySelector(`.files[data-folder="${folder}"] tr[data-name="${CSS.escape(file.name)}"]`);
  let button = row ? `Replace ${file.name}` : null;
  if (tiled.test(file.name)) {
    const { map, notes } = await put(folder, file, "check=true", report);
    if (map) button = row ? `Replace map ${map.map_id}` : `Open map ${map.map_id}`;
    if (button && !await show(file.name, map ? [picture(map, 800)] : [], {
      facts: map ? factsOf(map) : "It has no mistake. The file of this name is replaced.", notes, button,
    })) return null;
  } else if (button && !await show(file.name, [], { facts: "The file of this name is replaced.", button })) {
    return null;
  }
  const answer = await put(folder, file, row ? "replace=true" : "", report);
  return [`${answer.path} was ${row ? "replaced" : "uploaded"}.`, ...answer.changes ?? []];
}

/** Lists the files as they are now. */
async function renew() {
  const answer = await fetch(location.href, { cache: "no-store" });
  // After the end of the session it is the page of the login.
  if (!answer.ok || answer.redirected) throw new Error();
  const page = fragment(await answer.text());
  for (const other of document.querySelectorAll(".files")) {
    const renewed = page.querySelector(`.files[data-folder="${other.dataset.folder}"]`);
    if (!renewed) continue;
    const [old, made] = [other, renewed].map(each => each.querySelector("h2 + *"));
    old.replaceWith(made);
  }
}
