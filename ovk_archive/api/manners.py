"""What is always sent along with a method, so that reading leaves no trace."""

from collections.abc import Mapping

#: Method, in lower case -> the parameters without which it does more than read.
ALWAYS: Mapping[str, Mapping[str, int]] = {
    # It marks the account as online unless it is asked not to, in just these words
    # (help/openvk-api.md, Newsfeed).
    "newsfeed.get": {"forGodSakePleaseDoNotReportAboutMyOnlineActivity": 1},
}


def always(method: str) -> Mapping[str, int]:
    """The parameters that go with a method; PHP does not care about its case, so neither do we."""
    return ALWAYS.get(method.lower(), {})
