"""The clock of the bot: one module per timed job."""
