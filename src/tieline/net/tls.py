"""The TLS context of a ``Transport``: whom we trust, and the certificate that proves who we are.

Reads certificate files; everything that is wrong with one is a DocumentError ``unreadable-certificate`` that names the
file. A key never reaches the disk in clear: OpenSSL takes files only, so the key of a PFX goes through a private
temporary file that is encrypted with a random password.
"""

from __future__ import annotations

import secrets
import ssl
import tempfile
from pathlib import Path

from ..model import DocumentError, Secret
from .options import TransportOptions

PEM = b"-----BEGIN "


def tls_context(options: TransportOptions) -> ssl.SSLContext | bool:
    """What aiohttp takes as ``ssl``: True for the default, False for no check, a context when files are involved.

    Raises DocumentError ``unreadable-certificate``.
    """
    if options.ca_file is None and options.client_certificate is None:
        if options.client_key is not None:
            raise _unreadable(
                options.client_key, "is a key without a certificate", "give the certificate too: --cert FILE"
            )
        return options.verify
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    if not options.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if options.ca_file is not None:
        _trust(context, options.ca_file)
    if options.client_certificate is not None:
        _identify(context, options.client_certificate, options.client_key, options.client_password)
    return context


def _trust(context: ssl.SSLContext, file: Path) -> None:
    data = _read(file)
    try:
        if PEM in data:
            context.load_verify_locations(cafile=file)
        else:
            context.load_verify_locations(cadata=data)
    except (ssl.SSLError, ValueError) as error:
        raise _unreadable(
            file, "holds no certificate", "give a file with CA certificates in PEM or DER form"
        ) from error


def _identify(context: ssl.SSLContext, file: Path, key: Path | None, password: Secret | None) -> None:
    data = _read(file)
    if PEM in data:
        if key is not None:
            _read(key)
        _load_pem(context, file, key, password)
        return
    from cryptography.hazmat.primitives.serialization import BestAvailableEncryption

    passphrase = secrets.token_hex(32)
    pem = _pem_of_pfx(file, data, password, BestAvailableEncryption(passphrase.encode()))
    with tempfile.TemporaryDirectory(prefix="tieline-") as folder:
        copy = Path(folder) / "client.pem"
        copy.touch(mode=0o600)
        copy.write_bytes(pem)
        context.load_cert_chain(copy, password=passphrase)


def _load_pem(context: ssl.SSLContext, file: Path, key: Path | None, password: Secret | None) -> None:
    asked = False

    def answer() -> str:
        # Without this OpenSSL would ask on the terminal.
        nonlocal asked
        asked = True
        return password.reveal() if password else ""

    try:
        context.load_cert_chain(file, key, password=answer)
    except (ssl.SSLError, ValueError) as error:
        if asked:
            problem = "does not open with this password" if password else "is encrypted"
            raise _unreadable(key or file, problem, "give the key's password: --cert-password TEXT") from error
        if key is None and b"PRIVATE KEY-----" not in _read(file):
            raise _unreadable(file, "holds no private key", "give the key's file too: --cert-key FILE") from error
        words = (
            "and its key do not belong together" if "MISMATCH" in str(error) else "holds no usable certificate and key"
        )
        raise _unreadable(file, words, "give a certificate and its key in PEM form, or a PFX") from error


def _pem_of_pfx(file: Path, data: bytes, password: Secret | None, encryption: object) -> bytes:
    """Key, certificate and chain of a PFX as one PEM text, the key encrypted."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import Encoding, PrivateFormat, pkcs12

    try:
        store = pkcs12.load_pkcs12(data, password.reveal().encode() if password else None)
    except (ValueError, UnsupportedAlgorithm) as error:
        problem = "is no PFX, or its password is another one" if password else "is no PFX, or needs a password"
        raise _unreadable(file, problem, "give its password: --cert-password TEXT") from error
    if store.key is None or store.cert is None:
        raise _unreadable(file, "holds no certificate with its key", "export it again with the private key")
    certificates = (store.cert, *store.additional_certs)
    key = store.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)  # type: ignore[arg-type]
    return key + b"".join(entry.certificate.public_bytes(Encoding.PEM) for entry in certificates)


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        reason = (error.strerror or "cannot be read").lower()
        raise _unreadable(file, f"cannot be read: {reason}", "check the path") from error


def _unreadable(file: Path, problem: str, remedy: str) -> DocumentError:
    return DocumentError("unreadable-certificate", f'"{file}" {problem}', remedy=remedy)
