// The versions of the file: which there are, what differs, and how to get one back.

import { call } from "./api.js";
import { comparison } from "./editor-differences.js";
import { element, sentence } from "./editor-elements.js";
import { localize } from "./times.js";

const path = "/server/api/v1/game/files/versions";

/** Connects the list; `text()` is the text as it is now, and `restore(text, button)` saves another one. */
export function connectHistory(file, { text, restore, mayChange }) {
  const box = document.getElementById("history"), list = document.getElementById("versions");

  async function load() {
    if (!box.open) return;
    try {
      show(await call("GET", `${path}?file=${encodeURIComponent(file)}`));
    } catch (error) {
      list.replaceChildren(element("p", { className: "notice bad" }, sentence(error.message)));
    }
  }

  function show(versions) {
    if (!versions.length) {
      list.replaceChildren(element("p", { className: "empty" }, "No versions yet: one is kept each time when the file is saved here."));
      return;
    }
    const rows = versions.map((version, index) => {
      const time = element("time", { dateTime: new Date(version.time * 1000).toISOString() });
      const about = element("span", { className: "about" }, time, " ",
        version.author ? element("b", {}, version.author) : "found in the folder", " ",
        element("small", {}, version.bytes === undefined ? "deleted" : `${version.bytes} bytes`),
        index === 0 ? element("span", { className: "tag" }, "latest") : null);
      const place = element("div", { className: "compared" });
      const buttons = element("span", { className: "actions" });
      if (version.bytes !== undefined) {
        buttons.append(element("button", { type: "button", className: "quiet", onclick: event => compare(version, place, event.target) }, "Compare"));
        if (mayChange) {
          buttons.append(element("button", {
            type: "button", className: "quiet restore", onclick: () => bringBack(version),
            "aria-label": `Restore the version of ${time.dateTime}`,
          }, "Restore"));
        }
      }
      return element("li", {}, about, buttons, place);
    });
    list.replaceChildren(element("ol", { className: "versions" }, ...rows));
    localize(list);
  }

  async function compare(version, place, button) {
    if (place.firstChild) {
      place.replaceChildren();
      button.textContent = "Compare";
      return;
    }
    const { text: former } = await call("GET", `${path}/${version.id}`);
    place.replaceChildren(comparison(former, text(), "This version", "The text above"));
    button.textContent = "Close";
  }

  async function bringBack(version) {
    const { text: former } = await call("GET", `${path}/${version.id}`);
    await restore(former);
  }

  box.addEventListener("toggle", load);
  load();
  return { renew: load };
}
