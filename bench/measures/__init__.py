"""What is measured: one module for each part. A measurement runs in a fresh process of its own."""
