"""A box spoken for by a test: what pharosd says, said by hand."""

import base64
import contextlib
import json
import os
import re
import sqlite3
import subprocess
import time


class Answer:
    """Of one request: status 0 when the connection itself was refused."""

    def __init__(self, status, headers, body, error):
        self.status, self.headers = status, headers
        self.body, self.error = body, error

    def json(self):
        return json.loads(self.body)

    @property
    def detail(self):
        return self.json()["detail"]


def parse(done):
    head, _, body = done.stdout.rpartition(b"\r\n\r\n")
    lines = head.split(b"\r\n\r\n")[-1].decode().splitlines()
    if not lines:
        return Answer(0, {}, b"", done.stderr.decode())
    headers = {}
    for line in lines[1:]:
        name, _, value = line.partition(": ")
        headers[name.lower()] = value
    return Answer(int(lines[0].split()[1]), headers, body, "")


class Client:
    """Requests to a collector's agents' port, with or without a certificate."""

    def __init__(self, collector, folder, name="stranger"):
        self.collector, self.name = collector, name
        self.folder = folder / name
        self.folder.mkdir(parents=True, exist_ok=True)
        self.ca = collector.state / "pki" / "ca.pem"
        self.key = self.folder / "box.key"
        self.certificate = self.folder / "box.pem"
        self.epoch = "0123456789abcdef"

    def curl(self, path, *options):
        identity = ["--cert", self.certificate, "--key", self.key] \
            if self.certificate.exists() else []
        return self.collector.node.command(
            ["curl", "-s", "-S", "-i", "--max-time", "60", "-H", "Expect:",
             "--cacert", self.ca, *identity, *options,
             self.collector.url(self.collector.node) + path])

    def ask(self, path, *options, data=None):
        if data is not None:
            options += ("--data-binary", "@-")
        done = subprocess.run(self.curl(path, *options), input=data or b"",
                              capture_output=True)
        return parse(done)

    def start(self, path, *options):
        """A request whose answer is fetched with finish."""
        return subprocess.Popen(self.curl(path, *options),
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    @staticmethod
    def finish(process, timeout=30):
        out, err = process.communicate(timeout=timeout)
        return parse(subprocess.CompletedProcess([], process.returncode, out, err))

    def make_key(self):
        subprocess.run(["openssl", "ecparam", "-name", "prime256v1", "-genkey",
                        "-noout", "-out", self.key], check=True,
                       capture_output=True)

    def request(self):
        """A certificate request; the name in it counts for nothing."""
        return subprocess.run(
            ["openssl", "req", "-new", "-key", self.key, "-subj", "/CN=anybody"],
            check=True, capture_output=True, text=True).stdout

    def enroll(self, token, **members):
        """With a token as "pharos token" prints it; the answer."""
        if not self.key.exists():
            self.make_key()
        secret = base64.urlsafe_b64decode(token + "==")[32:]
        question = {"token": base64.urlsafe_b64encode(secret).decode().rstrip("="),
                    "request": self.request(), **members}
        answer = self.ask("/agent/v1/enroll", data=json.dumps(question).encode())
        if answer.status == 200:
            self.certificate.write_text(answer.json()["certificate"])
        return answer

    def hello(self, **members):
        return self.ask("/agent/v1/hello", data=json.dumps(members).encode())

    def connect(self):
        return Connection(self)

    def plan(self, *options):
        return self.ask("/agent/v1/plan", *options)

    def records(self, lines, *options):
        """A batch of records (dicts) or raw lines, packed as an agent does."""
        text = "".join(
            (line if isinstance(line, str) else json.dumps(line)) + "\n"
            for line in lines)
        return self.send(pack(text.encode()), *options)

    def send(self, packed, *options):
        return self.ask("/agent/v1/records", "-H", "Content-Encoding: zstd",
                        "-H", "Content-Type: application/x-ndjson", *options,
                        data=packed)

    def record(self, sequence, **members):
        now = time.time()
        return {"v": 1, "id": f"{self.name}/{self.epoch}/{sequence}", "plan": 1,
                "test": "core-ping", "probe": "ping", "src": self.name,
                "dst": "www.example.org", "agent": self.name,
                "start": now - 1, "end": now, "outcome": "measured",
                "metrics": {"sent": 10, "received": 10, "lost": 0,
                            "lost_locally": 0}, **members}


def whole(answer):
    head, end, body = answer.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)content-length: (\d+)", head)
    return end and length and len(body) >= int(length[1])


class Connection:
    """One connection that stays; what an agent does between requests."""

    def __init__(self, client):
        node = client.collector.node
        self.process = subprocess.Popen(
            node.command(["openssl", "s_client", "-quiet", "-connect",
                          f"{node.address(4)}:8641", "-cert",
                          client.certificate, "-key", client.key, "-CAfile",
                          client.ca]),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL)

    def __enter__(self):
        return self

    def __exit__(self, *what):
        self.process.kill()
        self.process.communicate()

    def ask(self, path, body, *headers):
        """The answer, head and body."""
        head = [f"POST {path} HTTP/1.1", "Host: test",
                f"Content-Length: {len(body)}", *headers, "", ""]
        self.process.stdin.write("\r\n".join(head).encode() + body)
        self.process.stdin.flush()
        answer = b""
        while not whole(answer):
            more = os.read(self.process.stdout.fileno(), 65536)
            assert more, f"the connection ended after {answer}"
            answer += more
        return answer

    def hello(self, *headers, **members):
        return self.ask("/agent/v1/hello", json.dumps(members).encode(), *headers)

    def ended(self, seconds):
        try:
            self.process.wait(seconds)
            return True
        except subprocess.TimeoutExpired:
            return False


def pack(data):
    return subprocess.run(["zstd", "-q", "-1", "-c"], input=data, check=True,
                          capture_output=True).stdout


def unpack(data):
    return subprocess.run(["zstd", "-q", "-d", "-c"], input=data, check=True,
                          capture_output=True).stdout


def journal(state):
    """Every line in the journal of a collector, in order, as (number, line)."""
    found = []
    for path in sorted((state / "journal").glob("*.db")):
        with contextlib.closing(
                sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
            rows = db.execute("SELECT number, count, line FROM entry"
                              " ORDER BY number").fetchall()
        for last, count, packed in rows:
            lines = [line for line in unpack(packed).split(b"\n") if line]
            assert len(lines) == count, (path, last)
            found += enumerate(lines, last - count + 1)
    return found
