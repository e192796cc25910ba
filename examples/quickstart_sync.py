"""Ask a question and print the answer as it is written, then its sources.

Asks the server that GPO_API_BASE_URL names, or a sandbox on its usual address (start one: make sandbox).
"""

from gpo_client import SyncGPOCoreClient

with SyncGPOCoreClient() as client:
    conversation = client.open_conversation({"instance_id": "advisory-001", "user_id": "user-1"})
    with conversation.stream("Which withholding applies to software royalties paid abroad?") as stream:
        for chunk in stream:
            print(chunk.content or "", end="", flush=True)
            for number, source in enumerate(chunk.sources or [], 1):
                print(f"\n[{number}] {source.title}", end="")
    print()
