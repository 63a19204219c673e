"""Step 4: a pool of our own, a bound on what waits, and a stop that loses nothing.

This is the assignment, solved. Written for Python 3.11 and Twisted 22.4; `python3 04_stop.py [PORT]`.

    Wrapper Facade       the transport (a socket), ThreadPool (threads)
    Reactor              the reactor; the methods of EchoServerHandler are its event handlers
    Acceptor-Connector   listenTCP's Port accepts, EchoServerFactory makes an EchoServerHandler for each
                         connection: the service handler
    Half-Sync/Half-Async EchoServerHandler: the asynchronous layer. ThreadPool: the queueing layer, its
                         queue, and the synchronous layer, its threads. echoFromThread: the service.
"""

import os
import sys
import time

from twisted.internet import defer, error, interfaces, protocol, reactor, threads
from twisted.protocols.basic import LineReceiver
from twisted.python import threadable
from twisted.python.threadpool import ThreadPool
from zope.interface import implementer

WORKERS = 2  # threads of the pool: never more, never fewer
AHEAD = 8  # lines of one connection that are read and not yet answered
DEADLINE = 5  # seconds that a stop waits


def echoFromThread(line):
    """Half-sync. It may block: `0.5 tea` takes half a second, as a query might."""
    if line[:1].isdigit():
        time.sleep(float(line.split()[0]))
    return b"%d %s" % (threadable.getThreadID(), line)


@implementer(interfaces.IHalfCloseableProtocol)
class EchoServerHandler(LineReceiver):
    """Half-async: frames lines, keeps their replies in order, and reads only while there is room."""

    delimiter = b"\n"
    cr = False
    ended = False  # whether nothing more will be read
    owed = 0  # lines that are read and not yet answered

    def connectionMade(self):
        self.chain = defer.succeed(None)
        self.gone = defer.Deferred()
        self.factory.handlers.add(self)

    def dataReceived(self, data):
        if data:
            start = 1 if self.cr and data.startswith(b"\n") else 0
            self.cr = data.endswith(b"\r")
            data = data[start:].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        super().dataReceived(data)

    def lineReceived(self, line):
        self.owed += 1
        self.factory.most = max(self.factory.most, self.owed)
        if self.owed == AHEAD:
            self.pauseProducing()  # neither the socket nor the buffer gives another line
        answer = threads.deferToThreadPool(reactor, self.factory.pool, echoFromThread, line)
        answer.addErrback(lambda failure: b"ERR " + failure.getErrorMessage().encode())
        self.chain.addCallback(lambda _: answer)
        self.chain.addCallback(self.returnFromThread)

    def returnFromThread(self, reply):
        self.owed -= 1
        self.sendLine(reply)
        if self.paused:
            self.paused = False
            if not self.ended:
                self.transport.resumeProducing()
            self.dataReceived(b"")  # lines that lie in the buffer come first
        self.closeWhenDone()

    def readConnectionLost(self):
        rest = self.clearLineBuffer()
        if rest:
            self.lineReceived(rest)
        self.endReading()

    def endReading(self):
        """What has been read will be answered; then the connection is closed."""
        self.ended = True
        self.transport.pauseProducing()
        self.closeWhenDone()

    def closeWhenDone(self):
        if self.ended and self.owed == 0:
            self.transport.loseConnection()  # when what was written has been sent

    def writeConnectionLost(self):
        self.transport.loseConnection()

    def connectionLost(self, reason):
        self.factory.handlers.discard(self)
        self.gone.callback(None)


class EchoServerFactory(protocol.ServerFactory):
    """Owns the pool: one for all connections, which lives as long as the server listens."""

    most = 0  # lines of one connection that were under way at the same time
    late = False  # whether the stop has met its deadline

    def startFactory(self):
        self.handlers = set()
        self.pool = ThreadPool(minthreads=WORKERS, maxthreads=WORKERS, name="echo")
        self.pool.start()
        reactor.addSystemEventTrigger("before", "shutdown", self.drain)
        reactor.addSystemEventTrigger("after", "shutdown", self.stopPool)

    def buildProtocol(self, addr):
        """The port calls it for each connection that it has accepted: here is its service handler."""
        handler = EchoServerHandler()
        handler.factory = self
        return handler

    def drain(self):
        """The reactor waits for this Deferred before it stops: every line that was read is answered."""
        self.listening.stopListening()
        ends = defer.DeferredList([handler.gone for handler in self.handlers])
        for handler in list(self.handlers):
            handler.endReading()
        return ends.addTimeout(DEADLINE, reactor, self.giveUp)

    def giveUp(self, _result, _seconds):
        self.late = True

    def stopPool(self):
        print(f"stopped: at most {self.most} lines of a connection were under way", flush=True)
        if self.late and self.pool.working:
            os._exit(1)  # a job is past the deadline, and a thread cannot be ended from outside
        self.pool.stop()


if __name__ == "__main__":
    factory = EchoServerFactory()
    try:
        port = int(sys.argv[1]) if len(sys.argv) > 1 else 7204
        factory.listening = reactor.listenTCP(port, factory, interface="127.0.0.1")
    except (ValueError, error.CannotListenError) as problem:
        sys.exit(f"cannot listen: {problem}")
    print(f"listening on 127.0.0.1:{factory.listening.getHost().port}", flush=True)
    reactor.run()
