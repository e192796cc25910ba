"""Where an instance has filed documents, if it differs from what the documents say themselves."""

import attrs
import msgspec

from gpo_sandbox.knowledge.filing import Filing, Filings
from gpo_sandbox.requests import DiscoverFile
from gpo_sandbox.store.database import Database


class _Row(Filing, kw_only=True):
    file_name: str


@attrs.frozen
class DocumentFilings:
    """The table of filings."""

    _database: Database

    def of(self, instance_id: str) -> Filings:
        """Return the filings of an instance by file name."""
        rows = self._database.rows(
            _Row,
            "SELECT file_name, category, sub_category, solution, is_shown FROM filings"
            " WHERE instance_id = :instance_id",
            instance_id=instance_id,
        )
        return {row.file_name: msgspec.convert(row, Filing, from_attributes=True) for row in rows}

    def save(self, instance_id: str, wanted: DiscoverFile) -> None:
        """File a document; what is left out stays as it is."""
        self._database.execute(
            "INSERT INTO filings (instance_id, file_name, category, sub_category, solution, is_shown)"
            " VALUES (:instance_id, :file_name, :category, :sub_category, :solution, coalesce(:is_shown, 1))"
            " ON CONFLICT (instance_id, file_name) DO UPDATE SET category = coalesce(:category, category),"
            " sub_category = coalesce(:sub_category, sub_category), solution = coalesce(:solution, solution),"
            " is_shown = coalesce(:is_shown, is_shown)",
            instance_id=instance_id,
            file_name=wanted.file_name,
            category=wanted.category_name,
            sub_category=wanted.sub_category_name,
            solution=wanted.solution_name,
            is_shown=wanted.is_discover_file,
        )
