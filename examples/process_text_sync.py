"""Turn an answer into HTML while it is written: keywords in bold, code set apart, whatever a chunk cuts in two.

Asks the server that GPO_API_BASE_URL names, or a sandbox on its usual address (start one: make sandbox).
"""

from gpo_client import SyncGPOCoreClient
from gpo_client.streaming import Pipeline, Segment, code_blocks, escape_html, highlight

KEYWORDS = ["tax", "deduction", "credit", "VAT", "income", "income tax"]


def html(segment: Segment) -> str:
    """A piece of the answer; pieces of one code block follow each other."""
    if segment.kind == "text":
        return segment.text
    opening = f'<pre><code class="language-{segment.language or "none"}">' if segment.starts else ""
    return opening + segment.text + ("</code></pre>" if segment.ends else "")


with SyncGPOCoreClient() as client:
    conversation = client.open_conversation({"instance_id": "advisory-001", "user_id": "user-1"})
    pipeline = Pipeline(escape_html(), highlight(KEYWORDS, "<strong>", "</strong>"), code_blocks())
    with conversation.stream("How is the income of a technology company taxed?") as stream:
        for text in stream.text():
            for segment in pipeline.feed(text):
                print(html(segment), end="", flush=True)
    for segment in pipeline.close():
        print(html(segment), end="")
    print("\n<end of response>")
