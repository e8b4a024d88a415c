"""How requests and answers travel: connections, proxies, what an answer means, what hides secrets."""
