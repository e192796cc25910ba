"""The targets, by name."""

from __future__ import annotations

from tests.fuzz.target import Target
from tests.fuzz.targets.answers import ANSWERS
from tests.fuzz.targets.decoders import CHUNKS, EVENTS, FIELDS
from tests.fuzz.targets.requests import SANDBOX_REQUESTS
from tests.fuzz.targets.texts import DATES, RELAY_IDS, SETTINGS_FILES, TRANSFORMS

TARGETS: dict[str, Target] = {
    target.name: target
    for target in (EVENTS, CHUNKS, SETTINGS_FILES, TRANSFORMS, DATES, FIELDS, RELAY_IDS, SANDBOX_REQUESTS, ANSWERS)
}
