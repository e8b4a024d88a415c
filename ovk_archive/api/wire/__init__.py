"""How requests and answers travel: connections, proxies, waiting, what an answer means."""
