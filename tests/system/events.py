"""Server-sent events as a browser reads them."""

import json
import queue
import socket
import threading
import time
import urllib.parse


class Event:
    def __init__(self, kind, ident, data):
        self.kind, self.id = kind, ident
        self.text, self.data = data, json.loads(data)


class Stream:
    """An open stream; its events are read in the background."""

    def __init__(self, web, path, last=None):
        url = urllib.parse.urlsplit(web)
        self.socket = socket.create_connection((url.hostname, url.port), 10)
        self.socket.settimeout(60)
        header = f"Last-Event-ID: {last}\r\n" if last else ""
        self.socket.sendall(f"GET {path} HTTP/1.1\r\nHost: test\r\n{header}\r\n"
                            .encode())
        self.file = self.socket.makefile("rb")
        self.status = int(self.file.readline().split()[1])
        self.headers = {}
        while line := self.file.readline().strip():
            name, _, value = line.decode().partition(": ")
            self.headers[name.lower()] = value
        self.events = queue.Queue()
        threading.Thread(target=self.read, daemon=True).start()

    def chunks(self):
        while size := int(self.file.readline() or b"0", 16):
            yield self.file.read(size)
            self.file.readline()

    def read(self):
        text = ""
        try:
            for chunk in self.chunks():
                text += chunk.decode()
                while "\n\n" in text:
                    block, _, text = text.partition("\n\n")
                    self.take(block)
        except OSError:
            pass
        self.events.put(None)

    def take(self, block):
        fields = dict(line.split(": ", 1) for line in block.split("\n"))
        self.events.put(Event(fields["event"], fields.get("id"), fields["data"]))

    def next(self, kind=None, timeout=20):
        """The next event (of this kind); None when the stream has ended. Others,
        such as ticks, give no time to the one that is waited for."""
        deadline = time.monotonic() + timeout
        while True:
            event = self.events.get(timeout=max(0, deadline - time.monotonic()))
            if event is None or kind is None or event.kind == kind:
                return event

    def close(self):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
