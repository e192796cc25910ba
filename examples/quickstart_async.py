"""The same as quickstart_sync.py with the asynchronous client, on asyncio (trio works as well)."""

import asyncio

from gpo_client import GPOCoreClient


async def main() -> None:
    """Ask a question and print the answer as it is written, then its sources."""
    async with GPOCoreClient() as client:
        conversation = await client.open_conversation({"instance_id": "advisory-001", "user_id": "user-1"})
        async with conversation.stream("Which withholding applies to software royalties paid abroad?") as stream:
            async for chunk in stream:
                print(chunk.content or "", end="", flush=True)
                for number, source in enumerate(chunk.sources or [], 1):
                    print(f"\n[{number}] {source.title}", end="")
        print()


asyncio.run(main())
