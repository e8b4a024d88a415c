"""How tests ask a server of their own: over plain HTTP."""

import ssl

#: Without it httpx reads all certificates for each client: that takes longer than most tests ask.
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
