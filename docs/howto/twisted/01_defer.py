"""Step 1: what the ticket sketches. A thread of the reactor's pool answers each piece of input.

Written for Python 3.11 and Twisted 22.4; `python3 01_defer.py [PORT]`.
"""

import sys
import time

from twisted.internet import error, protocol, reactor, threads
from twisted.python import threadable


def echoFromThread(data):
    """The synchronous service. It may block: `0.5 tea` takes half a second, as a query might."""
    first = data.split()[:1]
    if first and first[0][:1].isdigit():
        time.sleep(float(first[0]))
    return b"%d %s" % (threadable.getThreadID(), data)


class EchoServerHandler(protocol.Protocol):
    """The asynchronous service, one for each connection. All its methods run in the reactor's thread."""

    def dataReceived(self, data):
        # deferToThread puts the call into the pool's queue, and returns a Deferred at once.
        threads.deferToThread(echoFromThread, data).addCallback(self.returnFromThread)

    def returnFromThread(self, reply):
        self.transport.write(reply)  # safe: the Deferred calls back in the reactor's thread


class EchoServerFactory(protocol.ServerFactory):
    protocol = EchoServerHandler  # what buildProtocol makes for each connection


if __name__ == "__main__":
    try:
        port = int(sys.argv[1]) if len(sys.argv) > 1 else 7201
        listening = reactor.listenTCP(port, EchoServerFactory(), interface="127.0.0.1")
    except (ValueError, error.CannotListenError) as problem:
        sys.exit(f"cannot listen: {problem}")
    print(f"listening on 127.0.0.1:{listening.getHost().port}", flush=True)
    reactor.run()
