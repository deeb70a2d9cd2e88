"""A postman that is a list, with the face of the real door (service.posting.PostmanDoor)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from service.posting import Delivery, PostmanError

Behaviour = Callable[[str, Sequence[str], bytes], Delivery | None]


@dataclass(frozen=True, slots=True)
class Posted:
    """A letter that was taken."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes


class ListPostman:
    """Takes every letter into `posted`; `behaviour` may answer otherwise.

    An answer "sent" or "uncertain" counts as taken, as with a server that took the letter
    and could not say so.
    """

    def __init__(self) -> None:
        self.posted: list[Posted] = []
        self.phases: list[str] = []
        self.error: PostmanError | None = None
        self.behaviour: Behaviour | None = None

    def deliver(
        self, sender: str, recipients: Sequence[str], message: bytes, phase: Callable[[str], None]
    ) -> Delivery:
        if self.error is not None:
            raise self.error
        answer = self.behaviour(sender, recipients, message) if self.behaviour else None
        delivery = answer or Delivery("sent", 250, "OK")
        reached = ("mail", "rcpt", "data", "dot")
        for name in reached if delivery.state in ("sent", "uncertain") else reached[:2]:
            self.phases.append(name)
            phase(name)
        if delivery.state in ("sent", "uncertain"):
            refused = {address for address, _, _ in delivery.refused}
            taken = tuple(r for r in recipients if r not in refused)
            self.posted.append(Posted(sender, taken, message))
        return delivery

    def close(self) -> None:
        return None
