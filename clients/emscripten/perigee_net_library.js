// The virtual UDP sockets of docs/net.md for programs that Emscripten compiles (--js-library). The page gives the
// module /net/perigee-net.js, or a PeerNetwork, to the program as `Module.perigeeNet`, and calls its `init`.
// perigee_net_js.h declares these functions.

const PERIGEE_NET = {
  $perigeeNet: {
    EWOULDBLOCK: 11, EFAULT: 14, ERANGE: 34, ENETDOWN: 100, ENETUNREACH: 101, // numbers of Linux, as in net.errno
    sockets: {}, // those of the program, true by number
    ahead: {}, // packets that is_readable has taken out of the network, { bytes, from } by socket
    isLooping: false,
    timer: 0,

    // What a function of the network returns, as C gets it. Without a network, all of them fail.
    call: function (name) {
      const net = Module["perigeeNet"];
      if (!net) return -perigeeNet.ENETDOWN;
      const result = net[name].apply(net, Array.prototype.slice.call(arguments, 1));
      return result < 0 ? -net.errno : result;
    },

    // The bytes of the program's memory at a pointer; null when they are not all inside, or the pointer is NULL.
    bytes: function (pointer, length) {
      const start = pointer >>> 0, end = start + (length >>> 0);
      if (end > HEAPU8.length || (start === 0 && end > 0)) return null;
      return HEAPU8.subarray(start, end);
    },

    text: function (pointer, length) {
      const bytes = perigeeNet.bytes(pointer, length);
      return bytes ? new TextDecoder().decode(bytes) : "";
    },

    // Writes a struct endpoint.
    write: function (pointer, address) {
      if (!perigeeNet.bytes(pointer, 8)) return -perigeeNet.EFAULT;
      HEAPU32[pointer >>> 2] = address.addr;
      HEAPU32[(pointer >>> 2) + 1] = address.port;
      return 0;
    },
  },

  perigee_js_socket__deps: ["$perigeeNet"],
  perigee_js_socket: function () {
    const fd = perigeeNet.call("socket");
    if (fd >= 0) perigeeNet.sockets[fd] = true;
    return fd;
  },

  perigee_js_close__deps: ["$perigeeNet"],
  perigee_js_close: function (fd) {
    delete perigeeNet.sockets[fd];
    delete perigeeNet.ahead[fd];
    return perigeeNet.call("close", fd);
  },

  perigee_js_bind__deps: ["$perigeeNet"],
  perigee_js_bind: function (fd, addr, port) {
    return perigeeNet.call("bind", fd, { addr: addr >>> 0, port });
  },

  perigee_js_getsockname__deps: ["$perigeeNet"],
  perigee_js_getsockname: function (fd, own) {
    const address = {};
    const result = perigeeNet.call("getsockname", fd, address);
    return result < 0 ? result : perigeeNet.write(own, address);
  },

  perigee_js_sendto__deps: ["$perigeeNet"],
  perigee_js_sendto: function (fd, pointer, length, addr, port) {
    const bytes = perigeeNet.bytes(pointer, length);
    if (!bytes) return -perigeeNet.EFAULT;
    return perigeeNet.call("sendto", fd, bytes, bytes.length, { addr: addr >>> 0, port });
  },

  perigee_js_recvfrom__deps: ["$perigeeNet"],
  perigee_js_recvfrom: function (fd, pointer, length, sender) {
    const bytes = perigeeNet.bytes(pointer, length);
    if (!bytes) return -perigeeNet.EFAULT;
    const packet = perigeeNet.ahead[fd];
    if (!packet) {
      const from = {};
      const count = perigeeNet.call("recvfrom", fd, bytes, bytes.length, from);
      if (count >= 0) perigeeNet.write(sender, from);
      return count;
    }
    delete perigeeNet.ahead[fd];
    const count = Math.min(bytes.length, packet.bytes.length);
    bytes.set(packet.bytes.subarray(0, count));
    perigeeNet.write(sender, packet.from);
    return count;
  },

  // Whether recvfrom would find a packet: 0 or 1. The network has no such question, so a packet is taken and kept.
  perigee_js_is_readable__deps: ["$perigeeNet"],
  perigee_js_is_readable: function (fd) {
    const own = {};
    const result = perigeeNet.call("getsockname", fd, own);
    if (result < 0) return result;
    if (perigeeNet.ahead[fd]) return 1;
    if (own.port === 0) return 0; // recvfrom would bind it
    const bytes = new Uint8Array(16384), from = {};
    const count = perigeeNet.call("recvfrom", fd, bytes, bytes.length, from);
    if (count < 0) return count === -perigeeNet.EWOULDBLOCK ? 0 : count;
    perigeeNet.ahead[fd] = { bytes: bytes.subarray(0, count), from };
    return 1;
  },

  perigee_js_resolve__deps: ["$perigeeNet"],
  perigee_js_resolve: function (key, length, peer) {
    const addr = perigeeNet.call("resolve", perigeeNet.text(key, length));
    if (addr === 0) return -Module["perigeeNet"].errno;
    return addr < 0 ? addr : perigeeNet.write(peer, { addr, port: 0 });
  },

  // Writes the key of an address, without a zero at its end; returns its length.
  perigee_js_key__deps: ["$perigeeNet"],
  perigee_js_key: function (addr, pointer, size) {
    const net = Module["perigeeNet"];
    if (!net) return -perigeeNet.ENETDOWN;
    const key = net.reverseResolve(addr >>> 0);
    if (key === null) return -perigeeNet.ENETUNREACH;
    const bytes = perigeeNet.bytes(pointer, size), text = new TextEncoder().encode(key);
    if (!bytes) return -perigeeNet.EFAULT;
    if (text.length > bytes.length) return -perigeeNet.ERANGE;
    bytes.set(text);
    return text.length;
  },

  perigee_js_publish__deps: ["$perigeeNet"],
  perigee_js_publish: function (name, nameLength, map, mapLength, mode, modeLength, port, players, max) {
    const entry = { name: perigeeNet.text(name, nameLength), port, players, max };
    if (mapLength) entry.map = perigeeNet.text(map, mapLength);
    if (modeLength) entry.mode = perigeeNet.text(mode, modeLength);
    return perigeeNet.call("publish", entry);
  },

  // Calls wake() when packets have arrived, and each `interval` ms unless that is negative.
  perigee_js_loop__deps: ["$perigeeNet"],
  perigee_js_loop: function (wake, interval) {
    const call = () => {
      try {
        {{{ makeDynCall("v", "wake") }}}();
      } catch (error) {
        // How Emscripten's functions leave a program that has ended, or will go on later.
        if (error !== "unwind" && !(error && error.name === "ExitStatus")) throw error;
      }
    };
    const result = perigeeNet.call("recvCallback", call);
    if (result < 0) return result;
    perigeeNet.isLooping = true;
    clearInterval(perigeeNet.timer);
    if (interval >= 0) perigeeNet.timer = setInterval(call, interval);
    // The network does not know of packets that a former poll has taken out of it.
    if (Object.keys(perigeeNet.ahead).length > 0) queueMicrotask(call);
    return 0;
  },

  // What a system does when a program has ended.
  perigee_js_end__deps: ["$perigeeNet"],
  perigee_js_end: function () {
    clearInterval(perigeeNet.timer);
    if (perigeeNet.isLooping) perigeeNet.call("recvCallback", null);
    for (const fd of Object.keys(perigeeNet.sockets)) perigeeNet.call("close", Number(fd));
    perigeeNet.isLooping = false;
    perigeeNet.sockets = {};
    perigeeNet.ahead = {};
  },
};

mergeInto(LibraryManager.library, PERIGEE_NET);
