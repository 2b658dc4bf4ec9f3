"""Identifiers and tokens in the form the real server gives them."""

import random
import string

# Meteor's unmistakable characters.
ID_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTWXYZabcdefghijkmnopqrstuvwxyz"
ID_LENGTH = 17
TOKEN_ALPHABET = string.ascii_letters + string.digits + "-_"
TOKEN_LENGTH = 43


class Ids:
    """Gives out identifiers; the same seed gives the same ones in the same order."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng

    def new(self) -> str:
        """Return an identifier for a document: 17 characters."""
        return "".join(self._rng.choices(ID_ALPHABET, k=ID_LENGTH))

    def token(self) -> str:
        """Return a login or personal access token: 43 characters."""
        return "".join(self._rng.choices(TOKEN_ALPHABET, k=TOKEN_LENGTH))
