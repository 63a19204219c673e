"""Twisted's answer to the same job: LineReceiver, and deferToThreadPool for each line.

    python3 server.py PORT WORKERS echo|cpu

Wrapper Facade, Reactor, Acceptor-Connector and Half-Sync/Half-Async as in the seed's assignment,
plus what it leaves open: the replies keep the order of the lines, and a half-close is honoured.
"""

import collections
import hashlib
import itertools
import sys
import threading

from twisted.internet import endpoints, protocol, reactor, threads
from twisted.internet.interfaces import IHalfCloseableProtocol
from twisted.protocols.basic import LineReceiver
from twisted.python.threadpool import ThreadPool
from zope.interface import implementer


class WorkerId(threading.local):
    """A small number for each thread: 1 to WORKERS in the pool."""

    numbers = itertools.count()  # the main thread takes 0

    def __init__(self):
        self.text = b"%d " % next(self.numbers)


worker_id = WorkerId()


def echo(line):
    return worker_id.text + line


def cpu(line):
    """SHA-256, 200 times over."""
    for _ in range(200):
        line = hashlib.sha256(line).digest()
    return worker_id.text + line.hex().encode("ascii")


@implementer(IHalfCloseableProtocol)
class OrderedLines(LineReceiver):
    """Half-async: runs in the reactor's thread alone."""

    delimiter = b"\n"
    MAX_LENGTH = 65536

    def connectionMade(self):
        self.transport.setTcpNoDelay(True)
        self.waiting = collections.deque()  # a slot per line under way, in the order of the lines
        self.ended = False

    def lineReceived(self, line):
        slot = []
        self.waiting.append(slot)
        job = threads.deferToThreadPool(reactor, self.factory.pool, self.factory.job, line)
        job.addErrback(lambda failure: b"ERR " + failure.getErrorMessage().encode("utf-8"))
        job.addCallback(self.replied, slot)

    def replied(self, reply, slot):
        slot.append(reply)
        while self.waiting and self.waiting[0]:
            self.sendLine(self.waiting.popleft()[0])  # the transport joins what one turn writes
        self.closeWhenDone()

    def readConnectionLost(self):
        rest = self.clearLineBuffer()
        if rest:
            self.lineReceived(rest)  # an unterminated last line counts
        self.ended = True
        self.closeWhenDone()

    def writeConnectionLost(self):
        self.transport.loseConnection()

    def closeWhenDone(self):
        if self.ended and not self.waiting:
            self.transport.loseConnection()


class OrderedLinesFactory(protocol.ServerFactory):
    """Half-sync: owns the pool that runs the jobs."""

    protocol = OrderedLines
    noisy = False

    def __init__(self, workers, job):
        self.job = job
        self.pool = ThreadPool(minthreads=workers, maxthreads=workers)

    def startFactory(self):
        self.pool.start()
        reactor.addSystemEventTrigger("after", "shutdown", self.pool.stop)


def main():
    port, workers, job = int(sys.argv[1]), int(sys.argv[2]), {"echo": echo, "cpu": cpu}[sys.argv[3]]
    endpoint = endpoints.TCP4ServerEndpoint(reactor, port, backlog=1024, interface="127.0.0.1")
    listening = endpoint.listen(OrderedLinesFactory(workers, job))
    listening.addCallback(lambda p: print(f"listening on 127.0.0.1:{p.getHost().port}", flush=True))
    reactor.run()


if __name__ == "__main__":
    main()
