"""``gpo documents``: what answers rest on."""

from __future__ import annotations

import tempfile
import webbrowser
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn
from rich.text import Text

from gpo_client.cli.console import Screen
from gpo_client.cli.exit_codes import CommandError, usage
from gpo_client.cli.listing import Listing
from gpo_client.cli.options import Common, Connection, OnScreen, Switch, connected
from gpo_client.cli.rows import local_time
from gpo_client.exceptions import GPOClientError
from gpo_client.printable import one_line

if TYPE_CHECKING:
    from gpo_client.models.generated import Document
    from gpo_client.models.requests import DocumentSearchDict

_COLUMNS = ("Document", "Modified", "Bytes", "File", "Title")


def list_documents(*, listing: Listing = Listing(), common: Common = Common(), screen: OnScreen) -> object:
    """List the documents."""
    with connected(common, screen) as connection:
        page = connection.client.list_documents(connection.session, page_size=listing.page_size)
        return listing.rows("list_documents", _COLUMNS, iter(page), _document)


def search_documents(
    text: str,
    /,
    *,
    sort: Literal["title", "file_name", "size_bytes", "created_at", "modified_at"] | None = None,
    ascending: Switch = False,
    listing: Listing = Listing(),
    common: Common = Common(),
    screen: OnScreen,
) -> object:
    """Search documents by title, file name, tags and summary.

    Args:
        text: The text, in any case.
        sort: What to sort by. Default: when they were modified.
        ascending: The smallest, or the earliest, first.
    """
    request: DocumentSearchDict = {
        "search_text": text,
        "sort_column": sort,
        "sort_order": "Ascending" if ascending else "Descending",
        "page_size": listing.page_size,
    }
    with connected(common, screen) as connection:
        page = connection.client.search_documents(connection.session, request)
        return listing.rows("list_documents", _COLUMNS, iter(page), _document)


def download_documents(
    *documents: str, to: Path = Path(), force: Switch = False, common: Common = Common(), screen: OnScreen
) -> None:
    """Download documents. Each file appears when it is whole.

    Args:
        documents: The documents' ids.
        to: The folder to put them in, under the names that the service gives them, or the file for a single one.
        force: Replace files that exist.
    """
    if not documents:
        raise usage("name the documents to download; gpo documents list shows their ids")
    if len(documents) > 1 and not to.is_dir():
        raise usage(f"--to must be a folder for more than one document, and {to} is none")
    with connected(common, screen) as connection:
        for document in documents:
            with _progress(screen, document) as advance:
                path = _download(connection, document, to, advance, force=force)
            screen.show(Text(str(path)))


def open_document(document: str, /, *, common: Common = Common(), screen: OnScreen) -> None:
    """Open a document.

    It opens in the program that your system uses for such files, or in the one that BROWSER names.

    Args:
        document: The document's id.
    """
    # It outlives the command: whoever opens it reads it when it suits them.
    folder = Path(tempfile.mkdtemp(prefix="gpo-"))
    with connected(common, screen) as connection, _progress(screen, document) as advance:
        path = _download(connection, document, folder, advance, force=True)
    if not webbrowser.open(path.as_uri()):
        raise CommandError(f"nothing here opens it: set BROWSER to a program; the document is in {path}")
    screen.note(f"opened {path}")


def _download(
    connection: Connection, document: str, to: Path, advance: Callable[[int, int | None], None], *, force: bool
) -> Path:
    """Download beside the final place and move there: a name that the service chose must not replace a file of ours."""
    if not to.is_dir():
        _check_free(to, force=force or not (to.is_file() or to.is_symlink()))
        connection.client.download_document(connection.session, document, to, on_progress=advance)
        return to
    with _named(to), tempfile.TemporaryDirectory(prefix=".gpo-", dir=to) as temporary:
        done = connection.client.download_document(connection.session, document, temporary, on_progress=advance).path
        if done is None:
            raise AssertionError("a download into a folder has a path")
        _check_free(to / done.name, force=force)
        return done.replace(to / done.name)


@contextmanager
def _named(to: Path) -> Generator[None]:
    """Let errors of the file system name the place that was asked for, not the one beside it."""
    try:
        yield
    except GPOClientError:
        raise  # some are OSErrors too
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(to)) from error


def _check_free(path: Path, *, force: bool) -> None:
    if not force and (path.exists() or path.is_symlink()):
        raise CommandError(f"{path} exists; --force replaces it, --to chooses another place")


@contextmanager
def _progress(screen: Screen, document: str) -> Generator[Callable[[int, int | None], None]]:
    """Return a bar on a terminal, and nothing elsewhere."""
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    disable = not screen.errors.is_terminal or screen.errors.is_dumb_terminal
    bar = Progress(
        *columns, console=screen.errors, transient=True, disable=disable, redirect_stdout=False, redirect_stderr=False
    )
    with bar as progress:
        task = progress.add_task(one_line(document), total=None)
        yield lambda received, total: progress.update(task, completed=received, total=total)


def _document(item: Document) -> tuple[object, ...]:
    return item.document_id, local_time(item.modified_at), item.size_bytes, item.file_name, item.title
