"""Prints every TCP segment on the loopback interface that has one of the given ports, one a line, as the kernel shows it:
seconds source sport destination dport sequence flags payload (hex). Says "ready" first, and "mark" for each byte of its
input once everything is printed that passed before; ends when its input does."""

import os
import select
import socket
import struct
import sys

SO_TIMESTAMPNS = 35
PACKET_OUTGOING = 4

ports = set(map(int, sys.argv[1:]))
tap = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x0800))
tap.bind(("lo", 0x0800))
tap.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
tap.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * 1024 * 1024)
out = sys.stdout
out.write("ready\n")
out.flush()

while True:
    ready, _, _ = select.select([tap, 0], [], [])
    if tap in ready:
        data, control, _, address = tap.recvmsg(70_000, 256)
        # Each packet passes twice on a loopback interface: out of it and into it.
        if address[2] == PACKET_OUTGOING or len(data) < 40 or data[9] != socket.IPPROTO_TCP:
            continue
        head = (data[0] & 15) * 4
        total, = struct.unpack_from("!H", data, 2)
        sport, dport, seq = struct.unpack_from("!HHI", data, head)
        if sport not in ports and dport not in ports:
            continue
        body = data[head + (data[head + 12] >> 4) * 4 : total]
        seconds, nanos = struct.unpack("qq", control[0][2][:16])
        source, destination = socket.inet_ntoa(data[12:16]), socket.inet_ntoa(data[16:20])
        flags = data[head + 13]
        out.write(f"{seconds + nanos / 1e9:.6f} {source} {sport} {destination} {dport} {seq} {flags} {body.hex()}\n")
        if not select.select([tap], [], [], 0)[0]:
            out.flush()
        continue
    # Nothing waits at the tap.
    if not os.read(0, 1):
        break
    out.write("mark\n")
    out.flush()
