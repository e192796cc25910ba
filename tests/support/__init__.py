"""What tests share: runtimes, servers, streams."""
