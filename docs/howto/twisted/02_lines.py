"""Step 2: a line for each job. LineReceiver collects bytes until a line is complete.

Written for Python 3.11 and Twisted 22.4; `python3 02_lines.py [PORT]`.
"""

import sys
import time

from twisted.internet import error, protocol, reactor, threads
from twisted.protocols.basic import LineReceiver
from twisted.python import threadable


def echoFromThread(line):
    """The synchronous service. It may block: `0.5 tea` takes half a second, as a query might."""
    if line[:1].isdigit():
        time.sleep(float(line.split()[0]))
    return b"%d %s" % (threadable.getThreadID(), line)


class EchoServerHandler(LineReceiver):
    """The asynchronous service, one for each connection. Its state is what lies between two chunks."""

    delimiter = b"\n"
    cr = False  # whether the last chunk ended with \r: a \n now is the rest of that line end

    def dataReceived(self, data):
        # A line ends with \n, \r or \r\n, and a \r ends it at once. LineReceiver knows one delimiter.
        if data:
            start = 1 if self.cr and data.startswith(b"\n") else 0
            self.cr = data.endswith(b"\r")
            data = data[start:].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        super().dataReceived(data)

    def lineReceived(self, line):
        threads.deferToThread(echoFromThread, line).addCallback(self.returnFromThread)

    def returnFromThread(self, reply):
        self.sendLine(reply)


class EchoServerFactory(protocol.ServerFactory):
    protocol = EchoServerHandler


if __name__ == "__main__":
    try:
        port = int(sys.argv[1]) if len(sys.argv) > 1 else 7202
        listening = reactor.listenTCP(port, EchoServerFactory(), interface="127.0.0.1")
    except (ValueError, error.CannotListenError) as problem:
        sys.exit(f"cannot listen: {problem}")
    print(f"listening on 127.0.0.1:{listening.getHost().port}", flush=True)
    reactor.run()
