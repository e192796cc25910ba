"""What SECURITY.md promises, as far as no other folder's tests are about it."""
