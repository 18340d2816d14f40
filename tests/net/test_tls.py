"""TLS as it really happens: servers with certificates of every kind, on loopback."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path
from typing import Any

import pytest

from tieline.model import DocumentError, Failure, Request, Secret, Sent
from tieline.net.tls import tls_context
from tieline.net.transport import Transport, TransportOptions

VERSIONS = [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3]


async def call(url: str, **options: Any) -> Sent:
    async with Transport(TransportOptions(timeout=10, **options)) as transport:
        return await transport.send(Request(method="GET", url=url))


def refused(sent: Sent) -> Failure:
    assert sent.failure is not None
    assert (sent.failure.kind, sent.failure.sent) == ("tls", False)
    assert sent.failure.remedy
    return sent.failure


@pytest.fixture(scope="session")
def good(authority: Any) -> Any:
    """A certificate for this machine's loopback."""
    return authority.issue("good", "127.0.0.1", "localhost")


@pytest.mark.parametrize("form", ["file", "der"])
async def test_trusted_by_ca_file(form: str, authority: Any, good: Any, raw_server: Any) -> None:
    """A service whose issuer is given is called, over a connection that is kept."""
    server = await raw_server(tls=good.server())
    async with Transport(TransportOptions(ca_file=getattr(authority, form))) as transport:
        for _ in range(2):
            sent = await transport.send(Request(method="GET", url=server.url))
            assert sent.reply is not None, sent.failure
    assert server.connections == 1
    assert sent.timings.connect == -1


async def test_unknown_issuer(good: Any, raw_server: Any) -> None:
    """A service whose issuer nobody trusts is not called, and the remedy says how to trust it."""
    server = await raw_server(tls=good.server())
    failure = refused(await call(server.url))
    assert failure.message.startswith(f'the certificate of "127.0.0.1:{server.port}" comes from an issuer')
    assert "--ca FILE" in failure.remedy
    assert not server.seen


async def test_self_signed(authority: Any, raw_server: Any) -> None:
    """A self-signed certificate is refused; given as CA file it is trusted."""
    identity = authority.issue("alone", "127.0.0.1", self_signed=True)
    server = await raw_server(tls=identity.server())
    assert "is self-signed" in refused(await call(server.url)).message
    assert (await call(server.url, ca_file=identity.certificate)).reply is not None


async def test_expired(authority: Any, raw_server: Any) -> None:
    """An expired certificate is refused as that."""
    server = await raw_server(tls=authority.issue("expired", "127.0.0.1", days=-30).server())
    failure = refused(await call(server.url, ca_file=authority.file))
    assert failure.message == f'the certificate of "127.0.0.1:{server.port}" has expired'


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_wrong_host(host: str, authority: Any, raw_server: Any) -> None:
    """A certificate for another host is refused as that, by name and by address."""
    server = await raw_server(tls=authority.issue("other", "other.example").server())
    failure = refused(await call(server.url.replace("127.0.0.1", host), ca_file=authority.file))
    assert failure.message == f'the certificate of "{host}:{server.port}" is for another host'


async def test_not_verified(authority: Any, raw_server: Any) -> None:
    """Without verification any certificate will do, with a client certificate too."""
    expired = authority.issue("expired-too", "other.example", days=-30)
    server = await raw_server(tls=expired.server())
    assert (await call(server.url, verify=False)).reply is not None
    assert (await call(server.url, verify=False, client_certificate=expired.pem)).reply is not None


@pytest.mark.parametrize("version", VERSIONS, ids=["1.2", "1.3"])
async def test_client_certificate_missing(version: Any, authority: Any, good: Any, asking: Any) -> None:
    """A service that wants a client certificate is a TLS failure that says so, in every version of TLS."""
    async with asking(good.server(ask_for=authority.file, newest=version)) as port:
        failure = refused(await call(f"https://127.0.0.1:{port}/", ca_file=authority.file))
    words = "asks for a client certificate" if version is ssl.TLSVersion.TLSv1_3 else "refused the TLS handshake"
    assert failure.message == f'"127.0.0.1:{port}" {words}'
    assert "--cert FILE" in failure.remedy


@pytest.mark.parametrize("version", VERSIONS, ids=["1.2", "1.3"])
async def test_client_certificate_of_a_stranger(
    version: Any, authority: Any, good: Any, asking: Any, tmp_path: Path
) -> None:
    """A client certificate that the service does not know is a TLS failure that says so."""
    stranger = type(authority)(tmp_path, "stranger").issue("stranger-client")
    async with asking(good.server(ask_for=authority.file, newest=version)) as port:
        failure = refused(
            await call(f"https://127.0.0.1:{port}/", ca_file=authority.file, client_certificate=stranger.pem)
        )
    assert failure.message == f'"127.0.0.1:{port}" does not trust the client certificate'


