"""What the client costs, measured beside the floor of its transport and beside other clients: ``python -m bench``."""
