"""The same as process_text_sync.py with the asynchronous client, on asyncio (trio works as well)."""

import asyncio

from gpo_client import GPOCoreClient
from gpo_client.streaming import Pipeline, Segment, code_blocks, escape_html, highlight

KEYWORDS = ["tax", "deduction", "credit", "VAT", "income", "income tax"]


def html(segment: Segment) -> str:
    """A piece of the answer; pieces of one code block follow each other."""
    if segment.kind == "text":
        return segment.text
    opening = f'<pre><code class="language-{segment.language or "none"}">' if segment.starts else ""
    return opening + segment.text + ("</code></pre>" if segment.ends else "")


async def main() -> None:
    """Ask a question and print the answer as HTML."""
    async with GPOCoreClient() as client:
        conversation = await client.open_conversation({"instance_id": "advisory-001", "user_id": "user-1"})
        pipeline = Pipeline(escape_html(), highlight(KEYWORDS, "<strong>", "</strong>"), code_blocks())
        async with conversation.stream("How is the income of a technology company taxed?") as stream:
            async for text in stream.text():
                for segment in pipeline.feed(text):
                    print(html(segment), end="", flush=True)
        for segment in pipeline.close():
            print(html(segment), end="")
        print("\n<end of response>")


asyncio.run(main())
