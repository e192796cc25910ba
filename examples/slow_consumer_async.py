"""The same as slow_consumer_sync.py with the asynchronous client, on asyncio (trio works as well)."""

import asyncio

from gpo_client import GPOCoreClient, StreamingChunk


async def work(chunk: StreamingChunk) -> None:
    """Stands for whatever takes its time: a database, a translation, a reader's eyes."""
    await asyncio.sleep(0.02)
    print(chunk.content or "", end="", flush=True)


async def main() -> None:
    """Ask, work on the answer, and show how the reading went."""
    async with GPOCoreClient() as client:
        conversation = await client.open_conversation({"instance_id": "advisory-001", "user_id": "user-1"})
        answer = conversation.stream("Which tax incentives are there for research and development?")
        async with answer.buffered(max_chunks=8, low=0.5) as stream:
            async for chunk in stream:
                await work(chunk)

    stats = stream.stats
    print(f"\n\n{stream.progress_now.chunks} chunks, at most {stats.peak} of them waiting.")
    print(f"Reading paused {stats.pauses} times, for {stats.waited:.2f} seconds in all.")


asyncio.run(main())
