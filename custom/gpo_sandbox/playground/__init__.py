"""The playground: a page to ask the sandbox on, in a browser.

    python -m gpo_sandbox.playground

serves the page at `/` and the sandbox's API beside it, on one port. The service behind the page uses the client and
the relay as a service of yours would; only that the GPO Core API it talks to is the sandbox in the same process.
"""

from gpo_sandbox.playground.server import playground_app, playground_server, running_playground, serve

__all__ = ["playground_app", "playground_server", "running_playground", "serve"]
