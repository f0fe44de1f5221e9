// The errors of the socket functions: names and numbers are those of Linux.

export const EBADF = 9; // no such socket
export const EWOULDBLOCK = 11; // no packet is there
export const EINVAL = 22; // a malformed argument, or a socket that is bound already
export const EMFILE = 24; // too many sockets
export const EMSGSIZE = 90; // a packet of 16 KiB or more
export const EADDRINUSE = 98; // another socket has the port
export const EADDRNOTAVAIL = 99; // bind takes the address 0 or the own one only
export const ENETDOWN = 100; // init was not called
export const ENETUNREACH = 101; // no peer has the address
export const ENOBUFS = 105; // too many peers

const TEXTS = new Map([
  [0, "no error"],
  [EBADF, "there is no such socket"],
  [EWOULDBLOCK, "no packet has arrived"],
  [EINVAL, "an argument is malformed, or the socket is bound already"],
  [EMFILE, "too many sockets are open"],
  [EMSGSIZE, "a packet must be shorter than 16,384 bytes"],
  [EADDRINUSE, "another socket has this port"],
  [EADDRNOTAVAIL, "only the address 0 or the own address can be bound"],
  [ENETDOWN, "init() must be called first"],
  [ENETUNREACH, "no peer has this address; resolve() gives a key an address"],
  [ENOBUFS, "too many peers"],
]);

/** What an error number means, for people. */
export function strerror(number) {
  return TEXTS.get(number) ?? `error ${number}`;
}
