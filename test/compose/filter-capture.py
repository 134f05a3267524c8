"""Prints every IPv4 packet between two addresses on any interface of the network namespace that it runs in, one a line:
protocol source destination length. Says "ready" first, and "mark" for each byte of its input once everything is printed that
passed before; ends when its input does."""

import os
import select
import socket
import sys

pair = {socket.inet_aton(address) for address in sys.argv[1:]}
tap = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x0003))
tap.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16 * 1024 * 1024)
out = sys.stdout
out.write("ready\n")
out.flush()

while True:
    ready, _, _ = select.select([tap, 0], [], [])
    if tap in ready:
        data, address = tap.recvfrom(70_000)
        if address[1] == 0x0800 and {data[12:16], data[16:20]} == pair:
            ends = [socket.inet_ntoa(data[at : at + 4]) for at in (12, 16)]
            out.write(f"{data[9]} {ends[0]} {ends[1]} {len(data)}\n")
        continue
    # Nothing waits at the tap.
    if not os.read(0, 1):
        break
    out.write("mark\n")
    out.flush()
