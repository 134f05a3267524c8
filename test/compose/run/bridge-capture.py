"""Prints every frame on an interface between machines, one a line: nanoseconds since the epoch, ether type (hex), and of IPv4
protocol, source, destination and length. An interface that is a bridge shows what passes between its ports. Says "ready"
first; ends with its input."""

import select
import socket
import struct
import sys

SO_TIMESTAMPNS = 35
SOL_PACKET = 263
PACKET_ADD_MEMBERSHIP = 1
PACKET_MR_PROMISC = 1

interface = sys.argv[1]
tap = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x0003))
tap.bind((interface, 0x0003))
tap.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
tap.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * 1024 * 1024)
# Without it a bridge shows only what is for itself.
membership = struct.pack("IHH8s", socket.if_nametoindex(interface), PACKET_MR_PROMISC, 0, b"")
tap.setsockopt(SOL_PACKET, PACKET_ADD_MEMBERSHIP, membership)
out = sys.stdout
out.write("ready\n")
out.flush()

while True:
    ready, _, _ = select.select([tap, 0], [], [])
    if tap not in ready:
        break
    try:
        data, control, _, address = tap.recvmsg(70_000, 256)
    except OSError:
        # The interface went away with its network.
        break
    seconds, nanos = struct.unpack("qq", control[0][2][:16])
    text = f"{seconds * 1_000_000_000 + nanos} {address[1]:04x}"
    if address[1] == 0x0800:
        text += f" {data[9]} {socket.inet_ntoa(data[12:16])} {socket.inet_ntoa(data[16:20])} {len(data)}"
    out.write(text + "\n")
    if not select.select([tap], [], [], 0)[0]:
        out.flush()
out.flush()
