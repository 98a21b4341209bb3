"""Requests that never end, a body that nobody asked for: everybody else is answered all the same."""

import http.client
import os
import re
import shutil
import socket
import ssl
import subprocess
import time
from contextlib import ExitStack, contextmanager

import pytest

from devtools.ports import free_port
from tests.architecture.walk import ROOT
from tests.faults.processes import Process, wait_until

pytestmark = pytest.mark.django_db(transaction=True)
# More than the threads of both workers together.
MANY = 40
HALVES = {
    "headers": b"POST /sign-in/ HTTP/1.1\r\nHost: localhost\r\nX-Half: ",
    "body": b"POST /sign-in/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    b"Content-Length: 900\r\n\r\nusername=",
    "nothing": b"",
}


@pytest.fixture
def web():
    """The web server with its own configuration, on the test's database."""
    port = free_port()
    bind = ("--bind", f"127.0.0.1:{port}")
    server = Process("gunicorn", "rpmportal.wsgi", "-c", "deploy/gunicorn.conf.py", *bind, HTTPS="0").start()
    try:
        wait_until(lambda: answered(port, "/healthz") == 200, server.said())
        yield port
    finally:
        server.kill()


def answered(port: int, path: str = "/sign-in/", tls: bool = False, seconds: float = 8) -> int:
    """The status; 0 when there is no answer in time."""
    try:
        return asked(port, path, tls=tls, seconds=seconds)[0]
    except OSError:
        return 0


def asked(port: int, path: str, *, tls: bool = False, seconds: float = 8, method: str = "GET", **more):
    """(status, headers, body) of a request with a connection of its own."""
    trust = {"context": ssl._create_unverified_context()} if tls else {}
    kind = http.client.HTTPSConnection if tls else http.client.HTTPConnection
    connection = kind("127.0.0.1", port, timeout=seconds, **trust)
    try:
        connection.request(method, path, headers={"Host": "localhost", **more.pop("headers", {})}, **more)
        reply = connection.getresponse()
        return reply.status, dict(reply.getheaders()), reply.read()
    finally:
        connection.close()


@contextmanager
def half_sent(port: int, part: bytes, count: int = MANY, tls: bool = False):
    """Connections that have sent the part and send no more."""
    with ExitStack() as open_ones:
        sockets = []
        for _ in range(count):
            sock = socket.create_connection(("127.0.0.1", port), timeout=30)
            if tls:
                sock = ssl._create_unverified_context().wrap_socket(sock)
            open_ones.enter_context(sock)
            sock.sendall(part)
            sockets.append(sock)
        yield sockets


@pytest.mark.parametrize("part", HALVES)
def test_the_web_server_alone_answers_beside_half_sent_requests(web, part):
    with half_sent(web, HALVES[part]):
        assert [answered(web) for _ in range(4)] == [200] * 4


def test_a_request_that_comes_in_drops_is_answered_in_the_end(web):
    """Slow is not wrong: each drop may come late."""
    body = b"username=nobody%40example.test&password=x"
    request = (
        b"POST /sign-in/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        b"Content-Type: application/x-www-form-urlencoded\r\n"
        + f"Content-Length: {len(body)}\r\n\r\n".encode()
        + body
    )
    with half_sent(web, request[:1], count=1) as (sock,):
        for place in range(1, len(request), 40):
            sock.sendall(request[place : place + 40])
            time.sleep(0.05)
        reply = http.client.HTTPResponse(sock)
        reply.begin()
        # Read whole, and refused because it has no token.
        assert reply.status == 403


def test_two_requests_in_one_breath_are_both_answered(web):
    one = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with half_sent(web, one + one, count=1) as (sock,):
        sock.settimeout(8)
        seen = b""
        while seen.count(b'{"alive": true}') < 2:
            assert (more := sock.recv(65536)), seen
            seen += more


def test_a_half_sent_request_is_let_go(web):
    """A connection is no thread, but it is not kept for ever either."""
    with half_sent(web, HALVES["headers"], count=1) as (sock,):
        sock.settimeout(40)
        try:
            assert sock.recv(10) == b""
        except ConnectionResetError:
            pass  # let go all the same


# --------------------------------------------------------------------------------------------- behind the proxy


def directives(text: str) -> list[tuple[str, ...]]:
    """Every directive of an nginx configuration with its words, blocks without their braces; a check of its form."""
    tokens = re.findall(r"#[^\n]*|'[^']*'|\"[^\"]*\"|\$\{\w+\}|[{};]|[^\s{};]+", text)
    found, words, depth = [], [], 0
    for token in (token for token in tokens if not token.startswith("#")):
        if token not in "{};":
            words.append(token)
            continue
        depth += {"{": 1, "}": -1, ";": 0}[token]
        assert depth >= 0
        assert bool(words) == (token != "}"), f"{token} after {words}"
        found += [tuple(words)] if words else []
        words = []
    assert (depth, words) == (0, [])
    return found