async def test_connection_that_breaks_in_the_handshake(listen_on: Any) -> None:
    """A service that hangs up in the middle of the handshake is a TLS failure, and nothing was sent."""

    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.transport.abort()

    async with listen_on(hang_up) as port:
        failure = refused(await call(f"https://127.0.0.1:{port}/"))
    assert failure.message == f'"127.0.0.1:{port}" ended the connection inside the TLS handshake'


@pytest.mark.parametrize("form", ["pem", "pem and key", "pem and locked key", "pfx"])
async def test_client_certificate(form: str, authority: Any, good: Any, raw_server: Any) -> None:
    """A client certificate is accepted in each form in which people have one."""
    client = authority.issue("client")
    options = {
        "pem": {"client_certificate": client.pem},
        "pem and key": {"client_certificate": client.certificate, "client_key": client.key},
        "pem and locked key": {
            "client_certificate": client.certificate,
            "client_key": client.locked_key,
            "client_password": Secret(client.password),
        },
        "pfx": {"client_certificate": client.pfx, "client_password": Secret(client.password)},
    }[form]
    server = await raw_server(tls=good.server(ask_for=authority.file))
    sent = await call(server.url, ca_file=authority.file, **options)
    assert sent.reply is not None, sent.failure


async def test_plain_http_where_tls_was_meant(listen_on: Any) -> None:
    """A service that does not speak TLS is told from one that is not trusted."""

    async def bad_request(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(65536)
        writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()
        writer.close()

    async with listen_on(bad_request) as port:
        failure = refused(await call(f"https://127.0.0.1:{port}/"))
    assert failure.message == f'"127.0.0.1:{port}" does not speak TLS'


async def test_tls_where_plain_http_was_meant(good: Any, raw_server: Any) -> None:
    """A service that speaks TLS and is called without it gives a failure, not a hang."""
    server = await raw_server(tls=good.server())
    sent = await call(server.url.replace("https://", "http://"))
    assert sent.failure is not None
    assert sent.failure.kind in ("truncated", "protocol")


def wrong(authority: Any, folder: Path) -> dict[str, tuple[dict[str, Any], str]]:
    """Certificate files that cannot be used, with what the error says."""
    client = authority.issue("wrong-client")
    other = authority.issue("wrong-other")
    text = folder / "notes.txt"
    text.write_text("no certificate here\n", encoding="utf-8")
    broken = folder / "broken.pem"
    broken.write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", encoding="utf-8")
    pair = {"client_certificate": client.certificate}
    return {
        "a CA file that is not there": ({"ca_file": folder / "none.pem"}, "cannot be read: no such file"),
        "a folder": ({"ca_file": folder}, "cannot be read"),
        "a CA file that is a text": ({"ca_file": text}, "holds no certificate"),
        "a CA file that is broken": ({"ca_file": broken}, "holds no certificate"),
        "a certificate without its key": (pair, "holds no private key"),
        "a certificate with another key": ({**pair, "client_key": other.key}, "do not belong together"),
        "a key that is not there": ({**pair, "client_key": folder / "none.key"}, "cannot be read"),
        "a locked key": ({**pair, "client_key": client.locked_key}, "is encrypted"),
        "a locked key, wrong password": (
            {**pair, "client_key": client.locked_key, "client_password": Secret("wrong-password")},
            "does not open with this password",
        ),
        "a PFX without password": ({"client_certificate": client.pfx}, "needs a password"),
        "a PFX, wrong password": (
            {"client_certificate": client.pfx, "client_password": Secret("wrong-password")},
            "its password is another one",
        ),
        "a PFX that is a text": ({"client_certificate": text}, "is no PFX"),
        "a broken certificate": ({"client_certificate": broken, "client_key": client.key}, "holds no usable"),
        "a key alone": ({"client_key": client.key}, "is a key without a certificate"),
    }


async def test_unusable_files(authority: Any, tmp_path: Path) -> None:
    """Every certificate file that cannot be used is a document error that names the file and hides passwords."""
    for case, (options, words) in wrong(authority, tmp_path).items():
        with pytest.raises(DocumentError) as error:
            async with Transport(TransportOptions(**options)):
                pass
        finding = error.value.finding
        assert finding.rule == "unreadable-certificate", case
        assert words in finding.message, case
        assert "wrong-password" not in finding.message + finding.remedy, case
        assert finding.remedy, case


def test_default_is_the_clients_own() -> None:
    """Without files no certificate store is loaded a second time."""
    assert tls_context(TransportOptions()) is True
    assert tls_context(TransportOptions(verify=False)) is False


def test_no_key_stays_on_disk(authority: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The temporary file that OpenSSL needs for a PFX is gone afterwards."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    client = authority.issue("transient")
    tls_context(TransportOptions(client_certificate=client.pfx, client_password=Secret(client.password)))
    assert list(tmp_path.iterdir()) == []
