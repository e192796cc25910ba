"""The same as process_text_sync.py with the asynchronous client, on asyncio (trio works as well)."""

import asyncio

from gpo_client import GPOCoreClient
from gpo_client.streaming import Segment, code_blocks, escape_html, highlight

KEYWORDS = ["tax", "deduction", "credit", "VAT", "income", "income tax"]


def html(segment: Segment) -> str:
    """Show a piece of the answer; pieces of one code block follow each other."""
    if segment.kind == "text":
        return segment.text
    opening = f'<pre><code class="language-{segment.language or "none"}">' if segment.starts else ""
    return opening + segment.text + ("</code></pre>" if segment.ends else "")


async def main() -> None:
    """Ask a question and print the answer as HTML."""
    async with GPOCoreClient() as client:
        conversation = await client.open_conversation({"instance_id": "advisory-001", "user_id": "user-1"})
        keywords = highlight(KEYWORDS, "<strong>", "</strong>")
        async with conversation.stream("How is the income of a technology company taxed?") as stream:
            async for segment in stream.transform(escape_html(), keywords, code_blocks()):
                print(html(segment), end="", flush=True)
        print("\n<end of response>")


asyncio.run(main())
