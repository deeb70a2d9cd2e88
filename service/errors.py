"""What goes wrong and is told to a person: a stable English code, a Chinese sentence, an exit code.

Tree: ServiceError > ConfigError (exit 2), UsageError (2), DoorShut (3), Busy (4).
"""

from __future__ import annotations

from dataclasses import dataclass

from service import words


class ServiceError(Exception):
    """Base of what the service tells a person; `facts` fill the sentence of `code`."""

    exit_code = 2

    def __init__(self, code: str, **facts: object) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts

    def __str__(self) -> str:
        return f"{self.code} {words.say('error', self.code, self.facts)}"


class UsageError(ServiceError):
    """A command was asked for something that it cannot mean."""


class DoorShut(ServiceError):
    """The mailbox, SMTP or the disk cannot be reached or refuses."""

    exit_code = 3


class Busy(ServiceError):
    """Another process is at work in this data folder."""

    exit_code = 4


class ServerError(Exception):
    """A mail server cannot be used. Base of MailboxError (service/arrivals.py) and PostmanError
    (service/posting.py): `code` is stable, `detail` is what the server or the network said,
    never a password."""

    code = ""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail

    def __str__(self) -> str:
        return f"{self.code} {self.detail}"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in a file: which file, which line or key, what was expected."""

    file: str
    where: str
    said: str

    def __str__(self) -> str:
        return (
            f"{self.file}：{self.where}：{self.said}" if self.where else f"{self.file}：{self.said}"
        )


class ConfigError(ServiceError):
    """Settings or a campaign folder are wrong; all problems found are listed."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("CONFIG_WRONG")
        self.problems = problems

    def __str__(self) -> str:
        lines = "\n".join(f"  {p}" for p in self.problems)
        return f"{self.code} {words.say('error', self.code)}\n{lines}"
