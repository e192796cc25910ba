"""The operations of the contract, one function each."""
