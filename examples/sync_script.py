"""A script for a terminal or a scheduled job: one question, its answer on standard output, the rest on standard error.

    python examples/sync_script.py "Which withholding applies to software royalties paid abroad?" > answer.md

Asks the server that GPO_API_BASE_URL names, or a sandbox on its usual address (start one: make sandbox). The exit code
is 0 when the answer is whole, 1 when it is not, and 130 after Ctrl-C.
"""

import sys

from gpo_client import ConfigurationError, GPOClientError, StreamError, SyncGPOCoreClient
from gpo_client.models.requests import SessionContextDict
from gpo_client.observers import ResumeDetails, RetryDetails

WHO: SessionContextDict = {"instance_id": "advisory-001", "user_id": "user-1"}
QUESTION = "Which withholding applies to software royalties paid abroad?"


def note(text: str) -> None:
    """Tell whoever watches; the answer alone goes to standard output."""
    print(text, file=sys.stderr)


def retrying(details: RetryDetails) -> None:
    """Tell that a call failed and is sent again."""
    note(f"{details.operation} failed ({details.reason}), next try in {details.delay:.1f} s")


def resuming(details: ResumeDetails) -> None:
    """Tell that a stream broke and is continued."""
    note(f"continuing after {details.chunk_count} chunks")


def ask(question: str) -> None:
    """Print the answer while it is being written, and then its sources."""
    with SyncGPOCoreClient(on_retry=retrying, on_resume=resuming) as client:
        conversation = client.open_conversation(WHO, title=question[:80])
        # fallback: should the stream be lost for good, the rest is fetched in one piece.
        with conversation.stream(question, fallback=True) as stream:
            for text in stream.text():
                print(text, end="", flush=True)
        print("\n")
        for number, source in enumerate(stream.partial.numbered_sources, 1):
            print(f"[{number}] {source.title}")
        took = stream.partial.duration or 0.0
        note(f"{stream.partial.chunk_count} chunks in {took:.1f} s, message {stream.partial.message_id}")


def main() -> int:
    """Run the script; the exit code."""
    try:
        ask(" ".join(sys.argv[1:]) or QUESTION)
    except StreamError as error:
        print()  # what had arrived stands above
        note(f"incomplete: {error} (request {error.request_id})")
    except ConfigurationError as error:
        note(f"cannot start: {error}")
    except GPOClientError as error:
        note(f"no answer: {error}")
    except KeyboardInterrupt:
        note("\ncancelled")
        return 130
    else:
        return 0
    return 1


if __name__ == "__main__":
    sys.exit(main())
