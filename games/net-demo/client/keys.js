// Arrows, letters and the buttons on the page, as the keys that the program knows.

const KEYS = {
  ArrowUp: "w", ArrowLeft: "a", ArrowDown: "s", ArrowRight: "d", KeyW: "w", KeyA: "a", KeyS: "s", KeyD: "d",
};

/** Calls `press` with w, a, s or d when such a key goes down, and with x when the last one is up again. */
export function listen(press) {
  let held = []; // the last one counts

  const down = (key) => {
    if (held.includes(key)) return;
    held.push(key);
    press(key);
  };
  const up = (key) => {
    if (!held.includes(key)) return;
    held = held.filter((other) => other !== key);
    press(held.at(-1) ?? "x");
  };

  addEventListener("keydown", (event) => {
    const key = KEYS[event.code];
    if (!key || event.target.matches("input") || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    down(key);
  });
  addEventListener("keyup", ({ code }) => up(KEYS[code]));
  addEventListener("blur", () => [...held].forEach(up));
  for (const button of document.querySelectorAll("#pad button")) {
    button.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      button.setPointerCapture(event.pointerId);
      down(button.dataset.key);
    });
    for (const name of ["pointerup", "pointercancel"]) button.addEventListener(name, () => up(button.dataset.key));
  }
}
