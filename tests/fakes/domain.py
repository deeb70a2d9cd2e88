"""A domain that signs its mail (DKIM): a key pair of its own and the record it would show."""

from __future__ import annotations

import base64
from typing import Any

import dkim
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from parsers.dkim_proof import Key, Keys, key_name


class Domain:
    """`keys` is what a table of keys would hold for it."""

    def __init__(self, name: str, selector: str) -> None:
        pair = rsa.generate_private_key(65537, 2048)
        self.name, self.selector = name, selector
        self._private = pair.private_bytes(
            Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()
        )
        public = pair.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        self.record = b"v=DKIM1; k=rsa; p=" + base64.b64encode(public)

    @property
    def keys(self) -> Keys:
        return {key_name(self.selector, self.name): (Key(self.record),)}

    def sign(self, raw: bytes, **how: Any) -> bytes:
        """The mail with its signature on top."""
        header: bytes = dkim.sign(
            raw, self.selector.encode(), self.name.encode(), self._private, **how
        )
        return header + raw
