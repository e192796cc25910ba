"""Work slowly on an answer that arrives quickly: read ahead within a bound, and let the server wait beyond it.

Asks the server that GPO_API_BASE_URL names, or a sandbox on its usual address (start one: make sandbox).
"""

import time

from gpo_client import StreamingChunk, SyncGPOCoreClient


def work(chunk: StreamingChunk) -> None:
    """Stands for whatever takes its time: a database, a translation, a reader's eyes."""
    time.sleep(0.02)
    print(chunk.content or "", end="", flush=True)


with SyncGPOCoreClient() as client:
    conversation = client.open_conversation({"instance_id": "advisory-001", "user_id": "user-1"})
    answer = conversation.stream("Which tax incentives are there for research and development?")
    with answer.buffered(max_chunks=8, low=0.5) as stream:
        for chunk in stream:
            work(chunk)

stats = stream.stats
print(f"\n\n{stream.progress_now.chunks} chunks, at most {stats.peak} of them waiting.")
print(f"Reading paused {stats.pauses} times, for {stats.waited:.2f} seconds in all.")
