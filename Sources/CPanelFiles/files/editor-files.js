// The tree of files, and the dialogs for a new file and for another name.

import { call } from "./api.js";
import { sentence } from "./elements.js";
import { editorAddress } from "./places.js";

/** Connects what all pages of the editor have. */
export function connectFiles(names) {
  connectTree();
  connectNewFile(names);
}

function connectTree() {
  const button = document.getElementById("show-files"), files = document.getElementById("files");
  button?.addEventListener("click", () => {
    const isOpen = button.getAttribute("aria-expanded") !== "true";
    button.setAttribute("aria-expanded", isOpen);
    files.classList.toggle("is-open", isOpen);
  });
  files?.querySelector(".tree [aria-current]")?.scrollIntoView({ block: "nearest" });
  const filter = document.getElementById("filter");
  const links = [...document.querySelectorAll(".tree a[data-path]")];
  const folders = [...document.querySelectorAll(".tree details")];
  const wasOpen = new Map(folders.map(folder => [folder, folder.open]));
  filter?.addEventListener("input", () => {
    const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const link of links) link.parentElement.hidden = !words.every(word => link.dataset.path.toLowerCase().includes(word));
    for (const folder of folders) {
      const hasMatch = folder.querySelector("li:not([hidden]) > a") !== null;
      folder.parentElement.hidden = words.length > 0 && !hasMatch;
      folder.open = words.length > 0 ? hasMatch : wasOpen.get(folder);
    }
    document.getElementById("no-match").hidden = links.length === 0 || links.some(link => !link.parentElement.hidden);
  });
}

function connectNewFile(names) {
  const dialog = document.getElementById("new-file");
  if (!dialog) return;
  const form = dialog.querySelector("form");
  const field = name => form.elements[name];
  const value = name => field(name).value.trim();

  /** The path that the fields make; `null` while something is missing. */
  function path() {
    const kind = value("template");
    switch (kind) {
      case "component": case "trigger": return value("name") && `components/${value("name")}.lua`;
      case "socket": return value("name") && `sockets/${value("name")}.lua`;
      case "lib": return value("name") && `lib/${value("name")}.lua`;
      case "test": return value("name") && `tests/${value("name")}.lua`;
      case "event": return value("group") && `events/${value("group")}/${value("event") || "index"}.lua`;
      case "timeout": return value("group") && `events/${value("group")}/timeout.lua`;
      case "spawn": case "leave": {
        const whom = value("whom");
        if (whom === "all") return `${kind}/${value("type")}.lua`;
        return value(whom) && `${kind}/${value("type")}/${value(whom)}.lua`;
      }
      default: return value("path");
    }
  }

  function show() {
    const kind = value("template") || "other";
    const shown = [kind, ...(["spawn", "leave"].includes(kind) ? [value("whom")] : [])];
    for (const part of form.querySelectorAll("[data-for]")) {
      part.hidden = !part.dataset.for.split(" ").some(name => shown.includes(name));
    }
    form.querySelector("#new-path").textContent = path() || "…";
  }

  form.addEventListener("input", show);
  form.addEventListener("submit", event => {
    event.preventDefault();
    const made = path();
    const problem = form.querySelector(".problem");
    if (!made) {
      problem.textContent = "Fill in the name.";
      return;
    }
    const template = value("template");
    location.assign(editorAddress(made) + (template ? `&template=${template}` : ""));
  });
  show();
  names.then(({ groups, prefabs }) => {
    form.querySelector("#groups").replaceChildren(...groups.map(group => new Option(group.name)));
    form.querySelector("#prefabs").replaceChildren(...prefabs.map(name => new Option(name)));
  }).catch(() => { /* the fields work without suggestions */ });
}

/** Connects the dialog for another name; `base()` is the version of the text that is renamed. */
export function connectRename(file, base) {
  const form = document.querySelector("#rename-file form");
  form?.addEventListener("submit", async event => {
    event.preventDefault();
    const problem = form.querySelector(".problem");
    problem.textContent = "";
    try {
      const answer = await call("POST", "/server/api/v1/game/files/rename", { file, to: form.elements.to.value.trim(), base: base() });
      location.assign(editorAddress(answer.file));
    } catch (error) {
      problem.textContent = sentence(error.message);
    }
  });
}
