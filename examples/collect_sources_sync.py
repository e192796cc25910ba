"""Print an answer while it is written, then its sources, each once, and which passage cites which of them.

Asks the server that GPO_API_BASE_URL names, or a sandbox on its usual address (start one: make sandbox).
"""

import json

from gpo_client import SyncGPOCoreClient

with SyncGPOCoreClient() as client:
    conversation = client.open_conversation({"instance_id": "advisory-001", "user_id": "user-1"})
    with conversation.stream("Which tax incentives are there for research and development?") as stream:
        for text in stream.text():
            print(text, end="", flush=True)

result = stream.partial  # all of it, as the stream has come to its end
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
