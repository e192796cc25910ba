"""The operations of the API: each function turns arguments into a :class:`~gpo_client.operations.call.Call`.

They use the generated request builders, which they import when called: a program pays for the operations it uses.
"""
