// What all pages of the panel share.

import { watch } from "./alive.js";
import { connectDialogs } from "./dialogs.js";
import { connectForms } from "./forms.js";
import { localize } from "./times.js";

localize(document);
connectDialogs();
connectForms();
watch();

// The navigation of small screens.
const menu = document.querySelector("button.menu");
function setMenu(isOpen) { menu?.setAttribute("aria-expanded", isOpen); }
menu?.addEventListener("click", () => setMenu(menu.getAttribute("aria-expanded") !== "true"));
document.addEventListener("keydown", event => { if (event.key === "Escape") setMenu(false); });
document.addEventListener("click", event => { if (!event.target.closest("header")) setMenu(false); });

// A new key is shown once.
document.addEventListener("secret", ({ detail }) => {
  const dialog = document.getElementById("secret");
  dialog.querySelector(".secret").textContent = detail.secret;
  dialog.addEventListener("close", () => location.reload());
  dialog.showModal();
});
