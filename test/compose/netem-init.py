#!/usr/bin/env python3
"""The first process of a user-mode Linux: puts rules and shaping into a network of two as the product would, and measures it
before, under them and after. FOLDER in the environment has apply.sh, table, clear and shaping, and gets result.json."""

import ctypes
import json
import os
import pathlib
import socket
import struct
import subprocess
import sys
import threading
import time

HERE = "10.9.0.1"
THERE = ["10.9.0.2", "10.9.0.3", "10.9.0.4"]
MODULES = "veth sch_htb sch_tbf sch_netem cls_u32 x_tables ip_tables iptable_filter"
PACKETS = 100
SPACING_S = 0.005
BYTES = 200_000
FINIT_MODULE = 313
POWER_OFF = 0x4321FEDC

libc = ctypes.CDLL(None, use_errno=True)


def serve():
    """Sends datagrams back, and says when a connection's bytes are all there."""

    def echo(datagrams):
        while True:
            datagrams.sendto(*datagrams.recvfrom(2_000))

    # All there before anything is sent: to a port that nobody has yet, a datagram is refused.
    for address in THERE:
        datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        datagrams.bind((address, 9))
        threading.Thread(target=echo, args=[datagrams]).start()
    listener = socket.create_server((THERE[1], 9))
    print("ready", flush=True)
    while True:
        connection, _ = listener.accept()
        while connection.recv(65_536):
            pass
        connection.sendall(b"whole")
        connection.close()


def round_trips(address):
    """Milliseconds and number of each datagram that came back, in the order in which they did."""
    datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    datagrams.connect((address, 9))
    back = []
    sent = 0
    end = time.monotonic() + PACKETS * SPACING_S + 2
    while len(back) < PACKETS and time.monotonic() < end:
        if sent < PACKETS:
            datagrams.send(struct.pack("dI", time.monotonic(), sent))
            sent += 1
        datagrams.settimeout(SPACING_S)
        try:
            while True:
                then, number = struct.unpack("dI", datagrams.recv(100))
                back.append([(time.monotonic() - then) * 1_000, number])
        except TimeoutError:
            pass
    return back


def stream():
    """Milliseconds until all bytes of a connection are there."""
    start = time.monotonic()
    connection = socket.create_connection((THERE[1], 9))
    connection.sendall(bytes(BYTES))
    connection.shutdown(socket.SHUT_WR)
    connection.recv(10)
    return (time.monotonic() - start) * 1_000


def measure():
    return {"trips": [round_trips(address) for address in THERE], "stream": stream()}


def set_up():
    for kind, place in [("proc", "/proc"), ("sysfs", "/sys"), ("tmpfs", "/run")]:
        libc.mount(kind.encode(), place.encode(), kind.encode(), 0, None)
    modules = pathlib.Path("/usr/lib/uml/modules", os.uname().release)
    for name in MODULES.split():
        for path in modules.rglob(f"{name}.ko"):
            with open(path, "rb") as module:
                libc.syscall(FINIT_MODULE, module.fileno(), b"", 0)
    commands = ["link set lo up", "netns add there", "link add eth1 type veth peer name eth0 netns there"]
    commands += [f"addr add {HERE}/24 dev eth1", "link set eth1 up"]
    commands += [f"-n there addr add {address}/24 dev eth0" for address in THERE] + ["-n there link set eth0 up"]
    for command in commands:
        subprocess.run(["ip", *command.split()], check=True)
    server = subprocess.Popen(["ip", "netns", "exec", "there", "python3", __file__, "serve"], stdout=subprocess.PIPE)
    server.stdout.readline()


def apply(folder, table, shaping):
    mac = pathlib.Path("/sys/class/net/eth1/address").read_text().strip()
    script = (folder / "apply.sh").read_text()
    # This kernel has nothing for the newer iptables.
    args = ["xtables-legacy-multi", (folder / table).read_text(), mac, shaping]
    done = subprocess.run(["sh", "-c", script, "sh", *args], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return {"code": done.returncode, "said": done.stdout}


def run(folder):
    set_up()
    return {
        "before": measure(),
        "apply": apply(folder, "table", (folder / "shaping").read_text()),
        "under": measure(),
        "clear": apply(folder, "clear", ""),
        "after": measure(),
    }


if "serve" in sys.argv:
    serve()
os.environ["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin"
folder = pathlib.Path(os.environ["FOLDER"])
try:
    result = run(folder)
except Exception as error:
    result = {"error": repr(error)}
(folder / "result.json").write_text(json.dumps(result))
os.sync()
libc.reboot(POWER_OFF)
