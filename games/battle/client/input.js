// Keys and buttons, as wishes: move(dx, dy) in units, and attack().

const STEP = 5; // units
const REPEAT = 120; // ms between the steps while a button is held; a held key repeats by itself

const DIRECTIONS = { up: [0, -STEP], down: [0, STEP], left: [-STEP, 0], right: [STEP, 0] };

export function listen({ move, attack }) {
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const direction = DIRECTIONS[/^Arrow(\w+)$/.exec(event.key)?.[1].toLowerCase()];
    if (direction) move(...direction);
    // On a button, Space presses the button.
    else if (event.key === " " && !event.target.closest?.("button")) attack();
    else return;
    event.preventDefault(); // these keys also scroll
  });
  for (const button of document.querySelectorAll("[data-move]")) {
    hold(button, () => move(...DIRECTIONS[button.dataset.move]));
  }
  hold(document.querySelector("#attack"), attack);
}

// Does something when a button is pressed, and again and again until it is released.
function hold(button, act) {
  let timer = 0;
  const release = () => {
    clearInterval(timer);
    timer = 0;
  };
  button.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    event.preventDefault(); // the focus stays where it is, so that Space goes on attacking
    release();
    act();
    timer = setInterval(act, REPEAT);
  });
  for (const kind of ["pointerup", "pointerleave", "pointercancel"]) button.addEventListener(kind, release);
  button.addEventListener("contextmenu", (event) => event.preventDefault()); // a long press is no right click
  // By the keyboard, or by a program that reads the page to its user.
  button.addEventListener("click", (event) => { if (event.detail === 0) act(); });
}
