"""Field encryption and keyed digests.

A ciphertext is ``key id | nonce | AEAD ciphertext``; the associated data names table, column and
row, so that a value copied to another row does not decrypt. Look-ups use HMAC-SHA256 under a key
of its own: a plain hash of a resident ID is broken in minutes (architecture.md section 5).
"""

import hashlib
import hmac
import os
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_KEY_ID_BYTES = 4
_NONCE_BYTES = 12


@dataclass(frozen=True)
class Keyring:
    """Encryption keys by id (4 ASCII characters), the one used for new values, and the look-up key.

    >>> ring = Keyring({"k001": bytes(32)}, "k001", b"x" * 32)
    >>> sealed = ring.encrypt("350699", context="households_person.id_number.1")
    >>> ring.decrypt(sealed, context="households_person.id_number.1")
    '350699'
    """

    keys: Mapping[str, bytes]
    current: str
    lookup_key: bytes

    def __post_init__(self) -> None:
        if self.current not in self.keys:
            raise ValueError(f"current key {self.current!r} is not in the keyring")
        for key_id, key in self.keys.items():
            if len(key_id.encode()) != _KEY_ID_BYTES or len(key) != 32:
                raise ValueError(f"key {key_id!r}: the id takes 4 characters, the key 32 bytes")
        if len(self.lookup_key) < 32:
            raise ValueError("the look-up key takes at least 32 bytes")

    def encrypt(self, plaintext: str, *, context: str) -> bytes:
        """Return the ciphertext of ``plaintext`` bound to ``context`` (``table.column.id``)."""
        nonce = os.urandom(_NONCE_BYTES)
        body = AESGCM(self.keys[self.current]).encrypt(nonce, plaintext.encode(), context.encode())
        return self.current.encode() + nonce + body

    def decrypt(self, ciphertext: bytes, *, context: str) -> str:
        """Return the plaintext; raises ``InvalidTag`` when ``context`` is another row's."""
        key = self.keys[ciphertext[:_KEY_ID_BYTES].decode()]
        nonce = ciphertext[_KEY_ID_BYTES : _KEY_ID_BYTES + _NONCE_BYTES]
        body = ciphertext[_KEY_ID_BYTES + _NONCE_BYTES :]
        return AESGCM(key).decrypt(nonce, body, context.encode()).decode()

    def digest(self, value: str) -> bytes:
        """Return the 32-byte keyed digest of a normalised value, for equality look-ups."""
        return hmac.new(self.lookup_key, value.encode(), hashlib.sha256).digest()