CONFIGURATION = (ROOT / "deploy" / "nginx.conf").read_text()


def test_the_proxy_waits_for_all_of_a_request_and_for_nobody_for_ever():
    said = directives(CONFIGURATION)
    assert {
        ("proxy_request_buffering", "on"),
        ("client_header_timeout", "10s"),
        ("client_body_timeout", "10s"),
    } <= set(said)
    assert [words for words in said if words[0] == "client_max_body_size"] == [
        ("client_max_body_size", "1m"),
        # Readings, papers, patients.
        ("client_max_body_size", "6m"),
        ("client_max_body_size", "6m"),
        ("client_max_body_size", "6m"),
        # FHIR.
        ("client_max_body_size", "2m"),
    ]
    assert ("ssl_protocols", "TLSv1.2", "TLSv1.3") in said
    assert ("proxy_set_header", "X-Forwarded-For", "$remote_addr") in said


def test_the_proxy_logs_no_query_and_no_page_before():
    formats = [words for words in directives(CONFIGURATION) if words[0] == "log_format"]
    assert len(formats) == 1
    assert not re.search(r"\$(request\b(?!_)|request_uri|args|query_string|http_)", " ".join(formats[0]))
    assert ("error_log", "stderr", "crit") in directives(CONFIGURATION)


class Proxy:
    """deploy/nginx.conf with this test's ports, folder and certificate, run by this machine's nginx."""

    def __init__(self, folder, web: int):
        self.folder, self.port = folder, free_port()
        changes = {
            "listen 8443 ": f"listen 127.0.0.1:{self.port} ",
            "listen 8080 ": f"listen 127.0.0.1:{free_port()} ",
            "web:8000": f"127.0.0.1:{web}",
            "/tmp/": f"{folder}/",
            "/etc/rpm-portal/tls": str(folder),
            "/etc/rpm-portal/pages": str(ROOT / "deploy" / "pages"),
        }
        text = CONFIGURATION
        for old, new in changes.items():
            assert old in text
            text = text.replace(old, new)
        self.file = folder / "nginx.conf"
        # Started by root, it would go on as nobody, who cannot enter this folder.
        self.file.write_text(("user root;\n" if os.geteuid() == 0 else "") + text)

    @contextmanager
    def running(self):
        make_certificate(self.folder)
        command = [NGINX, "-e", "stderr", "-c", str(self.file)]
        subprocess.run([*command, "-t"], check=True, capture_output=True)
        child = subprocess.Popen([*command, "-g", "daemon off;"], stdout=subprocess.DEVNULL)
        try:
            wait_until(lambda: answered(self.port, tls=True) == 200, "the proxy does not answer")
            yield self.port
        finally:
            child.terminate()
            child.wait(120)


def make_certificate(folder) -> None:
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=localhost",
    ]
    files = ["-keyout", str(folder / "privkey.pem"), "-out", str(folder / "fullchain.pem")]
    subprocess.run([*command, *files], check=True, capture_output=True)


NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


@pytest.fixture
def proxy(tmp_path, web):
    """Where nginx is installed: the real one. Elsewhere the web server, which must stand the same by itself."""
    if NGINX is None:
        yield web, False
        return
    with Proxy(tmp_path, web).running() as port:
        yield port, True


@pytest.mark.parametrize("part", HALVES)
def test_the_site_answers_beside_half_sent_requests(proxy, part):
    port, tls = proxy
    with half_sent(port, HALVES[part], tls=tls):
        assert [answered(port, tls=tls) for _ in range(4)] == [200] * 4


def test_a_body_that_is_too_long_is_refused_with_a_page(proxy):
    port, tls = proxy
    status, headers, page = asked(port, "/sign-in/", tls=tls, method="POST", body=b"x" * 1_100_000)
    assert (status, headers["Content-Type"].split(";")[0]) == (413, "text/html")
    assert b"Nothing was saved" in page


def test_a_long_body_is_refused_before_it_came(proxy):
    """By its announced length: nothing of the 150 MB needs to be sent."""
    port, tls = proxy
    announced = (
        b"POST /sign-in/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 150000000\r\n\r\n" + b"x" * 40_000
    )
    with half_sent(port, announced, count=1, tls=tls) as (sock,):
        sock.settimeout(8)
        assert b" 413 " in sock.recv(200)
