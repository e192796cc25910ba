"""Documents as an instance has filed them: its own categories, what it does not want to be found, and their table."""

from collections.abc import Mapping
from types import MappingProxyType

import attrs
import msgspec

from gpo_sandbox.requests import DiscoverFile
from gpo_sandbox.responses import Document
from gpo_sandbox.store.database import Database
from gpo_sandbox.store.sessions import Caller


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


class _Row(Filing, kw_only=True):
    file_name: str


@attrs.frozen
class DocumentFilings:
    """The table of filings."""

    _database: Database

    def of(self, caller: Caller) -> Filings:
        """Return the filings of the caller's instance, by file name."""
        rows = self._database.rows(
            _Row,
            "SELECT file_name, category, sub_category, solution, is_shown FROM filings"
            " WHERE instance_id = :instance_id",
            instance_id=caller.instance_id,
        )
        return {row.file_name: msgspec.convert(row, Filing, from_attributes=True) for row in rows}

    def save(self, caller: Caller, wanted: DiscoverFile) -> None:
        """File a document; what is left out stays as it is."""
        self._database.execute(
            "INSERT INTO filings (instance_id, file_name, category, sub_category, solution, is_shown)"
            " VALUES (:instance_id, :file_name, :category, :sub_category, :solution, coalesce(:is_shown, 1))"
            " ON CONFLICT (instance_id, file_name) DO UPDATE SET category = coalesce(:category, category),"
            " sub_category = coalesce(:sub_category, sub_category), solution = coalesce(:solution, solution),"
            " is_shown = coalesce(:is_shown, is_shown)",
            instance_id=caller.instance_id,
            file_name=wanted.file_name,
            category=wanted.category_name,
            sub_category=wanted.sub_category_name,
            solution=wanted.solution_name,
            is_shown=wanted.is_discover_file,
        )
