"""The short answers people give to what they are asked, in every language the bot speaks."""

from collections.abc import Mapping

ANSWERS: Mapping[str, frozenset[str]] = {
    "yes": frozenset({"yes", "y", "yep", "yeah", "ok", "okay", "sim", "s"}),
    "no": frozenset({"no", "n", "nope", "cancel", "stop", "nao", "não", "cancelar"}),
    "go": frozenset({"go", "ir", "vamos"}),
    "skip": frozenset({"skip", "pular"}),
    "back": frozenset({"back", "voltar"}),
    "cancel": frozenset({"cancel", "stop", "cancelar", "parar"}),
    "new": frozenset({"new", "novo", "nova"}),
}
"""What an answer is called in the texts → what is taken for it, in small letters.

A translation of its name is shown if it is one of these.
"""
