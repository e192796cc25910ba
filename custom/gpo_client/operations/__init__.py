"""The operations of the API: each function turns arguments into a :class:`~gpo_client.operations.call.Call`.

They use the generated request builders, which they import when called: a program pays for the operations it uses.
"""

from gpo_client.lazy import moved_modules

# docs/regenerate.md showed it to owners of the API.
moved_modules(__name__, {"responses": {"gpo_client.operations.call": "generated list_of page_of read_answer typed"}})
