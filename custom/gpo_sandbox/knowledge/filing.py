"""Documents as an instance has filed them: its own categories, and what it does not want to be found."""

from collections.abc import Mapping
from types import MappingProxyType

import msgspec

from gpo_sandbox.responses import Document


class Filing(msgspec.Struct, kw_only=True):
    """What an instance says about a file; None where it says nothing."""

    category: str | None = None
    sub_category: str | None = None
    solution: str | None = None
    is_shown: bool = True

    def applied(self, document: Document) -> Document:
        """Return a document as it is filed."""
        return msgspec.structs.replace(
            document,
            category=self.category or document.category,
            sub_category=self.sub_category or document.sub_category,
            solution=self.solution or document.solution,
        )


#: Filings by file name.
Filings = Mapping[str, Filing]
#: Of an instance that has filed nothing.
NOTHING_FILED: Filings = MappingProxyType({})


def filed(document: Document, filings: Filings) -> Document:
    """Return a document as an instance has it."""
    filing = filings.get(document.file_name)
    return filing.applied(document) if filing else document


def shown(document: Document, filings: Filings) -> bool:
    """Tell whether an instance wants a document to be found."""
    filing = filings.get(document.file_name)
    return filing is None or filing.is_shown
