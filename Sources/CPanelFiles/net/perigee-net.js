// UDP sockets in the browser: the functions of POSIX over WebRTC, with a Perigee server for finding each other.
//
//   import * as net from "/net/perigee-net.js";
//   net.init();
//   const fd = net.socket();
//   net.bind(fd, { port: 8303 });
//   net.recvCallback(() => {
//     const packet = new Uint8Array(1500), from = {};
//     for (let count; (count = net.recvfrom(fd, packet, packet.length, from)) >= 0; ) net.sendto(fd, packet, count, from);
//   });
//
// An address is { addr, port }: `addr` is the local number that resolve() gives to the key of a peer. docs/net.md
// describes every function.

import { PeerNetwork } from "./network.js";

export * from "./errors.js";
export { PeerNetwork };

const network = new PeerNetwork();

/** The error of the last call that returned -1, or of a resolve() that returned 0. */
export let errno = 0;

// Calls a function of the network and copies its error.
function call(name, ...values) {
  const result = network[name](...values);
  errno = network.errno;
  return result;
}

export const init = (config, ice) => network.init(config, ice);
export const leave = () => call("leave");
export const socket = () => call("socket");
export const close = (fd) => call("close", fd);
export const bind = (fd, address) => call("bind", fd, address);
export const getsockname = (fd, address) => call("getsockname", fd, address);
export const sendto = (fd, buf, len, address) => call("sendto", fd, buf, len, address);
export const recvfrom = (fd, buf, len, address) => call("recvfrom", fd, buf, len, address);
export const recvCallback = (callback) => call("recvCallback", callback);
export const resolve = (key) => call("resolve", key);
export const reverseResolve = (address) => call("reverseResolve", address);
export const local_key = () => network.local_key();
export const suspend = () => call("suspend");
export const resume = () => call("resume");
export const publish = (entry) => call("publish", entry);
export const withdraw = (port) => call("withdraw", port);
export const servers = () => network.servers();
export const stats = () => ({ ...network.stats });

/** What a link of the list of servers asks for: { key, port, room }, or null. */
export function joinTarget(hash = globalThis.location?.hash ?? "") {
  const values = new URLSearchParams(hash.replace(/^#/, ""));
  const match = /^([A-Za-z0-9_-]{24}):(\d{1,5})$/.exec(values.get("join") ?? "");
  const port = Number(match?.[2]);
  return match && port >= 1 && port <= 65_535 ? { key: match[1], port, room: values.get("room") ?? "" } : null;
}
