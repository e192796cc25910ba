"""Many questions at once, each answer as soon as it is there. For files of questions there is `gpo batch`.

    python examples/async_batch.py

Asks the server that GPO_API_BASE_URL names, or a sandbox on its usual address (start one: make sandbox).
"""

import asyncio

from gpo_client import GPOCoreClient

QUESTIONS = (
    "Which tax regimes can a technology company choose in Mexico?",
    "What is RESICO?",
    "Which withholding applies to software royalties paid abroad?",
    "When does a foreign company have a permanent establishment in Mexico?",
    "What VAT rate do exported services have?",
    "How are employee stock options taxed?",
)


async def main() -> None:
    """Ask all questions, and print the answers."""
    async with GPOCoreClient() as client:
        async for result in client.batch(QUESTIONS, {"instance_id": "advisory-001", "user_id": "user-1"}):
            print(result.question, result.text if result.ok else result.error, sep="\n", end="\n\n")


asyncio.run(main())
