"""HTML where JSON was expected: pages of real servers, cut to what matters."""

CRASH = b"""<!DOCTYPE html><!-- "' --></textarea></script></style></pre></xmp></a></audio></button>
<meta charset="utf-8">
<meta name=robots content=noindex>
<meta name=generator content="Tracy">
<title>Server Error</title>
<div id=tracy-error>
\t<div>
\t\t<h1>Server Error</h1>
\t\t<p>We're sorry! The server encountered an internal error and
\t\twas unable to complete your request. Please try again later.</p>
\t\t<p><small>error 500</small></p>
\t</div>
</div>
"""

BAD_GATEWAY = b"""<html>
<head><title>502 Bad Gateway</title></head>
<body>
<center><h1>502 Bad Gateway</h1></center>
<hr><center>nginx/1.22.1</center>
</body>
</html>
"""

UPDATING = b"""<!DOCTYPE html>
<html><head><title>OpenVK</title></head><body><h1>OpenVK is updating</h1></body></html>
"""

ROOT = """<!DOCTYPE html>
<html>
    <head>
        <title>
            Добро пожаловать - OpenVK
        </title>
    </head>
    <body><p>Это игрушечный экземпляр для ovk-archive.</p></body>
</html>
""".encode()

MISSING_FILE = b"""<!DOCTYPE html>
<html><head><title>An error occurred - OpenVK</title></head><body><main>404</main></body></html>
"""

NO_ROUTE = "HTTP Error 404.0 - Not Found"
NO_DATABASE = "HTTP Error 503.0 - Service Temporarily Unavailable"


def chandler(title: str, words: str) -> bytes:
    """Write an error page of the framework below OpenVK."""
    return f"""<?xml version="1.0" encoding="UTF-8" ?>
<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.1//EN" "http://www.w3.org/TR/xhtml11/DTD/xhtml11.dtd">
<html xmlns="http://www.w3.org/1999/xhtml" xml:lang="en">
<body>
    <div id="header"><h1>Server error</h1></div>
    <fieldset>
        <legend>Error summary</legend>
        <h2>{title}</h2>
        <h3>{words}</h3>
    </fieldset>
</body>
</html>
""".encode()
