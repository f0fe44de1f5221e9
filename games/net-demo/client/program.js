// The C program of ../program/ in a page. As in a terminal, what it prints are lines, and what it gets are keys.

import * as net from "/net/perigee-net.js";

/** Whether scripts/net-demo has built the program. */
export async function isBuilt() {
  return (await fetch("built/net-demo.wasm", { method: "HEAD" })).ok;
}

/** Runs the program with the words of its command line; `heard(line)` gets what it prints, `ended()` comes at its end. */
export async function run(words, heard, ended) {
  const { default: start } = await import("./built/net-demo.js");
  const program = await start({
    arguments: words, perigeeNet: net, print: heard, printErr: heard, onExit: ended,
  });
  return { press: (key) => program._press(key.charCodeAt(0)) };
}
