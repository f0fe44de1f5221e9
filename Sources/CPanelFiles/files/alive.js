// Says at once when the server is away, or the session has ended, and notices when the server is back.

import { send, logInAgain } from "./api.js";

const banner = document.getElementById("away");
const hasSession = document.querySelector("meta[name=perigee-token]") !== null;
// Without a session the answer would be a refusal, which browsers report in their console.
const path = hasSession ? "/server/api/v1/session" : "/admin/files/icon.svg";
const patience = 5000; // ms in which a server that is there answers
let isThere = true;
let timer;

addEventListener("perigee-server", ({ detail }) => {
  if (detail === isThere) return;
  isThere = detail;
  banner.hidden = isThere;
  document.body.classList.toggle("is-away", !isThere);
  if (isThere) dispatchEvent(new Event("perigee-back"));
});

async function look() {
  clearTimeout(timer);
  if (!document.hidden) {
    try {
      const answer = await send("GET", path, { signal: AbortSignal.timeout(patience) });
      if (answer.status === 401 && hasSession) return logInAgain();
    } catch { /* the banner says it */ }
  }
  clearTimeout(timer);
  timer = setTimeout(look, isThere ? 2000 : 1000);
}

export function watch() {
  if (!banner) return;
  document.addEventListener("visibilitychange", look);
  addEventListener("online", look);
  addEventListener("offline", look);
  look();
}
