// Everything that is HTML: the login card, the banner, the log, status and chat.

const $ = (selector) => document.querySelector(selector);

const LINES = 7;

export class UI {
  // `on`: { sign(kind, login, password), say(text), again(), leave(), lanes() }
  constructor(on) {
    this.on = on;
    this.card = $("#card");
    this.problem = $("#problem");
    this.form = $("#sign");
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit("auth");
    });
    this.form.register.addEventListener("click", () => this.form.reportValidity() && this.submit("register"));
    for (const input of [this.form.login, this.form.password]) input.addEventListener("input", () => this.offer(""));
    $("#leave").addEventListener("click", () => on.leave());
    $("#lanes").addEventListener("click", ({ currentTarget }) => {
      currentTarget.blur(); // Space is for the game
      on.lanes();
    });
    this.form.login.value = sessionStorage.getItem("meadow.login") ?? ""; // the name only, never the password
    const chat = $("#chat input");
    $("#chat").addEventListener("submit", (event) => {
      event.preventDefault();
      const text = chat.value.trim();
      if (text) on.say(text);
      chat.value = "";
      chat.blur();
    });
    addEventListener("keydown", (event) => {
      if (event.key === "Escape") chat.blur();
      if (event.key !== "Enter" || event.target.closest?.("input, button") || $("#hud").hidden) return;
      event.preventDefault();
      chat.focus();
    });
  }

  showCard(text = "") {
    this.card.hidden = false;
    $("#hud").hidden = true;
    this.problem.textContent = text;
    this.busy(false);
    (this.form.login.value ? this.form.password : this.form.login).focus();
  }

  showGame() {
    this.card.hidden = true;
    $("#hud").hidden = false;
    setTimeout(() => $("#hint").classList.add("old"), 14000);
  }

  busy(on) {
    for (const button of this.form.querySelectorAll("button")) button.disabled = on;
  }

  async submit(kind) {
    const login = this.form.login.value.trim(), password = this.form.password.value;
    clearInterval(this.countdown);
    this.problem.textContent = "";
    this.busy(true);
    try {
      await this.on.sign(kind, login, password);
      sessionStorage.setItem("meadow.login", login);
      this.form.password.value = "";
    } catch (error) {
      this.refused(error);
      if (kind === "auth" && error.code === "bad_credentials") this.offer(login);
    }
  }

  // The server does not say whether the name or the password is wrong, so both are possible: the next Enter makes the
  // player.
  offer(login) {
    this.form.register.textContent = login ? `Create ${login}` : "Create player";
    if (!login) return;
    this.problem.textContent = `No player ${login} has this password. New here? Create ${login} with it.`;
    this.form.register.focus();
  }

  // What the server said, and for "too many attempts" a countdown instead of a guess.
  refused(error) {
    if (!error.retry) {
      this.problem.textContent = error.message;
      this.busy(false);
      this.form.password.select();
      return;
    }
    let left = Math.ceil(error.retry);
    const tell = () => {
      this.problem.textContent = left > 0 ? `${error.message} Try again in ${left} s.` : "";
      if (left <= 0) {
        clearInterval(this.countdown);
        this.busy(false);
      }
      left -= 1;
    };
    tell();
    this.countdown = setInterval(tell, 1000);
  }

  banner(text, button) {
    const banner = $("#banner");
    banner.hidden = !text;
    banner.textContent = text ?? "";
    if (!button) return;
    const element = document.createElement("button");
    element.textContent = button;
    element.addEventListener("click", () => this.on.again());
    banner.append(element);
  }

  log(text, kind = "") {
    const line = document.createElement("p");
    line.textContent = text; // never as HTML: other players wrote it
    line.className = kind;
    const log = $("#log");
    log.append(line);
    while (log.children.length > LINES) log.firstChild.remove();
    setTimeout(() => line.classList.add("old"), 12000);
  }

  // Whether positions should have a lane of their own, and how messages travel.
  lanes(isWanted, transport) {
    const how = isWanted && transport === "websocket" ? "on, but UDP is blocked" : isWanted ? "on" : "off";
    set("#lanes", `Fast lane: ${how}`);
    $("#net .key").hidden = transport !== "webrtc";
  }

  status(world, map, net) {
    const self = world.self;
    if (!self) return;
    const { hp = 0, max_hp: max = 10, score = 0, bag } = self.components;
    set("#name", self.login ?? self.key);
    set("#score", String(score));
    set("#hp span", hp > 0 ? `${hp} / ${max}` : "waking up soon…");
    $("#hp i").style.width = `${Math.max(0, Math.min(1, hp / max)) * 100}%`;
    set("#potions", String(bag?.potions ?? 0));
    set("#place", map ? `${map.name[0].toUpperCase()}${map.name.slice(1)} · ${Math.round(self.x)}, ${Math.round(self.y)}` : "");
    const players = world.count("players");
    set("#figures", `${players} ${players === 1 ? "player" : "players"} here\nping ${net.ping === undefined ? "–" : `${Math.round(net.ping * 1000)} ms`}\n${net.fps} fps · server ${world.tickRate ? Math.round(world.tickRate) : "–"}`);
  }
}

function set(selector, text) {
  const element = $(selector);
  if (element.textContent !== text) element.textContent = text;
}
