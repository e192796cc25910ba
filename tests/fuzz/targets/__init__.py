"""The targets, by name."""

from __future__ import annotations

from tests.fuzz.target import Target
from tests.fuzz.targets.answers import ANSWERS
from tests.fuzz.targets.decoders import CHUNKS, EVENTS
from tests.fuzz.targets.fields import FIELDS
from tests.fuzz.targets.relaying import RELAY_IDS
from tests.fuzz.targets.requests import SANDBOX_REQUESTS
from tests.fuzz.targets.settings import SETTINGS_FILES
from tests.fuzz.targets.texts import DATES, TRANSFORMS

TARGETS: dict[str, Target] = {
    target.name: target
    for target in (EVENTS, CHUNKS, SETTINGS_FILES, TRANSFORMS, DATES, FIELDS, RELAY_IDS, SANDBOX_REQUESTS, ANSWERS)
}
