"""What tests share: worlds, servers, streams."""
