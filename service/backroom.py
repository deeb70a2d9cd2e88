"""What works on kept mail alone (后台): the machine without its doors to the network."""

from __future__ import annotations

from dataclasses import dataclass

from service.archive import Archive
from service.clock import Clock
from service.intake import Intake
from service.settings import Settings
from service.store import Store
from service.types import Campaign
from service.workers import Workers


@dataclass(frozen=True, slots=True)
class Backroom:
    """For import, replay and forget; made by service/assembly.py."""

    settings: Settings
    campaigns: tuple[Campaign, ...]
    store: Store
    archive: Archive
    workers: Workers
    intake: Intake
    clock: Clock
