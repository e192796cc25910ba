"""Print an answer while it is written, then its sources, each once, and which passage cites which of them.

Asks the server that GPO_API_BASE_URL names, or a sandbox on its usual address (start one: make sandbox).
"""

import json

from gpo_client import ChunkAggregator, SyncGPOCoreClient

with SyncGPOCoreClient() as client:
    conversation = client.open_conversation({"instance_id": "advisory-001", "user_id": "user-1"})
    answer = ChunkAggregator()
    with conversation.stream("Which tax incentives are there for research and development?") as stream:
        for chunk in stream:
            answer.add(chunk)
            print(chunk.content or "", end="", flush=True)

result = answer.result()
print("\n\nSources, most relevant first:")
for source in result.sources:
    print(f"- {source.title} (relevance {source.relevance_score})")
    if source.content_excerpt:
        print(f"  {source.content_excerpt}")
print("\nCitations:")
for citation in result.citations():
    passage = result.content[max(citation.start - 40, 0) : citation.start].strip()
    print(f"[{citation.number}] …{passage} -> {citation.source.title}")
sources = [{"title": source.title, "relevance": source.relevance_score} for source in result.sources]
print("\nAs JSON:", json.dumps({"content": result.content, "sources": sources}))
