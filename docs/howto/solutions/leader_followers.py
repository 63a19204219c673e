"""Exercise 10. Leader/Followers: threads share the sockets, and take turns in waiting for them.

Python 3 on Linux; `python3 leader_followers.py [PORT]`. A line `0.5 tea` takes half a second.
"""

import select
import socket
import sys
import threading
import time

THREADS = 4
ONCE = select.EPOLLIN | select.EPOLLONESHOT  # an event switches its handle off, until it is armed again

handles = select.epoll()  # the handle set
leadership = threading.Lock()  # its holder is the leader; threads that wait for it are the followers
handlers = {}  # event handlers, by their handle


def register(sock, handler):
    handlers[sock.fileno()] = handler
    handles.register(sock.fileno(), ONCE)


def take_part():
    """A thread's life: follower, leader, and then, without the lock, processing thread."""
    while True:
        with leadership:
            ((handle, _event),) = handles.poll(maxevents=1)
        if handlers[handle]():
            handles.modify(handle, ONCE)


def acceptor(listener):
    def handle_event():
        conn, _ = listener.accept()
        register(conn, service(conn))
        return True

    return handle_event


def service(conn):
    rest = b""

    def handle_event():
        nonlocal rest
        try:
            data = conn.recv(4096)
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                conn.sendall(b"%d %s\n" % (threading.get_native_id(), job(line)))
        except OSError:
            data = b""  # the client has left
        if not data:
            del handlers[conn.fileno()]
            conn.close()
        return bool(data)

    return handle_event


def job(line):
    """Runs in the thread that has read the line."""
    if line[:1].isdigit():
        time.sleep(float(line.split()[0]))
    return line


if __name__ == "__main__":
    server = socket.create_server(("127.0.0.1", int(sys.argv[1]) if len(sys.argv) > 1 else 7131))
    register(server, acceptor(server))
    print(f"listening on 127.0.0.1:{server.getsockname()[1]}", flush=True)
    for _ in range(THREADS):
        threading.Thread(target=take_part).start()
