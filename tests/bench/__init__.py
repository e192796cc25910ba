"""The benchmark works: nothing here asserts on time."""
