"""Two contracts, compared: what has changed for clients, and whether it breaks them."""
