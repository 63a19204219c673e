"""Step 3: replies in the order of the lines, by a chain of Deferreds for each connection.

Written for Python 3.11 and Twisted 22.4; `python3 03_order.py [PORT]`.
"""

import sys
import time

from twisted.internet import defer, error, interfaces, protocol, reactor, threads
from twisted.protocols.basic import LineReceiver
from twisted.python import threadable
from zope.interface import implementer


def echoFromThread(line):
    """The synchronous service. It may block: `0.5 tea` takes half a second, as a query might."""
    if line[:1].isdigit():
        time.sleep(float(line.split()[0]))
    return b"%d %s" % (threadable.getThreadID(), line)


@implementer(interfaces.IHalfCloseableProtocol)  # so that a half-close is no longer the end
class EchoServerHandler(LineReceiver):
    """The asynchronous service, one for each connection: frames lines, and keeps their replies in order."""

    delimiter = b"\n"
    cr = False

    def connectionMade(self):
        self.chain = defer.succeed(None)  # what has to happen before the next reply

    def dataReceived(self, data):
        if data:
            start = 1 if self.cr and data.startswith(b"\n") else 0
            self.cr = data.endswith(b"\r")
            data = data[start:].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        super().dataReceived(data)

    def lineReceived(self, line):
        self.factory.count(1)
        answer = threads.deferToThread(echoFromThread, line)  # starts now, whatever the chain waits for
        answer.addErrback(lambda failure: b"ERR " + failure.getErrorMessage().encode())
        self.chain.addCallback(lambda _: answer)  # a callback that returns a Deferred holds up the chain
        self.chain.addCallback(self.returnFromThread)

    def returnFromThread(self, reply):
        self.factory.count(-1)
        self.sendLine(reply)

    def readConnectionLost(self):
        """The client has half-closed: what it sent last is a line too, and it waits for its replies."""
        rest = self.clearLineBuffer()
        if rest:
            self.lineReceived(rest)
        self.chain.addCallback(lambda _: self.transport.loseConnection())

    def writeConnectionLost(self):
        self.transport.loseConnection()


class EchoServerFactory(protocol.ServerFactory):
    protocol = EchoServerHandler
    waiting, mark = 0, 1000

    def count(self, change):
        """A gauge: tells when ten times as many lines wait as the last time."""
        self.waiting += change
        if self.waiting == self.mark:
            print(f"{self.mark} lines wait", flush=True)
            self.mark *= 10


if __name__ == "__main__":
    try:
        port = int(sys.argv[1]) if len(sys.argv) > 1 else 7203
        listening = reactor.listenTCP(port, EchoServerFactory(), interface="127.0.0.1")
    except (ValueError, error.CannotListenError) as problem:
        sys.exit(f"cannot listen: {problem}")
    print(f"listening on 127.0.0.1:{listening.getHost().port}", flush=True)
    reactor.run()
