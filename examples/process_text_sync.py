"""Turn an answer into HTML while it is written: keywords in bold, code set apart, whatever a chunk cuts in two.

Asks the server that GPO_API_BASE_URL names, or a sandbox on its usual address (start one: make sandbox).
"""

from gpo_client import SyncGPOCoreClient
from gpo_client.streaming import Segment, code_blocks, escape_html, highlight

KEYWORDS = ["tax", "deduction", "credit", "VAT", "income", "income tax"]


def html(segment: Segment) -> str:
    """Show a piece of the answer; pieces of one code block follow each other."""
    if segment.kind == "text":
        return segment.text
    opening = f'<pre><code class="language-{segment.language or "none"}">' if segment.starts else ""
    return opening + segment.text + ("</code></pre>" if segment.ends else "")


with SyncGPOCoreClient() as client:
    conversation = client.open_conversation({"instance_id": "advisory-001", "user_id": "user-1"})
    keywords = highlight(KEYWORDS, "<strong>", "</strong>")
    with conversation.stream("How is the income of a technology company taxed?") as stream:
        for segment in stream.transform(escape_html(), keywords, code_blocks()):
            print(html(segment), end="", flush=True)
    print("\n<end of response>")
