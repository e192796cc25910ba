"""The clients that are measured, each behind the same few methods and each imported only where it is measured."""
