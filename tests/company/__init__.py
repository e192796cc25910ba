"""Networks of companies, with real parts on loopback: nginx, tinyproxy, microsocks, curl."""
