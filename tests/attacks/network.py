"""Attacks over the network and local sockets: reach something, listen for something, carry something out."""

from __future__ import annotations

from attacks.attack import Attack

ATTACKS = (
    Attack(
        "connect by TCP",
        "import socket\nsocket.create_connection(('127.0.0.1', scene.tcp), 2).send(b'x')",
        control=True,
    ),
    Attack(
        "send by UDP",
        "import socket\nsocket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', scene.udp))",
        control=True,
    ),
    Attack(
        "connect to a socket in the file system",
        "import socket\nsocket.socket(socket.AF_UNIX).connect(scene.unix)",
        control=True,
    ),
    Attack(
        "connect to an abstract socket",
        "import socket\nsocket.socket(socket.AF_UNIX).connect(scene.abstract.encode('latin-1'))",
        control=True,
    ),
    Attack(
        "fetch a page",
        "import urllib.request\nurllib.request.urlopen(f'http://127.0.0.1:{scene.tcp}/', timeout=0.2)",
        control=True,
    ),
    Attack(
        "connect from an event loop",
        """
import asyncio
async def reach():
    await asyncio.open_connection('127.0.0.1', scene.tcp)
asyncio.run(reach())
""",
        control=True,
    ),
    Attack(
        "listen for connections",
        """
import socket
listener = socket.socket()
listener.bind(('127.0.0.1', 0))
listener.listen()
with socket.create_connection(listener.getsockname(), 2):
    answer = 'pwned'
""",
        control=True,
    ),
    Attack(
        "bind an abstract socket",
        "import socket\nsocket.socket(socket.AF_UNIX).bind(b'\\0ns-stray')\nanswer = 'pwned'",
        control=True,
    ),
    Attack(
        "ask for a name's address",
        "import socket\nanswer = 'pwned' if socket.getaddrinfo('localhost', 80) else ''",
        control=True,
    ),
    Attack(
        "sniff with a raw socket",
        "import socket\nsocket.socket(socket.AF_PACKET, socket.SOCK_RAW, 3)\nanswer = 'pwned'",
    ),
    Attack(
        "ask the kernel about the network",
        "import socket\nsocket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0).bind((0, 0))\nanswer = 'pwned'",
        control=True,
    ),
    Attack(
        "list the network's interfaces",
        "import socket\nanswer = 'pwned' if any(name != 'lo' for _, name in socket.if_nameindex()) else ''",
    ),
    Attack(
        "use the kernel's ciphers",
        """
import socket
s = socket.socket(socket.AF_ALG, socket.SOCK_SEQPACKET)
s.bind(('hash', 'sha256'))
answer = 'pwned'
""",
    ),
    Attack(
        "send the descriptor of a file to the caller",
        """
import os, socket
for number in range(3, 64):
    try:
        socket.send_fds(socket.socket(fileno=number), [b'{}'], [number] * 50)
    except OSError:
        pass
os._exit(0)
""",
    ),
)
