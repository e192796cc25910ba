"""The drawings of the documents: ``python -m tools.drawings --write`` (``make drawings``) makes docs/images/*.svg."""
