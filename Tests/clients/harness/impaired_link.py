"""Two network namespaces of this machine, and a link between them that loses and delays IP packets.

What is lost are packets of the kernel's own TCP as well as UDP datagrams, so a WebSocket and a data channel are impaired
by the same rules. A process of its own (this file as a program) makes the namespaces, each with a TUN interface, and
carries the packets. Namespaces, interfaces and addresses have no life of their own: they end with that process and with
those that were started inside, however these end.
"""

import argparse
import collections
import contextlib
import ctypes
import fcntl
import gc
import json
import os
import random
import select
import struct
import subprocess
import sys
import time

#: The addresses of both ends.
SERVER, CLIENTS = "10.213.78.1", "10.213.78.2"

CLONE_NEWNET = 0x40000000
libc = ctypes.CDLL(None, use_errno=True)


class ImpairedLink:
    """The link, from its making to `stop`. Each direction loses `loss` of the packets and delays the others by `delay`
    seconds; packets do not overtake each other."""

    def __init__(self, loss=0.02, delay=0.04, seed=20):
        self.process = subprocess.Popen(
            [sys.executable, __file__, str(loss), str(delay), str(seed)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        answer = json.loads(self.process.stdout.readline() or '{"problem": "its process ended by itself"}')
        if "problem" in answer:
            self.process.communicate()
            raise AssertionError(f"there is no impaired link: {answer['problem']}")
        folder = f"/proc/{self.process.pid}/fd"
        self.spaces = {end: os.open(f"{folder}/{number}", os.O_RDONLY) for end, number in answer["spaces"].items()}

    @contextlib.contextmanager
    def inside(self, end):
        """Lets this thread make its sockets at an end, `server` or `clients`; so do the threads and processes that it
        starts meanwhile. Sockets stay where they were made."""
        outside = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        enter(self.spaces[end])
        try:
            yield
        finally:
            enter(outside)
            os.close(outside)

    def stop(self):
        """Ends the link; returns how many packets it has passed on and lost."""
        for space in self.spaces.values():
            os.close(space)
        self.spaces = {}
        output, _ = self.process.communicate()
        assert self.process.returncode == 0, "the process that carries packets has failed"
        return json.loads(output)


def enter(space):
    if libc.setns(space, CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "this thread can't enter a network namespace")


# The process that carries packets


class Missing(Exception):
    """Something that the link needs, and this machine does not have."""


def make_space(address, peer):
    """A new namespace in which this process is now, and its interface; returns the descriptors of both."""
    if libc.unshare(CLONE_NEWNET) != 0:
        reason = os.strerror(ctypes.get_errno())
        raise Missing(f"no network namespace can be made ({reason}); run as root, in a container with --cap-add SYS_ADMIN")
    # IPv6 would send packets of its own; and each TCP connection begins without knowing how earlier ones went.
    for name in ("ipv6/conf/default/disable_ipv6", "ipv4/tcp_no_metrics_save"):
        with contextlib.suppress(FileNotFoundError), open(f"/proc/sys/net/{name}", "w") as setting:
            setting.write("1")
    tun = open_tun()
    for words in (
        ("link", "set", "lo", "up"), ("address", "add", address, "peer", peer, "dev", "tun0"),
        ("link", "set", "tun0", "up"),
    ):
        try:
            run = subprocess.run(["ip", *words], capture_output=True, text=True)
        except FileNotFoundError as error:
            raise Missing("the program ip is missing; install the package iproute2") from error
        if run.returncode != 0:
            raise Missing(f"ip {' '.join(words)}: {run.stderr.strip()}")
    return os.open("/proc/self/ns/net", os.O_RDONLY), tun


def open_tun():
    """The descriptor of a new interface `tun0`: whole IP packets, without a header."""
    set_interface, is_tun, without_header = 0x400454CA, 0x0001, 0x1000
    try:
        tun = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
        fcntl.ioctl(tun, set_interface, struct.pack("16sH22x", b"tun0", is_tun | without_header))
    except OSError as error:
        raise Missing(f"no TUN interface can be made ({error}); the kernel needs its module tun, and this process root "
                      "rights, in a container with --cap-add NET_ADMIN --device /dev/net/tun") from error
    return tun


def carry(ends, loss, delay, seed):
    """Carries packets until the input of this process ends; returns how many were passed on and lost."""
    dice = {tun: random.Random(f"{seed} {number}") for number, tun in enumerate(ends)}
    others = dict(zip(ends, reversed(ends)))
    # All are late by the same time, so they leave in the order of their coming.
    waiting = collections.deque()
    passed = lost = 0
    while True:
        pause = max(0, waiting[0][0] - time.monotonic()) if waiting else None
        readable, _, _ = select.select([sys.stdin, *ends], [], [], pause)
        if sys.stdin in readable:
            return {"passed": passed, "lost": lost}
        now = time.monotonic()
        for tun in readable:
            packet = os.read(tun, 65536)
            if dice[tun].random() < loss:
                lost += 1
            else:
                waiting.append((now + delay, others[tun], packet))
        while waiting and waiting[0][0] <= now:
            _, tun, packet = waiting.popleft()
            os.write(tun, packet)
            passed += 1


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("loss", type=float)
    arguments.add_argument("delay", type=float)
    arguments.add_argument("seed", type=int)
    given = arguments.parse_args()
    try:
        (server, first), (clients, second) = make_space(SERVER, CLIENTS), make_space(CLIENTS, SERVER)
        with contextlib.suppress(PermissionError):
            os.setpriority(os.PRIO_PROCESS, 0, -15)  # a busy machine must not delay packets further
    except (Missing, OSError) as error:
        print(json.dumps({"problem": str(error)}), flush=True)
        return
    print(json.dumps({"spaces": {"server": server, "clients": clients}}), flush=True)
    gc.disable()
    print(json.dumps(carry([first, second], given.loss, given.delay, given.seed)))


if __name__ == "__main__":
    main()
