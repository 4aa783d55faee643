"""Servers that are dead or slow, on real sockets: silent, dripping, hanging up."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100000\r\n\r\n"
EVENTS = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n"
TICK = b'data: {"choices":[{"delta":{"content":"a"}}]}\n\n'


def silent(connection, stopped):
    """Takes the request and never answers."""
    stopped.wait()


def dripping(connection, stopped, text=HEAD + b" " * 100_000, seconds=0.3):
    """Never silent for long, and never done."""
    for at in range(len(text)):
        if stopped.wait(seconds):
            return
        connection.sendall(text[at : at + 1])


def dripping_body(connection, stopped):
    connection.sendall(HEAD)
    dripping(connection, stopped, b" " * 100_000)


def dripping_events(connection, stopped):
    connection.sendall(EVENTS)
    while not stopped.wait(0.2):
        connection.sendall(TICK)


def closing(connection, stopped):
    """Hangs up on the request."""


@contextmanager
def serving(behave):
    """An address, and how many connections came."""
    stopped, threads, came = threading.Event(), [], []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.1)

        def handle(connection):
            with connection:
                connection.settimeout(None)
                connection.recv(65536)
                try:
                    behave(connection, stopped)
                except OSError:
                    pass  # the client has hung up

        def accept():
            while not stopped.is_set():
                try:
                    connection = listener.accept()[0]
                except TimeoutError:
                    continue
                came.append(connection)
                threads.append(threading.Thread(target=handle, args=[connection]))
                threads[-1].start()

        accepting = threading.Thread(target=accept)
        accepting.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/v1", came
        finally:
            stopped.set()
            for thread in (accepting, *threads):
                thread.join(20)
