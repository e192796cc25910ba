"""The machines that read streams, and the small readers of headers, dates and secrets."""
