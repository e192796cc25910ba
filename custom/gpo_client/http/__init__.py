"""HTTP/1.1 as our clients need it: connections of our own, or a client that the user gives, behind one small port."""
