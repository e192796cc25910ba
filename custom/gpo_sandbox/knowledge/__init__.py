"""What the sandbox knows: the documents, finding passages in them, and answers made of those."""
