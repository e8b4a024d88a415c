"""The only HTTP: the instance's API, with the token; files, without."""

from ovk_archive.answers import SignedIn
from ovk_archive.budget import Budget
from ovk_archive.client.api import Client, sign_in
from ovk_archive.client.download import Downloader
from ovk_archive.retries import Retries

__all__ = ["Budget", "Client", "Downloader", "Retries", "SignedIn", "sign_in"]
