"""The wrapper that every read of an encrypted field returns: closed until ``reveal()``, masked wherever it is printed."""

from __future__ import annotations

import hmac
from typing import Any, Protocol

from apps.core.errors import Unavailable
from apps.vault.errors import CannotOpen
from apps.vault.masks import DOTS


class SecretField(Protocol):
    """What a secret needs of its field."""

    @property
    def holds_words(self) -> bool:
        """Tell whether it holds free words, which whoever may see the row reads."""

    def open_value(self, row: Any, envelope: bytes) -> Any:
        """Decrypt an envelope of ``row``."""

    def seal_value(self, row: Any, plain: Any) -> bytes:
        """Encrypt a value for ``row``."""

    def mask_value(self, plain: Any) -> str:
        """Mask a value."""

    def takes(self, plain: Any) -> bool:
        """Tell whether a value is of the field's kind."""

    def encode_value(self, plain: Any) -> bytes:
        """Return a value as bytes, the same for equal values."""


class Secret:
    """One value of an encrypted field of one row, sealed or newly assigned.

    Printing shows the mask; comparing reveals in memory and takes constant time; pickling and hashing are refused.
    """

    __slots__ = ("_envelope", "_plain", "field", "row")
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, field: SecretField, row: Any, envelope: bytes | None = None, *, plain: Any = None) -> None:
        self.field = field
        self.row = row
        self._envelope = envelope
        self._plain = plain

    def reveal(self) -> Any:
        """Return the value. Only for services that have recorded a read, or that use it without showing it.

        Raises ``CannotOpen``, ``Forgotten`` or ``KeysUnavailable``.
        """
        return self._plain if self._envelope is None else self.field.open_value(self.row, self._envelope)

    reveal.alters_data = True  # type: ignore[attr-defined]  # templates refuse to call it

    @property
    def masked(self) -> str:
        """What pages show. A value that cannot be opened says so instead of failing the page."""
        try:
            return self.field.mask_value(self.reveal())
        except CannotOpen as refusal:
            return str(refusal.placeholder)
        except Unavailable:
            return DOTS

    @property
    def words(self) -> str:
        """The whole text, for pages that show the row: only where the field says that it holds words, else the mask."""
        if not self.field.holds_words:
            return self.masked
        try:
            return str(self.reveal())
        except CannotOpen as refusal:
            return str(refusal.placeholder)
        except Unavailable:
            return DOTS

    @property
    def is_sealed(self) -> bool:
        """Tell whether the value is encrypted already, rather than assigned and waiting for ``save()``."""
        return self._envelope is not None

    def envelope(self) -> bytes:
        """Return the ciphertext, sealing first what was newly assigned; the plain value is let go then."""
        if self._envelope is None:
            self._envelope, self._plain = self.field.seal_value(self.row, self._plain), None
        return self._envelope

    def belongs_to(self, field: SecretField, row: Any) -> bool:
        """Tell whether the ciphertext may stand in this field of this row as it is."""
        return self._envelope is not None and field is self.field and row == self.row

    def __bool__(self) -> bool:
        """Tell whether there is anything, without opening it."""
        return self._plain not in (None, "") if self._envelope is None else bool(self._envelope)

    def __eq__(self, other: object) -> bool:
        theirs = other.reveal() if isinstance(other, Secret) else other
        return self.field.takes(theirs) and hmac.compare_digest(
            self.field.encode_value(self.reveal()),
            self.field.encode_value(theirs),
        )

    def __str__(self) -> str:
        return self.masked

    def __format__(self, spec: str) -> str:
        return format(self.masked, spec)

    def __repr__(self) -> str:
        return f"<Secret {self.field} {DOTS}>"

    def __deepcopy__(self, memo: object) -> Secret:
        return self

    def __copy__(self) -> Secret:
        return self

    def __reduce_ex__(self, protocol: object) -> tuple[object, ...]:
        raise TypeError("secrets are not pickled")
