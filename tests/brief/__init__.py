"""What the clients were built for: answers that stream, in the ways an application uses them."""
