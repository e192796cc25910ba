"""HTTP/1.1 messages without I/O: the bytes of a request, and answers taken apart as their bytes come."""
