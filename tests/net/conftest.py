"""Real servers on loopback for the tests of ``net``: they speak the exact bytes that a test gives them."""

from __future__ import annotations

import asyncio
import datetime
import ipaddress
import re
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@pytest.fixture(autouse=True)
def no_proxy_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test depends on the proxy settings of the machine it runs on."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@dataclass(kw_only=True)
class RawServer:
    """A server that reads whole requests and answers each with the same bytes, whatever they are."""

    reply: bytes = OK
    """``{pause}`` in it makes the client read what is before first."""
    close: bool = False
    """End the connection after a reply."""
    single_bytes: bool = False
    """Send the reply byte by byte."""
    answers: int = 1_000_000
    """Requests that are answered on one connection; the next one finds it closed."""
    hold: asyncio.Event | None = None
    """Wait for this after the reply was sent."""
    seen: list[bytes] = field(default_factory=list)
    """Every request, head and body, as it came."""
    got: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when a request is there."""
    connections: int = 0
    port: int = 0
    scheme: str = "http"

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"{self.scheme}://127.0.0.1:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        self.connections += 1
        try:
            for _ in range(self.answers):
                self.seen.append(await read_message(reader))
                self.got.set()
                await self._answer(writer)
                if self.close:
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _answer(self, writer: asyncio.StreamWriter) -> None:
        if self.single_bytes:
            for byte in self.reply:
                writer.write(bytes((byte,)))
                await writer.drain()
                await asyncio.sleep(0)
        else:
            for part in self.reply.split(b"{pause}"):
                writer.write(part)
                await writer.drain()
                # The client runs on the same loop: it has read this part before the next one is written.
                for _ in range(20):
                    await asyncio.sleep(0)
        if self.hold is not None:
            await self.hold.wait()


async def read_message(reader: asyncio.StreamReader) -> bytes:
    """One HTTP message with its body, as it came."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = re.search(rb"(?im)^content-length: (\d+)\r$", head)
    if length:
        return head + await reader.readexactly(int(length[1]))
    if re.search(rb"(?im)^transfer-encoding: chunked\r$", head):
        return head + await reader.readuntil(b"\r\n0\r\n\r\n")
    return head


Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def listening(serve: Serve, context: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """A server for ``serve`` on a free port of loopback; ends its connections afterwards."""
    tasks: set[asyncio.Task[None]] = set()

    async def tracked(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            await serve(reader, writer)
        finally:
            tasks.discard(task)

    server = await asyncio.start_server(tracked, "127.0.0.1", 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in tuple(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


StartRaw = Callable[..., Awaitable[RawServer]]


@pytest.fixture
async def raw_server() -> AsyncIterator[StartRaw]:
    """Starts raw servers that end with the test: ``await raw_server(reply=b"…", tls=context)``."""
    async with AsyncExitStack() as stack:

        async def start(*, tls: ssl.SSLContext | None = None, **settings: object) -> RawServer:
            server = RawServer(**settings, scheme="https" if tls else "http")  # type: ignore[arg-type]
            server.port = await stack.enter_async_context(listening(server.serve, tls))
            return server

        yield start


@dataclass(frozen=True, kw_only=True)
class Identity:
    """A certificate with its key, in every form in which people have them."""

    pem: Path
    """Certificate and key in one file."""
    certificate: Path
    key: Path
    locked_key: Path
    """The key, encrypted with ``password``."""
    pfx: Path
    """Both, encrypted with ``password``."""
    password: str = "correct horse"

    def server(self, *, ask_for: Path | None = None, newest: ssl.TLSVersion | None = None) -> ssl.SSLContext:
        """A server's context that proves itself with this; ``ask_for`` is the CA that clients have to prove."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.pem)
        if newest is not None:
            context.maximum_version = newest
        if ask_for is not None:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(ask_for)
        return context


class Authority:
    """A certificate authority of the test's own."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder = folder
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        key_usage = x509.KeyUsage(
            digital_signature=True,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            key_cert_sign=True,
            crl_sign=True,
            encipher_only=False,
            decipher_only=False,
        )
        self.certificate = (
            self._builder(self.name, self.key.public_key(), days=3650)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(key_usage, critical=True)
            .sign(self.key, hashes.SHA256())
        )
        self.file = folder / f"{name}.pem"
        self.file.write_bytes(self.certificate.public_bytes(Encoding.PEM))
        self.der = folder / f"{name}.der"
        self.der.write_bytes(self.certificate.public_bytes(Encoding.DER))

    def issue(self, name: str, *hosts: str, days: int = 3650, self_signed: bool = False) -> Identity:
        """A certificate for hosts (names or addresses); negative ``days`` make it one that has expired."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        builder = self._builder(subject, key.public_key(), days=days, signer=(subject, key) if self_signed else None)
        usage = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
        builder = builder.add_extension(x509.ExtendedKeyUsage(usage), critical=False)
        if hosts:
            builder = builder.add_extension(
                x509.SubjectAlternativeName([_host(host) for host in hosts]), critical=False
            )
        certificate = builder.sign(key if self_signed else self.key, hashes.SHA256())
        return self._write(name, certificate, key)

    def _builder(
        self,
        subject: x509.Name,
        key: ec.EllipticCurvePublicKey,
        *,
        days: int,
        signer: tuple[x509.Name, ec.EllipticCurvePrivateKey] | None = None,
    ) -> x509.CertificateBuilder:
        issuer, issuer_key = signer or (self.name, self.key)
        now = datetime.datetime.now(datetime.UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=400))
            .not_valid_after(now + datetime.timedelta(days=days))
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
        )

    def _write(self, name: str, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> Identity:
        def private(encryption: KeySerializationEncryption) -> bytes:
            return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)

        locked = BestAvailableEncryption(Identity.password.encode())
        files = {
            "pem": certificate.public_bytes(Encoding.PEM) + private(NoEncryption()),
            "certificate": certificate.public_bytes(Encoding.PEM),
            "key": private(NoEncryption()),
            "locked_key": private(locked),
            "pfx": pkcs12.serialize_key_and_certificates(name.encode(), key, certificate, [self.certificate], locked),
        }
        paths = {kind: self.folder / f"{name}.{kind}" for kind in files}
        for kind, data in files.items():
            paths[kind].write_bytes(data)
        return Identity(**paths)


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """The authority that the tests' certificates come from; no system trusts it."""
    return Authority(tmp_path_factory.mktemp("authority"), "test-authority")


@pytest.fixture(scope="session")
def listen_on() -> Callable[..., object]:
    """``async with listen_on(serve) as port``: any stream handler on a free port of loopback."""
    return listening


class TlsServer:
    """A TLS server that answers one request, or sends its alert before it hangs up, which asyncio's own does not."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.incoming, self.outgoing, server_side=True)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        try:
            await self._do(self.tls.do_handshake, reader, writer)
            await self._do(lambda: self.tls.read(65536), reader, writer)
            await self._do(lambda: self.tls.write(OK), reader, writer)
        except ssl.SSLError:
            writer.write(self.outgoing.read())
            # Hanging up with bytes unread would make a reset of it, and lose the alert.
            while await reader.read(65536):
                pass
        finally:
            writer.close()

    async def _do(self, step: Callable[[], object], reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            try:
                step()
            except ssl.SSLWantReadError:
                writer.write(self.outgoing.read())
                self.incoming.write(await reader.read(65536))
            else:
                writer.write(self.outgoing.read())
                return


@pytest.fixture(scope="session")
def asking() -> Callable[[ssl.SSLContext], object]:
    """``async with asking(context) as port``: a server that refuses clients as real servers do."""
    return lambda context: listening(TlsServer(context).serve)
