"""Flows: what to send, when to give up, what to raise. Generators that do no I/O; drivers run them."""

from gpo_client.lazy import moved_modules

# What programs of owners of the API import: how bodies are read, and requests made, by the generated models.
moved_modules(
    __name__,
    {
        "answers": {"gpo_client.operations.call": "generated list_of page_of read_answer typed"},
        "generated": {"gpo_client.operations.generated": "model_from request_from"},
        "retry_after": {"gpo_client.flows.response": "parse_retry_after"},
        "verdicts": {"gpo_client.flows.error_mapping": "_target connection_error redirect_error status_error"},
    },
)
