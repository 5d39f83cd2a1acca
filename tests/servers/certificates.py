"""Certificates for loopback, made for the test at hand."""

from __future__ import annotations

import datetime
import ipaddress
import ssl
from pathlib import Path

import pytest


class Authority:
    """A certificate authority that nobody knows; ``path`` is its certificate as PEM."""

    def __init__(self, folder: Path) -> None:
        pytest.importorskip("cryptography", reason="makes the test certificates")
        from cryptography.hazmat.primitives.asymmetric import ec

        self.folder, self.path = folder, folder / "ca.pem"
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = self._named("Invented Test CA")
        made = self._sign(self._name, self._key.public_key(), days=(-1, 30), ca=True)
        self.path.write_bytes(made)

    def server(self, host: str = "127.0.0.1", days: tuple[int, int] = (-1, 30)) -> ssl.SSLContext:
        """A server's TLS side for ``host``, valid from and to so many days from now."""
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric import ec

        key = ec.generate_private_key(ec.SECP256R1())
        file = self.folder / f"{host}{days[1]}.pem"
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        file.write_bytes(private + self._sign(self._named(host), key.public_key(), days=days, host=host))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context

    @staticmethod
    def _named(name: str):  # type: ignore[no-untyped-def]
        from cryptography import x509

        return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])

    def _sign(self, subject, public, *, days: tuple[int, int], ca: bool = False, host: str = "") -> bytes:  # type: ignore[no-untyped-def]
        from cryptography import x509
        from cryptography.hazmat.primitives import hashes, serialization

        now = datetime.datetime.now(datetime.UTC)
        made = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now + datetime.timedelta(days=days[0]))
            .not_valid_after(now + datetime.timedelta(days=days[1]))
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        )
        if host:
            try:
                name: x509.GeneralName = x509.IPAddress(ipaddress.ip_address(host))
            except ValueError:
                name = x509.DNSName(host)
            made = made.add_extension(x509.SubjectAlternativeName([name]), critical=False)
        return made.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
