"""The same as collect_sources_sync.py with the asynchronous client, on asyncio (trio works as well)."""

import asyncio
import json

from gpo_client import GPOCoreClient, StreamedResponse


async def ask(question: str) -> StreamedResponse:
    """Print the answer while it is written. Returns it as a whole."""
    async with GPOCoreClient() as client:
        conversation = await client.open_conversation({"instance_id": "advisory-001", "user_id": "user-1"})
        async with conversation.stream(question) as stream:
            async for text in stream.text():
                print(text, end="", flush=True)
        return stream.partial  # all of it, as the stream has come to its end


async def main() -> None:
    """Ask, then show the sources and who cites them."""
    result = await ask("Which tax incentives are there for research and development?")
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


asyncio.run(main())
